import { evaluate, makeDigits, type Network, train } from "spikevine";
import { describe, expect, it } from "vitest";
import { averages, csnn, softUnits, tutorial } from "#spikevine/examples/convolutional-protocols";

const trained = ({ parameters }: Network): number =>
  [...parameters.values()].reduce((sum, { data, isStatistic }) => sum + (isStatistic ? 0 : data.length), 0);

describe("convolutional networks of examples", { timeout: 60_000 }, () => {
  it("have as many trained values as their sources", () => {
    expect(trained(tutorial.build(1))).toBe(29_826);
    expect(trained(csnn(128).build(1))).toBe(13_014_656);
    // 15 and 40 channels with windows of 5 x 5, and biases of the dense layers only.
    const maps = 25 * 15 + 25 * 15 * 40 + 640 * 300 + 300 * 10;
    expect(trained(averages.build(1)) - maps).toBeLessThanOrEqual(15 + 40 + 300 + 10);
  });

  it.each([
    ["soft units", softUnits, 32],
    ["csnn", csnn(8), 128],
  ])("%s learn, with figures of the test at another number of steps", async (_, { build, training }, count) => {
    const { train: data, test } = makeDigits({ train: count, test: 10 });
    const net = build(1);
    const { epochs } = await train(net, { ...training, data, epochs: 3, batchSize: 16, threads: 1 });
    expect(epochs[2]!.loss).toBeLessThan(0.95 * epochs[0]!.loss);
    expect((await evaluate(net, test, { steps: 2 * net.steps, threads: 1 })).steps).toBe(2 * net.steps);
  });
});
