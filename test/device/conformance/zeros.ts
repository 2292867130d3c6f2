import fc from "fast-check";
import type { Convolution } from "#spikevine/src/device/contract";
import { defineEncoder } from "#spikevine/src/equations/definitions/encoder";
import { type ConformanceCase, numbers } from "./case.js";
import { convolutionOver, unitsOf, weightShape } from "./geometry.js";
import { descent, handSnu } from "./kernels.js";
import { type LayerSpec, networkCase } from "./network-case.js";
import { snu } from "./network-cases.js";
import type { Observation } from "./observe.js";
import { Sketch } from "./sketch.js";

/** Spikes at most steps, so that devices with baselines have missing spikes to subtract. */
const frequent = defineEncoder({
  name: "frequent",
  summary: "A pixel fires with a probability of at most 0.8.",
  source: "test",
  spike: "0.8 * sqrt(x) - u",
}).kernel({ dt: 1 });

/** Errors most of which are 0. */
const rare = defineEncoder({
  name: "rare",
  summary: "Now and then a number.",
  source: "test",
  current: "u < 0.2 * x ? u - 0.07 : 0",
}).kernel({ dt: 1 });

/** All units fire at most steps and none at the others. */
const interrupted = defineEncoder({
  name: "interrupted",
  summary: "All fire, but for every fourth step.",
  source: "test",
  spike: "x > 0 and 4 * floor(t / 4) < t ? 1 : 0",
}).kernel({ dt: 1 });

/** Sets all but a fraction of the numbers to 0. */
const thinned = (values: Float32Array, share: number, seed: number): Float32Array => {
  const drawn = numbers(values.length, seed, "thinned", 0, 1);
  return values.map((value, i) => (drawn[i]! < share ? value : 0));
};

const ENCODERS = { frequent, interrupted };

interface SumsSpec {
  readonly seed: number;
  readonly inputs: number;
  readonly units: number;
  readonly batch: number;
  readonly steps: number;
  readonly share: number;
  readonly spikes: "frequent" | "interrupted";
}

/** Sums of weights of which few are not 0, and of errors of which few are not 0. */
function sumsCase({ seed, inputs, units, batch, steps, share, spikes }: SumsSpec): ConformanceCase {
  const sketch = new Sketch(batch, batch, steps);
  const from = sketch.encoded("from", inputs, ENCODERS[spikes], 0.4, 1);
  const error = sketch.encoded("error", units, rare);
  const weights = sketch.tensor("weights", inputs, units);
  const bias = sketch.tensor("bias", 1, units);
  const made = sketch
    .add({ op: "current", from, weights, to: sketch.values("current", units) })
    .add({ op: "current", from, weights, bias, to: sketch.values("biased", units) })
    .add({ op: "inputGradient", error, weights, to: sketch.values("up", inputs) })
    .add({ op: "weightGradient", from, error, delayed: false, to: sketch.tensor("gradient", inputs, units) })
    .add({ op: "weightGradient", from, error, delayed: true, to: sketch.tensor("delayed", inputs, units) })
    .case("sums", [{ seed }]);
  const { weights: full, bias: offsets } = made.tensors;
  return { ...made, tensors: { weights: thinned(full!, share, seed), bias: thinned(offsets!, 0.5, seed) } };
}

const sums: fc.Arbitrary<SumsSpec> = fc.record({
  seed: fc.nat(1e6),
  inputs: fc.constantFrom(1, 2, 3, 5, 9, 40),
  units: fc.constantFrom(1, 3, 4, 7, 33, 64),
  batch: fc.constantFrom(1, 2, 11),
  steps: fc.constantFrom(1, 4, 5, 9, 20),
  share: fc.constantFrom(0.1, 0.3, 1),
  spikes: fc.constantFrom("frequent" as const, "interrupted" as const),
});

interface SilentSpec {
  readonly seed: number;
  readonly inputs: number;
  readonly spikes: "frequent" | "interrupted";
  readonly widths: readonly number[];
  readonly recurrent: boolean;
  readonly bias: number;
  readonly batch: number;
  readonly steps: number;
  readonly share: number;
}

