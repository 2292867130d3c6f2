import { expect, test } from "vitest";
import type { ImageShape, Operation, Plan, SignalSpec } from "#spikevine/src/device/contract";
import { type ReferenceProgram, referenceDevice } from "#spikevine/src/device/reference/index";
import { convolutionOver, unitsOf, windowsOver } from "../conformance/geometry.js";
import { PYTORCH } from "./pytorch-figures.js";

/** The numbers of the program: quarters that repeat after `modulus`. */
const made = (length: number, factor: number, modulus: number, every = 1): Float64Array =>
  Float64Array.from({ length }, (_, n) => (((Math.floor(n / every) * factor) % modulus) - Math.floor(modulus / 2)) / 4);

/** Moves channels from first to last: [samples, channels, pixels] to [samples, pixels, channels]. */
function channelsLast(numbers: ArrayLike<number>, channels: number, pixels: number): Float64Array {
  return Float64Array.from({ length: numbers.length }, (_, n) => {
    const sample = Math.floor(n / (channels * pixels));
    const pixel = Math.floor(n / channels) % pixels;
    return numbers[(sample * channels + (n % channels)) * pixels + pixel]!;
  });
}

const imageOf = (numbers: ArrayLike<number>, { channels, height, width }: ImageShape): Float64Array =>
  channelsLast(numbers, channels, height * width);

const signal = (width: number, role: SignalSpec["role"] = "result"): SignalSpec => ({
  kind: "values",
  width,
  rows: "sample",
  role,
});

async function run(
  tensors: Readonly<Record<string, readonly [rows: number, columns: number, data?: Float64Array]>>,
  signals: Readonly<Record<string, SignalSpec>>,
  operations: readonly Operation[],
  inputs: Readonly<Record<string, Float64Array>>,
  samples: number,
): Promise<ReferenceProgram> {
  const specs = Object.entries(tensors).map(([name, [rows, columns]]) => [name, { rows, columns }] as const);
  const plan: Plan = {
    tensors: Object.fromEntries(specs),
    procedures: { only: { batch: samples, steps: 1, signals, operations } },
  };
  const program = await (await referenceDevice()).compile(plan);
  for (const [name, [, , data]] of Object.entries(tensors)) {
    if (data !== undefined) await program.writeTensorDouble(name, data);
  }
  await program.run("only", { samples, signals: inputs });
  return program;
}

function expectClose(got: Float64Array, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let n = 0; n < wanted.length; n++) expect(got[n], `number ${n}`).toBeCloseTo(wanted[n]!, 11);
}

test("a convolution with stride, padding, dilation and groups, and its gradients", async () => {
  const convolution = convolutionOver([4, 4, 3], 6, [3, 2], {
    stride: [2, 1],
    padding: [1, 2],
    dilation: [1, 2],
    groups: 2,
  });
  const { input, output } = convolution;
  const [y, dx, dw, db] = PYTORCH.convolution;
  // PyTorch's weights are [outputs, inputs per group, positions], ours [positions, inputs per group, outputs].
  const weightsOf = (numbers: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: 72 }, (_, n) => {
      const [o, c, position] = [n % 6, Math.floor(n / 6) % 2, Math.floor(n / 12)];
      return numbers[(o * 2 + c) * 6 + position]!;
    });
  const program = await run(
    {
      weights: [12, 6, weightsOf(made(72, 5, 13))],
      bias: [1, 6, made(6, 3, 7)],
      weightGradient: [12, 6],
      biasGradient: [1, 6],
    },
    {
      x: signal(unitsOf(input), "input"),
      error: signal(unitsOf(output), "input"),
      y: signal(unitsOf(output)),
      dx: signal(unitsOf(input)),
    },
    [
      { op: "current", from: "x", weights: "weights", convolution, bias: "bias", to: "y" },
      { op: "inputGradient", error: "error", weights: "weights", convolution, to: "dx" },
      { op: "weightGradient", from: "x", error: "error", convolution, delayed: false, to: "weightGradient" },
      { op: "unitGradient", from: "error", to: "biasGradient" },
    ],
    { x: imageOf(made(2 * 48, 7, 11), input), error: imageOf(made(y.length, 5, 9), output) },
    2,
  );
  expectClose(await program.readSignalDouble("only", "y"), imageOf(y, output));
  expectClose(await program.readSignalDouble("only", "dx"), imageOf(dx, input));
  expectClose(await program.readTensorDouble("weightGradient"), weightsOf(dw));
  expectClose(await program.readTensorDouble("biasGradient"), db);
});

