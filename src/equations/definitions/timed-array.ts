import { either, fields, isTyped, list, numbers, optional, quantity, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import {
  add,
  constant,
  divide,
  type Expression,
  lookup,
  multiply,
  negate,
  operation,
  select,
  symbol,
  ZERO,
} from "../language/expression.js";
import type { TableFunction } from "../language/syntax.js";
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

/** The present value of a timed array in equations. */
export interface TimedValue {
  /** Name of the function. */
  readonly name: string;
  readonly array: TimedArray;
  /** True for a value per neuron, `stimulus(t, i)`. */
  readonly perNeuron: boolean;
}

interface TimedArrayOptions {
  /** Time that each row is held. */
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

const TIME: Dimension = parseUnit("ms", "timedArray").dimension;
const isWhole = (index: Expression, width: number): Expression =>
  operation(
    "and",
    operation("and", operation("lessEqual", ZERO, index), operation("less", index, constant(width))),
    operation("equal", index, operation("floor", index)),
  );

/** The values as a function of the time, or of the time and the index of a column. */
export const timedFunction = (array: TimedArray): TableFunction => ({
  inputs: [TIME, DIMENSIONLESS],
  dimension: array.dimension,
  value: (time, column = ZERO) => valueAt(array, time!, column),
});

/** Numbers of inputs that a timed array takes. */
export const inputsOf = ({ width }: TimedArray): number | readonly number[] => (width === 1 ? [1, 2] : 2);

/**
 * Part of a row that is added to a time before its row is found, so that rounding errors of the time do not matter. With a
 * row that lasts r steps it is 1 / 2^(1 + ceil(log2(8 r))), at most a sixteenth of a step.
 * Source: Brian2's TimedArray.
 */
export const rowTolerance = (stepsPerRow: number): number =>
  0.5 / Math.max(1, 2 ** Math.ceil(Math.log2(8 * stepsPerRow) - 1e-12));

function valueAt({ values, rows, width, dt }: TimedArray, time: Expression, column: Expression): Expression {
  const ratio = divide(constant(8 * dt), symbol("dt"));
  const exponent = add(divide(operation("log", ratio), constant(Math.LN2)), constant(-1e-12));
  const pieces = operation(
    "max",
    constant(1),
    operation("power", constant(2), negate(operation("floor", negate(exponent)))),
  );
  const row = operation("floor", add(divide(time, constant(dt)), divide(constant(0.5), pieces)));
  const held = select(operation("less", ZERO, row), operation("min", row, constant(rows - 1)), ZERO);
  if (width === 1 && column === ZERO) return lookup(values, held);
  const isColumn = isWhole(column, width);
  const entry = add(multiply(held, constant(width)), select(isColumn, column, ZERO));
  // A column that does not exist has no value, which the check for infinite and undefined states reports.
  return select(isColumn, lookup(values, entry), constant(Number.NaN));
}
