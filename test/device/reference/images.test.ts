import { expect, test } from "vitest";
import type { Operation, SignalSpec } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { defineEncoder } from "#spikevine/src/equations/definitions/encoder";
import { convolutionOver, unitsOf, weightShape, windowsOver } from "../conformance/geometry.js";

const signal = (width: number, more: Partial<SignalSpec> = {}): SignalSpec => ({
  kind: "values",
  width,
  rows: "sample",
  role: "result",
  ...more,
});

/** The number given plus the step. */
const ramp = defineEncoder({ name: "ramp", summary: "x + t.", source: "test", current: "x + t" }).kernel({
  dt: 1,
});

interface Example {
  readonly tensors?: Readonly<Record<string, readonly number[]>>;
  /** Shapes of tensors with several rows. */
  readonly rows?: number;
  readonly signals: Readonly<Record<string, SignalSpec>>;
  readonly operations: readonly Operation[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
}

/** Runs a procedure of one or two steps; returns a function that reads a signal or a tensor. */
async function run({ tensors = {}, rows = 1, signals, operations, inputs }: Example, steps = 1) {
  const samples = Object.entries(inputs).map(([name, data]) => data.length / signals[name]!.width)[0]!;
  const specs = Object.entries(tensors).map(([name, data]) => {
    const height = name.startsWith("weights") ? rows : 1;
    return [name, { rows: height, columns: data.length / height }] as const;
  });
  const program = await (await referenceDevice()).compile({
    tensors: Object.fromEntries(specs),
    procedures: { only: { batch: samples, steps, signals, operations } },
  });
  for (const [name, data] of Object.entries(tensors)) await program.writeTensorDouble(name, Float64Array.from(data));
  const given = Object.entries(inputs).map(([name, data]) => [name, Float64Array.from(data)] as const);
  await program.run("only", { samples, signals: Object.fromEntries(given) });
  return async (name: string): Promise<number[]> => [
    ...(name in tensors ? await program.readTensorDouble(name) : await program.readSignalDouble("only", name)),
  ];
}

const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const input = (width: number): SignalSpec => signal(width, { role: "input" });

/** Current and gradients of a convolution of one image. */
function convolved(
  convolution: ReturnType<typeof convolutionOver>,
  weights: readonly number[],
  image: readonly number[],
  error: readonly number[],
) {
  const [inputs, units] = [unitsOf(convolution.input), unitsOf(convolution.output)];
  return run({
    tensors: { weights, "weights.gradient": weights.map(() => 0) },
    rows: weightShape(convolution)[0],
    signals: { image: input(inputs), error: input(units), current: signal(units), up: signal(inputs) },
    operations: [
      { op: "current", from: "image", weights: "weights", convolution, to: "current" },
      { op: "inputGradient", error: "error", weights: "weights", convolution, to: "up" },
      { op: "weightGradient", from: "image", error: "error", convolution, delayed: false, to: "weights.gradient" },
    ],
    inputs: { image, error },
  });
}

test("a convolution of one channel", async () => {
  const read = await convolved(convolutionOver([1, 3, 3], 1, [2, 2]), [1, 2, 3, 4], NINE, [1, 0, 0, -1]);
  expect(await read("current")).toEqual([37, 47, 67, 77]);
  // The first window hands on [1 2; 3 4], the last one takes it away one pixel further down and right.
  expect(await read("up")).toEqual([1, 2, 0, 3, 4 - 1, -2, 0, -3, -4]);
  expect(await read("weights.gradient")).toEqual([1 - 5, 2 - 6, 4 - 8, 5 - 9]);
});

test("windows with padding, stride and dilation, of which only the pixel in the middle is ever covered", async () => {
  const spread = convolutionOver([1, 3, 3], 1, [2, 2], { padding: [1, 1], stride: [2, 2], dilation: [2, 2] });
  const read = await convolved(spread, [1, 2, 3, 4], NINE, [1, 10, 100, 1000]);
  expect(await read("current")).toEqual([4 * 5, 3 * 5, 2 * 5, 1 * 5]);
  expect(await read("up")).toEqual([0, 0, 0, 0, 4 + 30 + 200 + 1000, 0, 0, 0, 0]);
  expect(await read("weights.gradient")).toEqual([5000, 500, 50, 5]);
});

test("groups of channels, channels last", async () => {
  // Two pixels of two channels; outputs 0 and 1 see channel 0, outputs 2 and 3 see channel 1.
  const read = await convolved(
    convolutionOver([2, 1, 2], 4, [1, 1], { groups: 2 }),
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [1, 1, 1, 1, 0, 0, 0, 1],
  );
  expect(await read("current")).toEqual([5, 10, 18, 24, 7, 14, 24, 32]);
  expect(await read("up")).toEqual([1 + 2, 3 + 4, 0, 4]);
  expect(await read("weights.gradient")).toEqual([5, 5, 6, 6 + 8]);
});

test("two input channels and two outputs, weights by position, input, output", async () => {
  const read = await convolved(
    convolutionOver([2, 1, 2], 2, [1, 2]),
    [1, 2, 3, 4, 5, 6, 7, 8],
    [1, 10, 100, 1000],
    [1, 0],
  );
  expect(await read("current")).toEqual([1 + 30 + 500 + 7000, 2 + 40 + 600 + 8000]);
  expect(await read("up")).toEqual([1, 3, 5, 7]);
  expect(await read("weights.gradient")).toEqual([1, 0, 10, 0, 100, 0, 1000, 0]);
});

test("one image per sample meets the errors of every step", async () => {
  const convolution = convolutionOver([1, 1, 2], 1, [1, 1]);
  const read = await run(
    {
      tensors: { weights: [2] },
      signals: { image: input(2), error: input(2), steps: signal(2, { rows: "steps" }) },
      operations: [
        { op: "encode", encoder: ramp, stream: 2, from: "error", to: "steps" },
        { op: "weightGradient", from: "image", error: "steps", convolution, delayed: false, to: "weights" },
      ],
      inputs: { image: [3, 5], error: [1, 2] },
    },
    2,
  );
  // Errors [1, 2] at step 0 and [2, 3] at step 1.
  expect(await read("weights")).toEqual([3 * 1 + 5 * 2 + 3 * 2 + 5 * 3]);
});

test("the largest of equal values is the first, row by row; NaN is larger than any number", async () => {
  const windows = windowsOver([1, 2, 4], [2, 2], { stride: [2, 2] });
  const operations: Operation[] = [
    { op: "pool", kind: "max", windows, scale: 1, from: "image", to: "largest" },
    { op: "poolGradient", kind: "max", windows, scale: 1, error: "error", from: "image", to: "up" },
  ];
  const signals = { image: input(8), error: input(2), largest: signal(2), up: signal(8) };
  const ties = await run({ signals, operations, inputs: { image: [-2, -1, 0, 0, -1, -3, 0, 0], error: [10, 20] } });
  expect(await ties("largest")).toEqual([-1, 0]);
  expect(await ties("up")).toEqual([0, 10, 20, 0, 0, 0, 0, 0]);
  const lost = await run({
    signals,
    operations,
    inputs: { image: [1, Number.NaN, 5, 6, 3, 2, 7, Number.NaN], error: [1, 1] },
  });
  expect(await lost("largest")).toEqual([Number.NaN, Number.NaN]);
});

test("overlapping windows add up their errors, and padding does not count as a value", async () => {
  const windows = windowsOver([1, 1, 3], [1, 2], { padding: [0, 1] });
  const signals = {
    image: input(3),
    error: input(4),
    largest: signal(4),
    sum: signal(4),
    up: signal(3),
    down: signal(3),
  };
  const read = await run({
    signals,
    operations: [
      { op: "pool", kind: "max", windows, scale: 1, from: "image", to: "largest" },
      { op: "pool", kind: "sum", windows, scale: 0.5, from: "image", to: "sum" },
      { op: "poolGradient", kind: "max", windows, scale: 1, error: "error", from: "image", to: "up" },
      { op: "poolGradient", kind: "sum", windows, scale: 0.5, error: "error", from: "image", to: "down" },
    ],
    inputs: { image: [-3, -1, -2], error: [1, 10, 100, 1000] },
  });
  expect(await read("largest")).toEqual([-3, -1, -1, -2]);
  expect(await read("sum")).toEqual([-1.5, -2, -1.5, -1]);
  expect(await read("up")).toEqual([1, 110, 1000]);
  expect(await read("down")).toEqual([5.5, 55, 550]);
});

test("a sum of branches, one of them the same at every step", async () => {
  const read = await run(
    {
      signals: { still: input(2), steps: signal(2, { rows: "steps" }), sum: signal(2, { rows: "steps" }) },
      operations: [
        { op: "encode", encoder: ramp, stream: 2, from: "still", to: "steps" },
        { op: "add", from: ["still", "steps", "still"], scale: 2, to: "sum" },
      ],
      inputs: { still: [1, 2, 3, 4] },
    },
    2,
  );
  expect(await read("sum")).toEqual([6, 12, 8, 14, 18, 24, 20, 26]);
});

test("normalization of one channel of two samples", async () => {
  const names = { gain: "gain", shift: "shift", mean: "mean", variance: "variance" };
  const batch = { batchMean: "batchMean", batchVariance: "batchVariance" };
  const read = await run({
    tensors: {
      gain: [2],
      shift: [1],
      mean: [0],
      variance: [1],
      batchMean: [0],
      batchVariance: [0],
      gainGradient: [0],
      shiftGradient: [0],
    },
    signals: { x: input(1), error: input(1), y: signal(1), up: signal(1), fixed: signal(1) },
    operations: [
      { op: "normalize", statistics: "batch", epsilon: 3, momentum: 0.25, from: "x", ...names, ...batch, to: "y" },
      { op: "normalize", statistics: "running", epsilon: 2.75, from: "x", ...names, to: "fixed" },
      {
        op: "normalizeGradient",
        epsilon: 3,
        error: "error",
        from: "x",
        gain: "gain",
        ...batch,
        to: "up",
        gainGradient: "gainGradient",
        shiftGradient: "shiftGradient",
      },
    ],
    inputs: { x: [1, 3], error: [1, 0] },
  });
  // Mean 2, variance 1, deviation sqrt(1 + 3) = 2: normal values are -1/2 and 1/2.
  expect(await read("y")).toEqual([0, 2]);
  expect([await read("batchMean"), await read("batchVariance")]).toEqual([[2], [1]]);
  // The running variance takes the unbiased one, 2.
  expect([await read("mean"), await read("variance")]).toEqual([[0.5], [0.75 + 0.5]]);
  // By these, 2 (x - 0.5) / sqrt(1.25 + 2.75) + 1.
  expect(await read("fixed")).toEqual([1.5, 3.5]);
  expect([await read("gainGradient"), await read("shiftGradient")]).toEqual([[-0.5], [1]]);
  // gain / deviation (error - mean error - normal mean(error normal)) = 1 - 1/2 + -1/2 / 4 and its opposite.
  expect(await read("up")).toEqual([1 - 0.5 - 0.125, -0.5 + 0.125]);
});

test("a channel with a single value keeps its running variance", async () => {
  const names = { gain: "gain", shift: "shift", mean: "mean", variance: "variance" };
  const batch = { batchMean: "batchMean", batchVariance: "batchVariance" };
  const read = await run({
    tensors: { gain: [2, 2], shift: [1, -1], mean: [0, 0], variance: [5, 6], batchMean: [9, 9], batchVariance: [9, 9] },
    signals: { x: input(2), y: signal(2) },
    operations: [
      { op: "normalize", statistics: "batch", epsilon: 1, momentum: 0.5, from: "x", ...names, ...batch, to: "y" },
    ],
    inputs: { x: [4, 8] },
  });
  expect(await read("y")).toEqual([1, -1]);
  expect([await read("mean"), await read("variance"), await read("batchVariance")]).toEqual([
    [2, 4],
    [5, 6],
    [0, 0],
  ]);
});
