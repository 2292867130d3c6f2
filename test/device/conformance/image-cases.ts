import type { Convolution, Windows } from "#spikevine/src/device/contract";
import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import type { ConformanceCase } from "./case.js";
import { convolutionOver, describeWindows, unitsOf, weightShape, windowsOver } from "./geometry.js";
import { bernoulli, coarseCurrent, constantCurrent, noisyCurrent, patchyCurrent } from "./kernels.js";
import { Sketch } from "./sketch.js";

/**
 * Channels that are odd for vectors and lists, every window option alone and together, one pixel, one row, windows partly and
 * wholly outside the image, one group per channel.
 */
const CONVOLUTIONS: readonly Convolution[] = [
  convolutionOver([1, 9, 8], 12, [5, 5]),
  convolutionOver([3, 7, 6], 16, [3, 3], { stride: [2, 1], padding: [1, 1] }),
  convolutionOver([12, 6, 5], 33, [3, 3], { padding: [1, 1] }),
  convolutionOver([15, 5, 4], 15, [3, 2], { padding: [2, 1], dilation: [2, 1], groups: 5 }),
  convolutionOver([16, 6, 6], 16, [3, 3], { stride: [2, 2], padding: [1, 1], groups: 16 }),
  convolutionOver([16, 4, 8], 32, [3, 3], { padding: [1, 1] }),
  convolutionOver([33, 4, 3], 3, [1, 1]),
  convolutionOver([33, 5, 5], 1, [1, 1], { stride: [2, 2] }),
  convolutionOver([3, 2, 3], 4, [3, 4], { padding: [2, 3] }),
  convolutionOver([1, 1, 20], 5, [1, 7], { stride: [1, 3], padding: [0, 4], dilation: [1, 2] }),
  convolutionOver([2, 4, 4], 6, [2, 2], { stride: [3, 3], padding: [3, 4] }),
  convolutionOver([12, 4, 4], 8, [3, 3], { dilation: [1, 1], groups: 2 }),
  convolutionOver([5, 1, 1], 7, [1, 1]),
];

/** Signals that a layer may receive, by name. */
const RECEIVED: readonly (readonly [name: string, encoder: EncoderKernel, low: number, high: number])[] = [
  ["few spikes", bernoulli(0.15), 0, 1],
  ["values", noisyCurrent(), 0, 1],
  ["many spikes", bernoulli(0.9), 0.9, 1],
  ["one image per sample", constantCurrent(), -1, 1],
  ["no spikes", bernoulli(1), 0, 0],
  ["all spikes", bernoulli(1), 1, 1],
];

/** Every convolution with few spikes and with values, and in turn with one of the other signals. */
function convolutionCases(): ConformanceCase[] {
  return CONVOLUTIONS.flatMap((convolution, index) =>
    [0, 1, 2 + (index % 4)].map((kind) => convolutionCase(convolution, RECEIVED[kind]!, index)),
  );
}

function convolutionCase(
  convolution: Convolution,
  [name, encoder, low, high]: (typeof RECEIVED)[number],
  index: number,
): ConformanceCase {
  const [inputs, units] = [unitsOf(convolution.input), unitsOf(convolution.output)];
  const sketch = new Sketch(4, 3, 5);
  const from = sketch.encoded("from", inputs, encoder, low, high);
  const rows = encoder.static ? "sample" : "steps";
  const error = sketch.encoded("error", units, index % 2 === 0 ? patchyCurrent() : noisyCurrent());
  const weights = sketch.tensor("weights", ...weightShape(convolution));
  const bias = sketch.tensor("bias", 1, [convolution.output.channels, units, 1][index % 3]!);
  const gradient = (to: string): string => sketch.tensor(to, ...weightShape(convolution));
  sketch
    .add({ op: "current", from, weights, convolution, bias, to: sketch.values("biased", units, rows) })
    .add({ op: "current", from, weights, convolution, to: sketch.values("plain", units, rows) })
    .add({ op: "inputGradient", error, weights, convolution, to: sketch.values("up", inputs) })
    .add({ op: "weightGradient", from, error, convolution, delayed: false, to: gradient("gradient") })
    .add({ op: "unitGradient", from: error, to: sketch.tensor("perChannel", 1, convolution.output.channels) });
  if (encoder.static) {
    const still = sketch.encoded("still", units, constantCurrent(), -1, 1);
    sketch
      .add({ op: "inputGradient", error: still, weights, convolution, to: sketch.values("stillUp", inputs, "sample") })
      .add({ op: "weightGradient", from, error: still, convolution, delayed: false, to: gradient("stillGradient") });
  }
  return sketch.case(`convolution of ${name}, ${describeWindows(convolution)}`);
}

