import { describe, expect, it } from "vitest";
import { RESNET18, RESNET20, resnet } from "#spikevine/examples/bio-adam/resnet";

describe("resnet", () => {
  // The numbers of the usual implementations for CIFAR-10, with convolutions of one pixel as shortcuts.
  it.each([
    ["ResNet20", RESNET20, 272_474, 64],
    ["ResNet18", RESNET18, 11_173_962, 512],
  ])("%s has as many trained values as elsewhere", (_, size, values, last) => {
    const { parameters } = resnet(size, [3, 32, 32], 1);
    const trained = [...parameters.values()].filter(({ isStatistic }) => !isStatistic);
    expect(trained.reduce((sum, { data }) => sum + data.length, 0)).toBe(values);
    expect([...parameters].at(-2)![1].data.length).toBe(10 * last);
  });
});