/** One update of a network that is silent at some steps. */
function silentCase({ widths, recurrent, bias, share, spikes, ...spec }: SilentSpec): ConformanceCase {
  const parameters: LayerSpec["parameters"] = { b: [bias, "unit"], l: [0.8, "layer"] };
  const made = networkCase("silent", {
    ...spec,
    encoder: ENCODERS[spikes],
    layers: widths.map((units) => snu(units, { neuron: handSnu(false, "window"), recurrent, parameters })),
    samples: spec.batch,
    readout: "sum",
    loss: "mean-squared-error",
    reduction: "sum",
    updates: 1,
    rule: descent(),
    scalars: { rate: 0.1 },
    visible: true,
  });
  const isWeight = (name: string): boolean => /weights|recurrent/.test(name);
  const tensors = Object.entries(made.tensors).map(
    ([name, values]) => [name, isWeight(name) ? thinned(values, share, spec.seed) : values] as const,
  );
  return { ...made, tensors: Object.fromEntries(tensors) };
}

/** The same of a convolution with few weights that are not 0. */
function convolvedSumsCase({ batch, steps, share, spikes, seed }: SumsSpec, over: Convolution): ConformanceCase {
  const [inputs, units] = [unitsOf(over.input), unitsOf(over.output)];
  const sketch = new Sketch(batch, batch, steps);
  const from = sketch.encoded("from", inputs, ENCODERS[spikes], 0.4, 1);
  const error = sketch.encoded("error", units, rare);
  const weights = sketch.tensor("weights", ...weightShape(over));
  const to = sketch.tensor("gradient", ...weightShape(over));
  const made = sketch
    .add({ op: "current", from, weights, convolution: over, to: sketch.values("current", units) })
    .add({ op: "inputGradient", error, weights, convolution: over, to: sketch.values("up", inputs) })
    .add({ op: "weightGradient", from, error, convolution: over, delayed: false, to })
    .case("sums of convolutions", [{ seed }]);
  return { ...made, tensors: { weights: thinned(made.tensors.weights!, share, seed) } };
}

const convolvedSums = fc
  .record({
    spec: sums,
    input: fc.constantFrom([1, 4, 4] as const, [3, 5, 3] as const, [8, 3, 3] as const),
    channels: fc.constantFrom(1, 3, 8, 12),
    padding: fc.constantFrom([0, 0] as const, [1, 1] as const),
    stride: fc.constantFrom([1, 1] as const, [2, 1] as const),
  })
  .map(({ spec, input, channels, ...options }) => ({
    ...spec,
    over: convolutionOver(input, channels, [3, 2], options),
  }));

const silentNetworks: fc.Arbitrary<SilentSpec> = fc.record({
  seed: fc.nat(1e6),
  inputs: fc.constantFrom(1, 3, 7),
  spikes: fc.constantFrom("frequent" as const, "interrupted" as const),
  widths: fc.array(fc.constantFrom(1, 3, 6, 9), { minLength: 2, maxLength: 3 }),
  recurrent: fc.boolean(),
  bias: fc.constantFrom(-0.01, -0.4),
  batch: fc.constantFrom(1, 3),
  steps: fc.constantFrom(4, 7, 12),
  share: fc.constantFrom(0.4, 1),
});

/** Cases with many exact zeros. */
export const ZEROS: Readonly<Record<string, fc.Arbitrary<() => ConformanceCase>>> = {
  sums: sums.map((spec) => named(spec, () => sumsCase(spec))),
  "sums of convolutions": convolvedSums.map(({ over, ...spec }) =>
    named({ ...spec, over }, () => convolvedSumsCase(spec, over)),
  ),
  "networks with silent steps": silentNetworks.map((spec) => named(spec, () => silentCase(spec))),
};

/** Shows the specification if a property fails, instead of all numbers of the case. */
const named = (spec: object, make: () => ConformanceCase): (() => ConformanceCase) =>
  Object.assign(make, { [fc.toStringMethod]: () => JSON.stringify(spec) });

/** Positions at which a device differs from an exact 0 of the reference. */
export function residues(expected: Observation, observed: Observation): string[] {
  return [...expected.arrays].flatMap(([name, values]) => {
    const found = observed.arrays.get(name)!;
    const at = values.findIndex((value, i) => value === 0 && found[i] !== 0);
    return at < 0 ? [] : [`${name}[${at}] is ${found[at]}, not 0`];
  });
}