/** Windows side by side, overlapping, with gaps between them, and one for the whole image. */
const POOLED: readonly Windows[] = [
  windowsOver([1, 4, 4], [2, 2], { stride: [2, 2] }),
  windowsOver([3, 5, 7], [3, 2], { stride: [2, 1], padding: [1, 0] }),
  windowsOver([12, 6, 6], [2, 2], { stride: [2, 2] }),
  windowsOver([15, 5, 5], [3, 3], { padding: [1, 1] }),
  windowsOver([16, 4, 6], [2, 3], { stride: [2, 3], padding: [0, 1] }),
  windowsOver([33, 3, 3], [3, 3]),
  windowsOver([4, 5, 5], [2, 2], { stride: [3, 3], padding: [1, 1] }),
  windowsOver([5, 3, 1], [1, 1]),
];

/** Signals to pool: ties, windows without a spike, windows below 0. */
const PINNED: typeof RECEIVED = [
  ["few spikes", bernoulli(0.15), 0, 1],
  ["values with ties", coarseCurrent(), 0, 1],
  ["many spikes", bernoulli(0.9), 0.9, 1],
  ["one image per sample", constantCurrent(), -2, -1],
  ["no spikes", bernoulli(1), 0, 0],
  ["values", noisyCurrent(), -1, 0.5],
];

function poolCases(): ConformanceCase[] {
  return POOLED.flatMap((windows, index) =>
    [0, 1, 2 + (index % 4)].map((kind) => poolCase(windows, PINNED[kind]!, index)),
  );
}

function poolCase(
  windows: Windows,
  [name, encoder, low, high]: (typeof RECEIVED)[number],
  index: number,
): ConformanceCase {
  const [inputs, units] = [unitsOf(windows.input), unitsOf(windows.output)];
  const sketch = new Sketch(4, 3, 5);
  const from = sketch.encoded("from", inputs, encoder, low, high);
  const rows = encoder.static ? "sample" : "steps";
  const largest = encoder.output === "spikes" ? sketch.spikes("max", units) : sketch.values("max", units, rows);
  const scale = 1 / (windows.size[0] * windows.size[1]);
  sketch
    .add({ op: "pool", kind: "max", windows, scale: 1, from, to: largest })
    .add({ op: "pool", kind: "sum", windows, scale, from, to: sketch.values("average", units, rows) });
  const errors = [sketch.encoded("error", units, index % 2 === 0 ? patchyCurrent() : noisyCurrent())];
  if (encoder.static) errors.push(sketch.encoded("still", units, constantCurrent(), -1, 1));
  for (const error of errors) {
    const to = (kind: string): string => sketch.values(`${error}.${kind}`, inputs, error === "still" ? rows : "steps");
    sketch
      .add({ op: "poolGradient", kind: "max", windows, scale: 1, error, from, to: to("max") })
      .add({ op: "poolGradient", kind: "sum", windows, scale: 3, error, from, to: to("sum") });
  }
  return sketch.case(`pool of ${name}, ${describeWindows(windows)}`);
}

function sumCases(): ConformanceCase[] {
  return [1, 5, 33, 48].map((width) => {
    const sketch = new Sketch(4, 3, 5);
    const fired = sketch.encoded("fired", width, bernoulli(0.4));
    const values = sketch.encoded("values", width, noisyCurrent());
    const still = sketch.encoded("still", width, constantCurrent(), -1, 1);
    const other = sketch.encoded("other", width, constantCurrent(), -1, 1);
    sketch
      .add({ op: "add", from: [values], scale: -0.5, to: sketch.values("one", width) })
      .add({ op: "add", from: [values, fired], scale: 1, to: sketch.values("two", width) })
      .add({ op: "add", from: [still, values, still], scale: 0.3, to: sketch.values("three", width) })
      .add({ op: "add", from: [fired, fired], scale: 0.5, to: sketch.values("twice", width) })
      .add({ op: "add", from: [values, fired, "two", "one", still, other, values, fired], scale: 1, to: "eight" })
      .add({ op: "add", from: [still, other], scale: 2, to: sketch.values("still sum", width, "sample") });
    sketch.values("eight", width);
    return sketch.case(`sums of ${width} units`);
  });
}

