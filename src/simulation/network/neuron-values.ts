import type { OwnFunctions } from "../../equations/definitions/own-functions.js";
import { DIMENSIONLESS, type Dimension, parseUnit } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { RowKey } from "../../random/counter.js";
import { isList, sameForAll, sampler, type ValueOrDistribution } from "../values.js";
import { compileElements, isExpression, type Variable, type Variables } from "./element-expression.js";

export const dimensionOf = (unit: string | undefined, where: string): Dimension =>
  unit === undefined || unit === "" ? DIMENSIONLESS : parseUnit(unit, where).dimension;

/** The names that every expression over the neurons of a population has: index and number of neurons. */
export const neuronNames = (size: number): Map<string, Variable> =>
  new Map([
    ["i", { dimension: DIMENSIONLESS, values: Float64Array.from({ length: size }, (_, i) => i), per: "column" }],
    ["N", { dimension: DIMENSIONLESS, values: size, per: "column" }],
  ]);

interface Reading {
  /** Name of the field in errors. */
  readonly where: string;
  /** Any unit of the required dimension; undefined for plain numbers. */
  readonly unit: string | undefined;
  readonly size: number;
  readonly variables: Variables;
  /** Key of the draws. */
  readonly key: RowKey;
  /** Functions and subexpressions of the neuron. Default: none. */
  readonly functions?: OwnFunctions;
}

/**
 * A value per neuron in internal units, or one number if it is the same for all.
 * @throws SpikevineError for a wrong unit, a list of another length, or an expression that is not finite for a neuron.
 */
export function readNeuronValues(values: ValueOrDistribution, reading: Reading): number | Float64Array {
  const { where, unit, size, variables, key, functions } = reading;
  if (isExpression(values, variables, functions)) {
    const out = new Float64Array(size);
    const { evaluate } = compileElements(values, variables, dimensionOf(unit, where), where, functions);
    evaluate(0, undefined, 0, size, key, out);
    return finite(out, where, values);
  }
  if (!isList(values)) {
    const same = sameForAll(values, where, unit);
    if (same !== undefined) return same;
  }
  const draw = sampler(values, where, unit, size);
  return Float64Array.from({ length: size }, (_, neuron) => draw(key, neuron));
}

function finite(values: Float64Array, where: string, text: string): Float64Array {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new SpikevineError(`${where}: "${text}" is ${values[bad]} for i = ${bad}; give an expression that is finite.`);
}

/** One number per neuron. */
export const everyNeuron = (values: number | Float64Array, size: number): Float64Array =>
  typeof values === "number" ? new Float64Array(size).fill(values) : values;
