import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  flatten,
  maxPool,
  network,
  neuronLayer,
  residual,
  scale,
  sumPool,
} from "#spikevine/networks/index";
import { lif, relu, snu } from "#spikevine/neurons/index";
import { buildModel, describeModel, loadModel, saveModel } from "#spikevine/src/model/index";
import { record } from "#spikevine/src/training/index";

const net = () =>
  network({
    inputs: [2, 9, 8],
    encoder: rate(),
    steps: 4,
    layers: [
      convolution(4, [3, 2], { padding: [1, 0], bias: true, groups: 2, dilation: [1, 2] }),
      maxPool(2, { stride: 1 }),
      neuronLayer(snu(), { trainable: { threshold: "unit", decay: "layer" } }),
      residual(
        [convolution(4, 3, lif(), { padding: 1 }), batchNorm({ momentum: 0.3 }), residual(relu(), scale(0.5))],
        [convolution(4, 1)],
      ),
      averagePool(2),
      sumPool(2, { padding: 1 }),
      flatten(),
      dense(6, snu(), { recurrent: true }),
      dense(3),
    ],
  });

it("a network with space opens again to the same bits", async () => {
  const saved = net();
  for (const { data } of saved.parameters.values())
    data.forEach((value, i) => {
      data[i] = value + ((i * 7) % 11) / 100;
    });
  const path = join(await mkdtemp(join(tmpdir(), "spikevine-space-")), "model.safetensors");
  await saveModel(path, saved);
  const opened = await loadModel(path);
  expect([...opened.parameters].map(([name, { data }]) => [name, data])).toEqual(
    [...saved.parameters].map(([name, { data }]) => [name, data]),
  );
  const images = Float32Array.from({ length: 2 * saved.inputs }, (_, i) => (i % 10) / 10);
  const [one, other] = [
    await record(saved, images, { device: "reference" }),
    await record(opened, images, { device: "reference" }),
  ];
  expect(one.layers.map(({ output }) => output)).toEqual(other.layers.map(({ output }) => output));
  expect(one.readout).toEqual(other.readout);
});

it("descriptions of broken networks are refused in words", () => {
  const described = JSON.parse(JSON.stringify(describeModel(net(), "1.0.0")));
  expect(() => buildModel({ ...described, inputs: [2, 2, 2] })).toThrow(/layer1: a window of/);
  described.layers[2].neuron = 9;
  expect(() => buildModel(described)).toThrow(/layer 3 uses neuron 9, but the file has/);
});
