import { beforeAll, describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { lif, relu, snu } from "#spikevine/neurons/index";
import { adam, grapes, sgd } from "#spikevine/plasticity/index";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { train } from "#spikevine/src/training/index";
import { stripes } from "./stripes.js";

let device: Device;
beforeAll(async () => {
  device = await referenceDevice({ precision: "single" });
});

const fixed = { trainable: { threshold: "fixed" } } as const;
const tiny = () => 1e-3;

/** Weights so small that no hidden unit fires: the second layer gets no input, and the first gets no error. */
const silent = (size: () => number = tiny) =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 6,
    layers: [dense(8, snu(), { ...fixed, initializer: size }), dense(3, snu(), { ...fixed, initializer: size })],
  });

const options = { data: stripes(24), epochs: 2, batchSize: 8, optimizer: sgd() };

describe("layers whose gradients are exactly 0", () => {
  it("stop a training after a whole epoch; the error names them and suggests a fix", async () => {
    await expect(train(silent(), { ...options, device })).rejects.toThrow(
      /^train: every gradient of layer1, layer2 was exactly 0 in all of epoch 1.*onZeroGradient: "continue"\.$/,
    );
    await expect(
      train(silent(), { ...options, optimizer: [grapes(), adam()], maxGradNorm: 1, device }),
    ).rejects.toThrow(/layer1, layer2/);
  });

  it("are detected on the fast device too", async () => {
    await expect(train(silent(), { ...options, device: "simd", threads: 1 })).rejects.toThrow(
      /layer1, layer2 was exactly 0/,
    );
  });

  it("are accepted on request", async () => {
    const { stopped, updates } = await train(silent(), { ...options, device, onZeroGradient: "continue" });
    expect([stopped, updates]).toEqual(["finished", 6]);
  });

  it("are reported after the first batch, if there is an `onWarning`", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    await train(silent(), { ...options, epochs: 1, device, onZeroGradient: "continue", onWarning });
    expect(warnings[0]).toMatch(/^as training begins, layer1 is silent \(8 of 8 units never fire\)/);
    expect(warnings[1]).toMatch(/^every gradient of layer1, layer2 is exactly 0 in the first batch of epoch 1/);
    expect(warnings[2]).toMatch(/^as training ends, layer1 is silent/);
    expect(warnings[3]).toMatch(/^the accuracy cannot be told from chance/);
    expect(warnings).toHaveLength(4);
  });

  it("one gradient that is not 0 is enough", async () => {
    // Thresholds of the output are trained and have the surrogate's derivative for any input.
    const net = network({
      inputs: 12,
      encoder: rate({ maxRate: 1 }),
      steps: 6,
      layers: [dense(3, snu(), { initializer: tiny })],
    });
    expect((await train(net, { ...options, device })).stopped).toBe("finished");
  });

  it("an invalid choice is refused", async () => {
    const wrong = { ...options, device, onZeroGradient: "stopp" as "stop" };
    await expect(train(silent(), wrong)).rejects.toThrow(/onZeroGradient.*"stopp".*"stop"/);
  });
});

it("a network with the defaults gives no warning", async () => {
  for (const neuron of [snu(), lif()]) {
    const warnings: string[] = [];
    const net = network({
      inputs: 12,
      encoder: rate(),
      steps: 20,
      layers: [dense(32, neuron), dense(32, neuron), dense(32, neuron), dense(3, neuron)],
    });
    await train(net, { ...options, optimizer: adam(), device, onWarning: (message) => void warnings.push(message) });
    expect(warnings).toEqual([]);
  }
});

it("ordinary units are checked as well", async () => {
  const net = network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 1,
    layers: [dense(4, relu(), { initializer: () => 1e-3 }), dense(3, relu())],
  });
  net.parameters.get("layer1.weights")!.data.fill(-1);
  await expect(train(net, { ...options, device })).rejects.toThrow(/every gradient of layer1, layer2 was exactly 0/);
});
