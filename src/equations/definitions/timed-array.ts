import { either, fields, isTyped, list, numbers, optional, quantity, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { DIMENSIONLESS, type Dimension, parseUnit, quantity as readQuantity } from "../language/units.js";

/** Values over time, each row held for `dt`; the last row is held from then on. */
export interface TimedArray {
  readonly kind: "timedArray";
  /** `[rows, width]`, row-major, in internal units. */
  readonly values: Float64Array;
  readonly rows: number;
  /** Values per row: 1, or one per neuron. */
  readonly width: number;
  /** Length of a row, ms. */
  readonly dt: number;
  /** Unit that the values were given in; empty for plain numbers. */
  readonly unit: string;
  readonly dimension: Dimension;
}

interface TimedArrayOptions {
  /** Time that each row is held, a whole multiple of the simulation's step. */
  readonly dt: number | string;
  /** Unit of the values; plain numbers if left out. */
  readonly unit?: string;
}

const check = signature("timedArray", {
  values: either(numbers, list(numbers, 1)),
  options: fields<TimedArrayOptions>({ dt: quantity, unit: optional(text("a unit")) }, { root: "options" }),
});

/**
 * Values over time for inputs, rates and equations.
 * @param values `[rows]`, the same for all neurons, or a list of rows with one value per neuron.
 * @throws SpikevineError for no values, rows of different lengths, values that are not finite, a `dt` that is not a time
 * above 0, or an unknown unit.
 */
export function timedArray(
  values: ArrayLike<number> | readonly ArrayLike<number>[],
  options: TimedArrayOptions,
): TimedArray {
  check([values, options]);
  const { unit = "" } = options;
  const dt = readQuantity("timedArray: dt", options.dt, "ms");
  if (!(dt > 0)) throw new SpikevineError(`timedArray: dt is ${options.dt}; give a time above 0, e.g. "1 ms".`);
  const { value: scale, dimension } =
    unit === "" ? { value: 1, dimension: DIMENSIONLESS } : parseUnit(unit, "timedArray: unit");
  const rows = values.length;
  if (rows === 0) throw new SpikevineError("timedArray: values is empty; give at least one row.");
  const first = values[0]!;
  const width = typeof first === "number" ? 1 : first.length;
  const flat = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const one = values[row]!;
    const line = typeof one === "number" ? [one] : one;
    if (line.length !== width || width === 0) {
      throw new SpikevineError(
        `timedArray: row ${row} has ${line.length} values and row 0 has ${width}; give the same.`,
      );
    }
    for (let k = 0; k < width; k++) flat[row * width + k] = line[k]! * scale;
  }
  const bad = flat.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new SpikevineError(
      `timedArray: a value in row ${Math.floor(bad / width)} is not finite; give finite numbers.`,
    );
  }
  return { kind: "timedArray", values: flat, rows, width, dt, unit, dimension };
}

/** Tells if a value is the result of `timedArray`. */
export const isTimedArray = (value: unknown): value is TimedArray =>
  typeof value === "object" &&
  value !== null &&
  (value as { kind?: unknown }).kind === "timedArray" &&
  isTyped((value as TimedArray).values);
