import { describe, expect, test } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { arctan, relu, snu } from "#spikevine/neurons/index";
import { dataset } from "#spikevine/src/data/dataset";
import { defineNeuron, type NeuronDefinition } from "#spikevine/src/equations/definitions/neuron";
import {
  diagnoseActivity,
  diagnoseProgress,
  type LayerActivity,
  measureActivity,
  record,
} from "#spikevine/src/training/index";

const data = dataset({ images: new Float32Array(6 * 3).fill(1), labels: [0, 1, 0, 1, 0, 1] });

/** A neuron that fires where its only state, which follows this equation, is 1. */
const firing = (name: string, state: string): NeuronDefinition =>
  defineNeuron({
    name,
    summary: "fires whatever its input",
    source: "test",
    states: { s: { summary: "1 where it fires" } },
    update: { s: `${state} + 0 * I` },
    spike: "s - 0.5",
    surrogate: arctan(),
  });
const everyOther = firing("everyOther", "1 - s");
const always = firing("always", "1");

test("counts the spikes of every spiking layer of the first samples", async () => {
  const net = network({
    inputs: 3,
    encoder: constantCurrent(),
    steps: 5,
    layers: [dense(4, everyOther), dense(3, always), dense(5, relu()), dense(2, snu({ threshold: 1e9 }))],
    seed: 1,
  });
  expect(await measureActivity(net, data, { samples: 4, device: "reference" })).toEqual([
    { name: "layer1", units: 4, rate: 3 / 5, silent: 0, saturated: 0 },
    { name: "layer2", units: 3, rate: 1, silent: 0, saturated: 1 },
    { name: "layer4", units: 2, rate: 0, silent: 1, saturated: 0 },
  ]);
});

test("a recording reports pixels that its encoder does not code", async () => {
  const net = network({ inputs: 3, encoder: rate(), steps: 2, layers: [dense(2, snu())] });
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  await record(net, Float32Array.of(0.5, 1, 0), { device: "reference", onWarning });
  expect(warnings).toEqual([]);
  await record(net, Float64Array.of(0.5, 16, 0), { device: "reference", onWarning });
  const bright = dataset({ images: Float32Array.of(3, 16, 0), labels: [1] });
  await record(net, bright, { device: "reference", onWarning });
  expect(warnings).toEqual([
    'data: the largest pixel of "images" is 16, and an encoder codes numbers in [0, 1]; give scale: 16 (--scale 16) if that is white.',
    'data: the largest pixel of "in memory" is 16, and an encoder codes numbers in [0, 1]; give scale: 16 (--scale 16) if that is white.',
  ]);
});

describe("names the first layer without activity", () => {
  const layer = (part: Partial<LayerActivity>): LayerActivity => ({
    name: "layer2",
    units: 200,
    rate: 0.1,
    silent: 0,
    saturated: 0,
    ...part,
  });

  test.each<[string, readonly LayerActivity[], RegExp | undefined]>([
    ["all fire now and then", [layer({}), layer({ silent: 0.98, saturated: 0.02 })], undefined],
    ["one is silent", [layer({}), layer({ silent: 0.995 })], /^layer2 is silent \(199 of 200 units never fire\)/],
    ["one is saturated", [layer({ saturated: 1 })], /^layer2 is saturated \(200 of 200 units fire at every step\)/],
    [
      "a layer after a silent one is not reported",
      [layer({ name: "a", silent: 1 }), layer({ silent: 1 })],
      /^a is silent/,
    ],
    ["there is no spiking layer", [], undefined],
  ])("%s", (_, layers, message) => {
    if (message === undefined) expect(diagnoseActivity(layers)).toBeUndefined();
    else expect(diagnoseActivity(layers)).toMatch(message);
  });
});

describe("diagnoseProgress", () => {
  const of = (count: number) => {
    const labels = Uint8Array.from({ length: count }, (_, sample) => sample % 4);
    return dataset({ images: new Float32Array(count), labels });
  };
  const epochs = (...figures: readonly (readonly [loss: number, accuracy: number])[]) =>
    figures.map(([loss, accuracy]) => ({ loss, accuracy }));

  test.each<[string, ReturnType<typeof epochs>, number, RegExp | undefined]>([
    ["an accuracy above chance", epochs([1.4, 0.25], [1.2, 0.4]), 1000, undefined],
    [
      "chance, and a loss that does not fall",
      epochs([1.4, 0.26], [1.6, 0.25]),
      1000,
      /^the accuracy cannot be told from chance: 250 of 1000 training samples are correct \(25\.0 %\), the most frequent class is 25\.0 % of them, and guesses do as well with a probability of 0\.51 \(binomial test\); lower the learning rate, /,
    ],
    [
      "chance, and a loss that falls",
      epochs([1.4, 0.26], [1.3, 0.25]),
      1000,
      /the loss falls, so train for more epochs/,
    ],
    // Probabilities of exact fractions: 0.00112 for 293 of 1,000, 0.00142 for 292, 0.000572 for 20 of 40, 0.00171 for 19.
    ["an accuracy that chance does not explain", epochs([1.4, 0.293]), 1000, undefined],
    ["one that chance may explain", epochs([1.4, 0.292]), 1000, /a probability of 0\.0014 \(/],
    ["few samples, half of them correct", epochs([1.4, 0.5]), 40, undefined],
    ["few samples, one correct answer less", epochs([1.4, 0.475]), 40, /19 of 40 .* a probability of 0\.0017 \(/],
    ["no correct answer", epochs([1.4, 0]), 40, /0 of 40 .* a probability of 1\.0 \(/],
    ["no labels", epochs([1.4, Number.NaN]), 40, undefined],
    ["no epochs", [], 40, undefined],
  ])("%s", (_, figures, count, message) => {
    if (message === undefined) expect(diagnoseProgress(figures, of(count))).toBeUndefined();
    else expect(diagnoseProgress(figures, of(count))).toMatch(message);
  });
});