test.each([
  ["maximum", "max", made(40, 1, 3, 2), 1],
  ["average", "sum", made(40, 7, 11), 1 / 6],
] as const)("the %s of overlapping, padded windows, and its gradient", async (name, kind, x, scale) => {
  const windows = windowsOver([2, 4, 5], [3, 2], { stride: [1, 2], padding: [1, 1] });
  const { input, output } = windows;
  const [y, dx] = PYTORCH[name];
  const program = await run(
    {},
    { x: signal(40, "input"), error: signal(24, "input"), y: signal(24), dx: signal(40) },
    [
      { op: "pool", kind, windows, scale, from: "x", to: "y" },
      { op: "poolGradient", kind, windows, scale, error: "error", from: "x", to: "dx" },
    ],
    { x: imageOf(x, input), error: imageOf(made(24, 1, 101), output) },
    1,
  );
  expectClose(await program.readSignalDouble("only", "y"), imageOf(y, output));
  expectClose(await program.readSignalDouble("only", "dx"), imageOf(dx, input));
});

test("a normalization, its gradients and its running statistics", async () => {
  const shape = { channels: 3, height: 2, width: 3 };
  const [y, dx, dGain, dShift, mean, variance] = PYTORCH.normalization;
  const plusOne = (numbers: Float64Array): Float64Array => numbers.map((value) => value + 1);
  const common = { epsilon: 1e-3, from: "x", gain: "gain" } as const;
  const statistics = { batchMean: "batchMean", batchVariance: "batchVariance" };
  const normalize = { ...common, op: "normalize", shift: "shift", mean: "mean", variance: "variance" } as const;
  const program = await run(
    {
      gain: [1, 3, plusOne(made(3, 5, 7))],
      shift: [1, 3, made(3, 2, 5)],
      mean: [1, 3, made(3, 3, 5)],
      variance: [1, 3, plusOne(made(3, 1, 3))],
      batchMean: [1, 3],
      batchVariance: [1, 3],
      dGain: [1, 3],
      dShift: [1, 3],
    },
    { x: signal(18, "input"), error: signal(18, "input"), y: signal(18), dx: signal(18), fixed: signal(18) },
    [
      { ...normalize, statistics: "batch", momentum: 0.2, ...statistics, to: "y" },
      {
        op: "normalizeGradient",
        ...common,
        error: "error",
        ...statistics,
        to: "dx",
        gainGradient: "dGain",
        shiftGradient: "dShift",
      },
      { ...normalize, statistics: "running", to: "fixed" },
    ],
    { x: imageOf(made(36, 7, 17), shape), error: imageOf(made(36, 5, 9), shape) },
    2,
  );
  expectClose(await program.readSignalDouble("only", "y"), imageOf(y, shape));
  expectClose(await program.readSignalDouble("only", "dx"), imageOf(dx, shape));
  expectClose(await program.readTensorDouble("dGain"), dGain);
  expectClose(await program.readTensorDouble("dShift"), dShift);
  expectClose(await program.readTensorDouble("mean"), mean);
  expectClose(await program.readTensorDouble("variance"), variance);
  expectClose(await program.readSignalDouble("only", "fixed"), imageOf(PYTORCH["by running statistics"][0], shape));
});
