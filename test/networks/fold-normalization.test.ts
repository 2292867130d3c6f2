import { expect, it } from "vitest";
import { constantCurrent } from "#spikevine/encoders/index";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  foldNormalization,
  lastOutput,
  maxPool,
  network,
  residual,
} from "#spikevine/networks/index";
import { relu, tanh } from "#spikevine/neurons/index";
import { record } from "#spikevine/src/training/index";
import { uniforms } from "../training/tape/random-network.js";

it("weights and biases take normalizations, in branches too, and outputs agree", async () => {
  const net = network({
    inputs: [2, 6, 6],
    encoder: constantCurrent(),
    steps: 1,
    readout: lastOutput(),
    layers: [
      convolution(4, 3, { padding: 1 }),
      batchNorm({ epsilon: 0.01 }),
      tanh(),
      residual(
        [convolution(6, 3, { padding: 1, stride: 2, bias: true }), batchNorm(), relu(), convolution(6, 1)],
        [convolution(6, 1, { stride: 2 }), batchNorm()],
      ),
      averagePool(3),
      dense(5),
      batchNorm(),
    ],
  });
  const uniform = uniforms(5);
  for (const [name, { data }] of net.parameters) {
    const isPositive = name.endsWith("variance");
    for (let i = 0; i < data.length; i++) data[i] = isPositive ? 0.2 + uniform() : 2 * uniform() - 1;
  }
  const folded = foldNormalization(net);
  expect(folded.nodes.some(({ kind }) => kind === "normalize")).toBe(false);
  expect([...folded.parameters.keys()]).toEqual([
    "layer1.weights",
    "layer1.bias",
    "layer3_1.weights",
    "layer3_1.bias",
    "layer3_3.weights",
    "layer3_shortcut1.weights",
    "layer3_shortcut1.bias",
    "layer5.weights",
    "layer5.bias",
  ]);
  const images = Float32Array.from({ length: 3 * net.inputs }, uniform);
  const before = await record(net, images, { device: "reference" });
  const after = await record(folded, images, { device: "reference" });
  const largest = before.readout.reduce((a, y) => Math.max(a, Math.abs(y)), 0);
  expect(largest).toBeGreaterThan(0.1);
  before.readout.forEach((y, i) => {
    expect(Math.abs(after.readout[i]! - y)).toBeLessThan(1e-5 * largest);
  });
});

it("a normalization without a map before it is refused by name", () => {
  const net = network({
    inputs: [1, 6, 6],
    encoder: constantCurrent(),
    steps: 1,
    layers: [convolution(4, 3), residual([maxPool(1), batchNorm()]), relu()],
  });
  expect(() => foldNormalization(net)).toThrow(
    "foldNormalization: layer2_2 does not follow a dense layer or a convolution without neurons, whose weights could take it; leave the network as it is.",
  );
});
