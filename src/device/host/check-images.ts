import type { Add, Convolution, Normalize, NormalizeGradient, Pool, PoolGradient, Windows } from "../contract.js";
import type { PlanLookup } from "./plan-lookup.js";

/** Units of the images that an operation with windows reads and writes. */
export interface ImageUnits {
  readonly input: number;
  readonly output: number;
}

/** Checks the geometry of a convolution and the shape of its weights. */
export function checkConvolution(convolution: Convolution, weights: string, lookup: PlanLookup): ImageUnits {
  const { input, output, size, groups } = convolution;
  requireIntegers({ groups: [groups] }, 1, lookup);
  if (input.channels % groups !== 0 || output.channels % groups !== 0) {
    lookup.fail(`${groups} groups do not divide ${input.channels} input and ${output.channels} output channels`);
  }
  const units = checkWindows(convolution, lookup);
  lookup.tensor(weights, (size[0] * size[1] * input.channels) / groups, output.channels);
  return units;
}

export function checkPool(operation: Pool, lookup: PlanLookup): void {
  const { input, output } = checkPooledWindows(operation, lookup);
  const { kind } = lookup.read(operation.from, { width: input });
  const { rows } = lookup.write(operation.to, {
    width: output,
    kind: operation.kind === "max" && kind === "spikes" ? "spikes" : "values",
  });
  lookup.read(operation.from, { rows });
}

export function checkPoolGradient(operation: PoolGradient, lookup: PlanLookup): void {
  const { input, output } = checkPooledWindows(operation, lookup);
  const { rows } = lookup.read(operation.error, { kind: "values", width: output });
  const from = lookup.read(operation.from, { width: input });
  if (from.rows !== "sample") lookup.read(operation.error, { rows: "steps" });
  lookup.write(operation.to, { kind: "values", width: input, rows });
}

function checkPooledWindows({ kind, windows, scale }: Pool | PoolGradient, lookup: PlanLookup): ImageUnits {
  const { input, output, size, padding, dilation } = windows;
  const units = checkWindows(windows, lookup);
  if (input.channels !== output.channels) {
    lookup.fail(`pooling keeps the channels, but ${input.channels} become ${output.channels}`);
  }
  if (dilation.some((step) => step !== 1)) lookup.fail(`dilation is ${pair(dilation)}; pooling needs 1 x 1`);
  if (padding.some((cells, axis) => cells >= size[axis]!)) {
    lookup.fail(`padding is ${pair(padding)}; pooling needs less than the size ${pair(size)}`);
  }
  if (!Number.isFinite(scale)) lookup.fail(`scale is ${scale}; give a finite number`);
  if (kind === "max" && scale !== 1) lookup.fail(`scale is ${scale}; a maximum has scale 1`);
  return units;
}

/** Sizes of outputs as in PyTorch: windows that begin within the padded image and end within it. */
function checkWindows({ input, output, size, stride, padding, dilation }: Windows, lookup: PlanLookup): ImageUnits {
  const shape = ({ channels, height, width }: Windows["input"]) => [channels, height, width];
  requireIntegers({ input: shape(input), output: shape(output), size, stride, dilation }, 1, lookup);
  requireIntegers({ padding }, 0, lookup);
  const fits = [input.height, input.width].map((cells, axis) => {
    const span = dilation[axis]! * (size[axis]! - 1) + 1;
    return Math.floor((cells + 2 * padding[axis]! - span) / stride[axis]!) + 1;
  });
  if (fits[0] !== output.height || fits[1] !== output.width) {
    lookup.fail(
      `the output is ${output.height} x ${output.width}; windows of ${pair(size)} over ${input.height} x ${input.width} ` +
        `with stride ${pair(stride)}, padding ${pair(padding)}, dilation ${pair(dilation)} give ${fits.join(" x ")}`,
    );
  }
  return {
    input: input.channels * input.height * input.width,
    output: output.channels * output.height * output.width,
  };
}

function requireIntegers(
  numbers: Readonly<Record<string, readonly number[]>>,
  least: number,
  lookup: PlanLookup,
): void {
  for (const [name, values] of Object.entries(numbers)) {
    if (values.every((value) => Number.isInteger(value) && value >= least)) continue;
    lookup.fail(`${name} is ${pair(values)}; give integers from ${least} up`);
  }
}

const pair = (values: readonly number[]): string => values.join(" x ");

export function checkAdd(operation: Add, lookup: PlanLookup): void {
  const { from, scale, to } = operation;
  if (from.length === 0) lookup.fail("a sum needs at least one signal");
  if (from.includes(to)) lookup.fail(`the sum "${to}" cannot be one of its own terms`);
  if (!Number.isFinite(scale)) lookup.fail(`scale is ${scale}; give a finite number`);
  const { width } = lookup.read(from[0]!);
  const terms = from.map((name) => lookup.read(name, { width }));
  const rows = terms.some((term) => term.rows === "steps") ? "steps" : "sample";
  lookup.write(to, { kind: "values", width, rows });
}

export function checkNormalize(operation: Normalize, lookup: PlanLookup): void {
  const { momentum, batchMean, batchVariance } = operation;
  const { width, rows } = lookup.read(operation.from);
  checkEpsilon(operation, lookup);
  const { columns } = lookup.unitTensor(operation.gain, width);
  for (const name of [operation.shift, operation.mean, operation.variance]) lookup.tensor(name, 1, columns);
  if (operation.statistics === "batch") {
    if (momentum === undefined || batchMean === undefined || batchVariance === undefined) {
      lookup.fail("statistics of the batch need a momentum, batchMean and batchVariance");
    } else if (!(momentum >= 0 && momentum <= 1)) lookup.fail(`momentum is ${momentum}; give a number from 0 to 1`);
    else for (const name of [batchMean, batchVariance]) lookup.tensor(name, 1, columns);
  }
  lookup.write(operation.to, { kind: "values", width, rows });
}

export function checkNormalizeGradient(operation: NormalizeGradient, lookup: PlanLookup): void {
  const { gain, batchMean, batchVariance, gainGradient, shiftGradient } = operation;
  checkEpsilon(operation, lookup);
  const { width, rows } = lookup.read(operation.from);
  lookup.read(operation.error, rows === "steps" ? { kind: "values", width, rows } : { kind: "values", width });
  const { columns } = lookup.unitTensor(gain, width);
  for (const name of [batchMean, batchVariance, gainGradient, shiftGradient]) lookup.tensor(name, 1, columns);
  lookup.write(operation.to, { kind: "values", width, rows });
}

function checkEpsilon({ epsilon }: Normalize | NormalizeGradient, lookup: PlanLookup): void {
  if (!(epsilon > 0 && epsilon < Infinity)) lookup.fail(`epsilon is ${epsilon}; give a number above 0`);
}
