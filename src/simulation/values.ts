import { either, fields, isTyped, kind, numbers, quantity, type RequiredKind, text } from "../arguments/index.js";
import { parseQuantity, parseUnit, sameDimension } from "../equations/language/units.js";
import { SpikevineError } from "../errors.js";
import {
  DISTRIBUTION,
  type Distribution,
  distributionSampler,
  type QuantityLike,
  read,
  type Sampler,
} from "./distributions.js";

/** Numbers in a unit, one for each: the form of a list that takes typed arrays. */
export interface Numbers {
  readonly values: ArrayLike<number>;
  readonly unit: string;
}

/**
 * One value for all, an expression such as "0.1 * i" that gives each its value, a distribution that each value is drawn
 * from, or a list with one value for each.
 */
export type ValueOrDistribution = QuantityLike | Distribution | ArrayLike<QuantityLike> | Numbers;

/** A list with one value for each; each is read by itself. */
export const LIST: RequiredKind = kind("a list with one for each", (value) => Array.isArray(value) || isTyped(value));

const NUMBERS = fields<Numbers>({ values: numbers, unit: text("a unit") });

/** Values as an option. */
export const VALUES: RequiredKind = valuesKind();

function valuesKind(): RequiredKind {
  const all = either(quantity, DISTRIBUTION, LIST);
  const hasNumbers = (value: unknown): boolean => typeof value === "object" && value !== null && "unit" in value;
  return {
    ...all,
    claims: (value) => all.claims?.(value) === true || NUMBERS.claims?.(value) === true,
    fault: (value, path) => (hasNumbers(value) ? NUMBERS : all).fault(value, path),
  };
}

export const isList = (values: ValueOrDistribution): values is ArrayLike<QuantityLike> | Numbers =>
  typeof values === "object" && ("length" in values || "unit" in values);

/** The numbers of a list in internal units. */
function listed(
  list: ArrayLike<QuantityLike> | Numbers,
  where: string,
  unit: string | undefined,
  length: number,
): Float64Array {
  const values = "unit" in list ? list.values : list;
  if (values.length !== length) {
    throw new SpikevineError(`${where} has ${values.length} values; give ${length}, one for each.`);
  }
  if (!("unit" in list)) return Float64Array.from({ length }, (_, i) => read(list[i]!, `${where}[${i}]`, unit));
  const scale = unitScale(list.unit, where, unit);
  const numbers = Float64Array.from(list.values, (value) => value * scale);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikevineError(`${where}[${bad}] is ${list.values[bad]}; give finite numbers.`);
  return numbers;
}

/** Internal value of one of a unit, which must be of the dimension of another unit. */
export function unitScale(given: string, where: string, unit: string | undefined): number {
  const scale = given === "" ? parseQuantity(1, where) : parseUnit(given, `${where}: unit`);
  const wanted = unit === undefined ? parseQuantity(1, where) : parseUnit(unit, where);
  if (sameDimension(scale.dimension, wanted.dimension)) return scale.value;
  throw new SpikevineError(
    `${where}: the unit is "${given}"; give ${unit === undefined ? 'plain numbers, unit: ""' : `a unit like "${unit}"`}.`,
  );
}

/** The value that is the same for all, or undefined if values differ. */
export function sameForAll(values: ValueOrDistribution, where: string, unit: string | undefined): number | undefined {
  return typeof values === "object" ? undefined : read(values, where, unit);
}

/**
 * @param where Name of the field in errors.
 * @param unit Any unit of the required dimension; without one, plain numbers.
 * @param length Number of values that a list must have.
 * @throws SpikevineError for a wrong unit, a distribution without width, or a list of another length.
 */
export function sampler(values: ValueOrDistribution, where: string, unit: string | undefined, length: number): Sampler {
  if (typeof values !== "object") {
    const value = read(values, where, unit);
    return () => value;
  }
  if (isList(values)) {
    const numbers = listed(values, where, unit, length);
    return (_, index) => numbers[index]!;
  }
  return distributionSampler(values, where, unit);
}
