import { choice, fields, numbers, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import {
  add,
  constant,
  type Expression,
  lookup,
  multiply,
  operation,
  select,
  subtract,
  ZERO,
} from "../language/expression.js";
import type { TableFunction } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension, parseUnit } from "../language/units.js";

/** A function that is given at some points, made by `functionTable`. */
export interface FunctionTable {
  readonly kind: "functionTable";
  /** Arguments at which the function is given, ascending, in internal units. */
  readonly points: Float64Array;
  /** Values at the points, in internal units. */
  readonly values: Float64Array;
  readonly between: "linear" | "steps";
  /** Slopes after each point, 0 after the last. */
  readonly slopes: Float64Array;
  /** The points, filled up with infinities to a power of two. */
  readonly search: Float64Array;
  readonly argument: Dimension;
  readonly dimension: Dimension;
}

interface FunctionTableOptions {
  /** Unit of the points; plain numbers if left out. */
  readonly argument?: string;
  /** Unit of the values; plain numbers if left out. */
  readonly unit?: string;
  /**
   * `linear` joins the values by lines; `steps` holds each value up to the next point. Before the first point and after the
   * last one the function is constant. Default: "linear".
   */
  readonly between?: "linear" | "steps";
}

const check = signature("functionTable", {
  points: numbers,
  values: numbers,
  options: fields<FunctionTableOptions>(
    {
      argument: optional(text("a unit")),
      unit: optional(text("a unit")),
      between: optional(choice(["linear", "steps"])),
    },
    { root: "options" },
  ),
});

/**
 * A function of one number as a table, for the `functions` of a neuron or a synapse.
 * @param points Arguments, each larger than the one before.
 * @param values The function at each point.
 * @throws SpikevineError for lists of different lengths, points that do not ascend, numbers that are not finite, or an unknown
 * unit.
 */
export function functionTable(
  points: ArrayLike<number>,
  values: ArrayLike<number>,
  options: FunctionTableOptions = {},
): FunctionTable {
  check([points, values, options]);
  const { argument = "", unit = "", between = "linear" } = options;
  const length = points.length;
  if (length < 2 || values.length !== length) {
    throw new SpikevineError(
      `functionTable: there are ${length} points and ${values.length} values; give at least two points, and one value for each.`,
    );
  }
  const from = unitOf(argument, "argument");
  const to = unitOf(unit, "unit");
  const scaled = (numbers: ArrayLike<number>, by: number, name: string): Float64Array => {
    const found = Float64Array.from({ length }, (_, k) => numbers[k]! * by);
    const bad = found.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return found;
    throw new SpikevineError(`functionTable: ${name}[${bad}] is ${numbers[bad]}; give finite numbers.`);
  };
  const at = scaled(points, from.value, "points");
  const y = scaled(values, to.value, "values");
  const low = at.findIndex((point, k) => k > 0 && !(point > at[k - 1]!));
  if (low > 0) {
    throw new SpikevineError(
      `functionTable: points[${low}] is ${points[low]} after ${points[low - 1]}; give points that ascend.`,
    );
  }
  return {
    kind: "functionTable",
    points: at,
    values: y,
    between,
    slopes: Float64Array.from(at, (point, k) => (k < length - 1 ? (y[k + 1]! - y[k]!) / (at[k + 1]! - point) : 0)),
    search: Float64Array.from(
      { length: 2 ** Math.ceil(Math.log2(length)) },
      (_, k) => at[k] ?? Number.POSITIVE_INFINITY,
    ),
    argument: from.dimension,
    dimension: to.dimension,
  };
}

const unitOf = (unit: string, field: string): { readonly value: number; readonly dimension: Dimension } =>
  unit === "" ? { value: 1, dimension: DIMENSIONLESS } : parseUnit(unit, `functionTable: ${field}`);

/** Tells if a value is the result of `functionTable`. */
export const isFunctionTable = (value: unknown): value is FunctionTable =>
  typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "functionTable";

/** The function in equations. */
export const asFunction = (table: FunctionTable): TableFunction => ({
  inputs: [table.argument],
  dimension: table.dimension,
  value: (x) => valueAt(table, x!),
});

function valueAt({ points, values, slopes, search, between }: FunctionTable, x: Expression): Expression {
  const last = points.length - 1;
  const within = operation("min", operation("max", x, constant(points[0]!)), constant(points[last]!));
  // Binary search for the last point that is not above x.
  let index: Expression = ZERO;
  for (let half = search.length / 2; half >= 1; half /= 2) {
    const next = add(index, constant(half));
    index = select(operation("lessEqual", lookup(search, next), within), next, index);
  }
  const start = lookup(values, index);
  if (between === "steps") return start;
  return add(start, multiply(lookup(slopes, index), subtract(within, lookup(points, index))));
}