interface Normalized {
  readonly name: string;
  readonly channels: number;
  readonly pixels: number;
  readonly encoder: EncoderKernel;
  readonly range: readonly [low: number, high: number];
  readonly samples?: number;
}

const NORMALIZED: readonly Normalized[] = [
  { name: "values", channels: 1, pixels: 6, encoder: noisyCurrent(), range: [0, 1] },
  { name: "values", channels: 3, pixels: 20, encoder: noisyCurrent(), range: [0, 1] },
  { name: "spikes", channels: 12, pixels: 4, encoder: bernoulli(0.4), range: [0, 1] },
  { name: "values far from 0", channels: 5, pixels: 9, encoder: noisyCurrent(), range: [200, 201] },
  { name: "one image per sample", channels: 16, pixels: 3, encoder: constantCurrent(), range: [-1, 1] },
  { name: "values", channels: 33, pixels: 1, encoder: noisyCurrent(), range: [-3, 2] },
  { name: "no spikes", channels: 4, pixels: 4, encoder: bernoulli(1), range: [0, 0] },
  { name: "one value per channel", channels: 7, pixels: 1, encoder: constantCurrent(), range: [-1, 1], samples: 1 },
];

/** Two runs each: the running statistics move on. Then the same values by the running statistics. */
function normalizationCases(): ConformanceCase[] {
  return NORMALIZED.map(({ name, channels, pixels, encoder, range, samples = 3 }) => {
    const units = channels * pixels;
    const sketch = new Sketch(4, samples, 5);
    const from = sketch.encoded("from", units, encoder, ...range);
    const rows = encoder.static ? "sample" : "steps";
    const tensor = (to: string, low: number, high: number): string => sketch.tensor(to, 1, channels, low, high);
    const parameters = { gain: tensor("gain", 0.5, 2), shift: tensor("shift", -1, 1) };
    const running = { mean: tensor("mean", -1, 1), variance: tensor("variance", 0.5, 2) };
    const batch = { batchMean: tensor("batchMean", 0, 1), batchVariance: tensor("batchVariance", 0, 1) };
    const common = { op: "normalize", epsilon: 1e-3, from, ...parameters, ...running } as const;
    sketch
      .add({ ...common, statistics: "batch", momentum: 0.3, ...batch, to: sketch.values("normal", units, rows) })
      .add({ ...common, statistics: "running", to: sketch.values("fixed", units, rows) });
    const errors = [sketch.encoded("error", units, noisyCurrent(), -0.2, 0.2)];
    if (encoder.static) errors.push(sketch.encoded("still", units, constantCurrent(), -1, 1));
    for (const error of errors) {
      sketch.add({
        op: "normalizeGradient",
        epsilon: 1e-3,
        error,
        from,
        gain: parameters.gain,
        ...batch,
        to: sketch.values(`${error}.up`, units, rows),
        gainGradient: tensor(`${error}.gain`, 0, 1),
        shiftGradient: tensor(`${error}.shift`, 0, 1),
      });
    }
    return sketch.case(`normalization of ${name}, ${channels} channels of ${pixels}`, [{}, { epoch: 4 }]);
  });
}

/** Dense layers with a bias per layer or channel, and sums over the units of a channel. */
function channelCases(): ConformanceCase[] {
  return [bernoulli(0.3), noisyCurrent(), constantCurrent()].map((encoder) => {
    const [inputs, units] = [9, 24];
    const sketch = new Sketch(4, 3, 5);
    const rows = encoder.static ? "sample" : "steps";
    const from = sketch.encoded("from", inputs, encoder);
    const weights = sketch.tensor("weights", inputs, units);
    const error = sketch.encoded("error", units, encoder.static ? constantCurrent() : noisyCurrent());
    for (const columns of [1, 2, 3, 8, 24]) {
      const bias = sketch.tensor(`bias ${columns}`, 1, columns);
      sketch
        .add({ op: "current", from, weights, bias, to: sketch.values(`current ${columns}`, units, rows) })
        .add({ op: "unitGradient", from: error, to: sketch.tensor(`sums ${columns}`, 1, columns) });
    }
    sketch.add({ op: "weightGradient", from, error, delayed: false, to: sketch.tensor("gradient", inputs, units) });
    return sketch.case(`values per channel of a dense layer of ${encoder.name}`);
  });
}

/** Every operation on images, alone. */
export const imageCases = (): ConformanceCase[] => [
  ...convolutionCases(),
  ...poolCases(),
  ...sumCases(),
  ...normalizationCases(),
  ...channelCases(),
];
