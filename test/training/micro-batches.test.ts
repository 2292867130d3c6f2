import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { direct } from "#spikevine/encoders/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import {
  batchNorm,
  convolution,
  crossEntropy,
  dataset,
  dense,
  grapes,
  l2Penalty,
  lif,
  meanSquaredError,
  neighborhoodAggregation,
  network,
  type Reduction,
  rate,
  rateBounds,
  sgd,
  snu,
  spikeDataset,
  spikeRate,
  type TrainingOptions,
  train,
} from "#spikevine/src/index";
import { numbers } from "../device/conformance/case.js";
import { onePart } from "../exhaustive.js";

const [SAMPLES, INPUTS, STEPS] = [7, 6, 5];
const labels = [0, 1, 2, 1, 0, 2, 2];
const images = dataset({ images: numbers(SAMPLES * INPUTS, 5, "images", 0, 1), labels });
const spikes = spikeDataset({
  spikes: Uint8Array.from({ length: SAMPLES * STEPS * INPUTS }, (_, i) => ((i * 7919 + (i >> 3)) % 5 < 2 ? 1 : 0)),
  inputs: INPUTS,
  labels,
});

const recurrent = (encoder = rate({ maxRate: 0.8 })) =>
  network({
    inputs: INPUTS,
    encoder,
    steps: STEPS,
    readout: spikeRate(),
    seed: 3,
    layers: [
      dense(9, snu({ threshold: 0.3 }), { recurrent: true, dropout: 0.2, bias: true }),
      dense(8, snu({ threshold: 0.2 }), { trainable: { threshold: "unit" } }),
      dense(3, snu({ threshold: 0.2 }), { bias: true }),
    ],
  });
const space = () =>
  network({
    inputs: [1, 2, 3],
    encoder: rate({ maxRate: 0.8 }),
    steps: STEPS,
    seed: 4,
    layers: [convolution(4, 2, snu({ threshold: 0.2 })), dense(3, snu({ threshold: 0.1 }))],
  });

type Case = readonly [title: string, make: () => ReturnType<typeof recurrent>, options: Partial<TrainingOptions>];
const cases: readonly Case[] = [
  ...(["mean", "batch", "sum"] satisfies Reduction[]).map(
    (reduction): Case => [`reduction ${reduction}`, () => recurrent(), { reduction, loss: meanSquaredError() }],
  ),
  [
    "terms that add up",
    () => recurrent(),
    { loss: [crossEntropy(), rateBounds({ upper: 0.1 }), l2Penalty({ weight: 0.1 })] },
  ],
  ["a clipped gradient and truncation", () => recurrent(), { maxGradNorm: 0.1, truncationSteps: 2 }],
  [
    "grapes and frozen arrays",
    () => recurrent(),
    { optimizer: [grapes(), sgd({ learningRate: 1 })], frozen: ["layer2.weights"] },
  ],
  ["spike trains", () => recurrent(direct()), { data: spikes }],
  ["a convolution", space, {}],
  ["effects of flipped spikes", space, { spikeGradient: neighborhoodAggregation() }],
];

const DEVICES = ["reference", "simd", "gpujs:cpu"];

describe.each(DEVICES)("micro-batches on %s give the update of the whole batch", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = (await openDevice(name)).device;
  });
  afterAll(() => device.dispose());

  it.each(onePart(cases, DEVICES.indexOf(name), DEVICES.length))("%s", async (_, make, options) => {
    const [whole, divided] = [make(), make()];
    const before = new Map([...whole.parameters].map(([array, { data }]) => [array, data.slice()]));
    const common = {
      data: images,
      epochs: 1,
      batchSize: SAMPLES,
      optimizer: sgd({ learningRate: 1 }),
      device,
      ...options,
    };
    const expected = await train(whole, common);
    // 3, 3 and 1 samples.
    const found = await train(divided, { ...common, microBatchSize: 3 });
    expect(found.updates).toBe(1);
    expect(found.final!.accuracy).toBe(expected.final!.accuracy);
    expect(found.final!.loss).toBeCloseTo(expected.final!.loss, 5);
    expect(Object.keys(found.final!.terms ?? {})).toEqual(Object.keys(expected.final!.terms ?? {}));
    const changes = [...whole.parameters].map(([array, { data }]) =>
      data.map((value, i) => value - before.get(array)![i]!),
    );
    const largest = Math.max(...changes.flatMap((change) => [...change].map(Math.abs)));
    expect(largest).toBeGreaterThan(1e-3);
    for (const [array, { data }] of whole.parameters) {
      const other = divided.parameters.get(array)!.data;
      const error = Math.max(...data.map((value, i) => Math.abs(value - other[i]!)));
      expect(error, array).toBeLessThanOrEqual(1e-6 * Math.max(1, largest));
    }
  });
});

it("take the memory of one micro-batch", async () => {
  const memory = async (microBatchSize: number): Promise<number> => {
    let bytes = 0;
    const layers = [dense(32, lif()), dense(3, lif())];
    const net = network({ inputs: INPUTS, encoder: rate(), steps: 150, layers });
    const stop = new AbortController();
    const onBegin = (start: { memoryBytes: number }): void => {
      bytes = start.memoryBytes;
      stop.abort();
    };
    const many = dataset({ images: new Float32Array(32 * INPUTS), labels: new Uint8Array(32), classes: 3 });
    const options = { data: many, epochs: 1, optimizer: sgd(), batchSize: 32, microBatchSize, onBegin };
    await train(net, { ...options, device: "simd", threads: 1, signal: stop.signal, onZeroGradient: "continue" });
    return bytes;
  };
  const [whole, divided] = [await memory(32), await memory(2)];
  expect(divided).toBeLessThan(whole / 6);
});

describe("micro-batches are refused", () => {
  const common = { data: images, epochs: 1, optimizer: sgd(), device: "reference" } as const;

  it("if they are larger than the batch", async () => {
    await expect(train(recurrent(), { ...common, batchSize: 4, microBatchSize: 5 })).rejects.toThrow(
      "train: microBatchSize is 5, more than the batchSize 4; give at most 4, or leave it out.",
    );
    await expect(train(recurrent(), { ...common, microBatchSize: 0 })).rejects.toThrow("microBatchSize is 0");
  });

  it("where something is computed over all samples of a batch", async () => {
    const layers = [convolution(2, 2), batchNorm(), lif(), dense(3, lif())];
    const normalized = network({ inputs: [1, 2, 3], encoder: rate(), steps: STEPS, layers });
    await expect(train(normalized, { ...common, microBatchSize: 2 })).rejects.toThrow(
      "train: microBatchSize is 2, but layer2 normalizes by the statistics of the whole batch; leave microBatchSize out, or give batchSize: 2.",
    );
    const spikeGradient = neighborhoodAggregation({ rescaled: true });
    await expect(train(space(), { ...common, microBatchSize: 2, spikeGradient })).rejects.toThrow(
      "spikeGradient is rescaled by the mean over the whole batch",
    );
  });
});
