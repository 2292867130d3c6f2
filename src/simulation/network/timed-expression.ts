import { unitNamed } from "../../equations/definitions/neuron-equations.js";
import { EquationReader, INDEX, SIZE, T, TIME } from "../../equations/definitions/neuron-scope.js";
import type { FunctionSpec } from "../../equations/definitions/own-functions.js";
import {
  constant,
  type Expression,
  freeSymbols,
  substitute,
  subtract,
  symbol,
} from "../../equations/language/expression.js";
import type { Dimension } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import type { DriveModel } from "../model.js";
import { timedRows } from "./held-rows.js";

/** Functions that an expression of the time may call. */
export type Functions = Readonly<Record<string, FunctionSpec>>;

/** The neurons that an expression is for, among those of a population. */
interface Place {
  readonly where: string;
  readonly clock: Clock;
  readonly from: number;
  readonly size: number;
  readonly population: number;
  /** Beginning of the symbols of the drives. */
  readonly prefix: string;
}

/** Tells if a value is an expression of the time. */
export const isTimed = (value: unknown, functions: Functions | undefined): value is string =>
  typeof value === "string" && (functions !== undefined || /(?<![\w.])t(?!\w)/.test(value));

/**
 * Reads an expression of the time `t` and of the index `i` of a neuron, which is evaluated in every step.
 * @returns The value over the time, the index of the whole population, and the drives of its timed arrays; `functions` are to
 * be kept as long as the value, which has only the numbers of their tables.
 * @throws SpikevineError for an unknown name, a wrong unit, and timed arrays with another number of columns.
 */
export function readTimed(text: string, functions: Functions, dimension: Dimension, place: Place) {
  const { where, clock, from, size, population, prefix } = place;
  const reader = new EquationReader(where, { functions }, unitNamed);
  const scope = { names: new Map([["dt", symbol("dt")]]), units: new Map([["dt", TIME]]) };
  const read = reader.read(text, scope, dimension, `${where}: in "${text}"`);
  if (reader.draws.length > 0) {
    throw new SpikevineError(
      `${where}: "${text}" draws numbers in every step; draw them once per neuron, without t, or in the equations of a neuron.`,
    );
  }
  const bound = new Map<Expression, Expression>([
    [symbol("dt"), constant(clock.dt)],
    [SIZE, constant(size)],
    ...(from === 0 ? [] : ([[INDEX, subtract(INDEX, constant(from))]] as const)),
  ]);
  const drives = Object.entries(reader.timed).map(([present, { name, array, perNeuron }]): DriveModel => {
    const at = `${where}: ${name}(${perNeuron ? "t, i" : "t"})`;
    if (perNeuron && array.width !== size) {
      throw new SpikevineError(`${at}: the timed array has rows of ${array.width}; give ${size} values per row.`);
    }
    const own = symbol(`${prefix}__${present}`);
    bound.set(symbol(present), own);
    const rows = timedRows(array, { dimension: array.dimension, size }, clock, at);
    return { symbol: own.name, ...(perNeuron ? placed(rows, from, population) : rows) };
  });
  const value = substitute(read, bound);
  const uses = (name: string): boolean => freeSymbols([value]).includes(name);
  return { value, drives, functions, usesTime: uses(T.name), usesIndex: uses(INDEX.name) };
}

/** Rows with a value for every neuron of the population; 0 for those that are not meant. */
function placed(rows: Omit<DriveModel, "symbol">, from: number, population: number): Omit<DriveModel, "symbol"> {
  const values = new Float64Array(rows.rows * population);
  for (let row = 0; row < rows.rows; row++) {
    values.set(rows.values.subarray(row * rows.width, (row + 1) * rows.width), row * population + from);
  }
  return { ...rows, width: population, values };
}
