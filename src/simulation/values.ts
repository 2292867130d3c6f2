import {
  either,
  fields,
  isTyped,
  kind,
  optional,
  quantity,
  type RequiredKind,
  signature,
  tagged,
} from "../arguments/index.js";
import { parseQuantity, parseUnit } from "../equations/language/units.js";
import { SpikevineError } from "../errors.js";
import { drawUniform, type RowKey } from "../random/counter.js";

/** A quantity: a plain number for a variable without a unit, else text such as "6 nS". */
export type QuantityLike = number | string;

/** Equally likely anywhere in [low, high). */
export interface Uniform {
  readonly kind: "uniform";
  readonly low: QuantityLike;
  readonly high: QuantityLike;
}

/** Gaussian; values outside the bounds are moved to them. */
export interface Normal {
  readonly kind: "normal";
  readonly mean: QuantityLike;
  readonly sd: QuantityLike;
  readonly min?: QuantityLike;
  readonly max?: QuantityLike;
}

type Bounds = Pick<Normal, "min" | "max">;

const BOUNDS = { min: optional(quantity), max: optional(quantity) };

const checkUniform = signature("uniform", { low: quantity, high: quantity });
const checkNormal = signature("normal", {
  mean: quantity,
  sd: quantity,
  bounds: fields<Bounds>(BOUNDS, { root: "bounds" }),
});

export function uniform(low: QuantityLike, high: QuantityLike): Uniform {
  checkUniform([low, high]);
  return { kind: "uniform", low, high };
}

export function normal(mean: QuantityLike, sd: QuantityLike, bounds: Bounds = {}): Normal {
  checkNormal([mean, sd, bounds]);
  return { kind: "normal", mean, sd, ...bounds };
}

/** One value for all, a distribution that each value is drawn from, or a list with one value for each. */
export type ValueOrDistribution = QuantityLike | Uniform | Normal | ArrayLike<QuantityLike>;

/** A list with one value for each; each is read by itself. */
export const LIST: RequiredKind = kind("a list with one for each", (value) => Array.isArray(value) || isTyped(value));

const tag = kind("its kind", () => true);

/** Values as an option. */
export const VALUES: RequiredKind = either(
  quantity,
  tagged(
    "kind",
    {
      uniform: fields<Uniform>({ kind: tag, low: quantity, high: quantity }),
      normal: fields<Normal>({ kind: tag, mean: quantity, sd: quantity, ...BOUNDS }),
    },
    "what uniform() or normal() makes",
  ),
  LIST,
);

/** Returns the value at an index in internal units. Draws are keyed by the index, so that repeated calls agree. */
export type Sampler = (key: RowKey, index: number) => number;

export const isList = (values: ValueOrDistribution): values is ArrayLike<QuantityLike> =>
  typeof values === "object" && "length" in values;

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
    if (values.length !== length) {
      throw new SpikevineError(`${where} has ${values.length} values; give ${length}, one for each.`);
    }
    const numbers = Float64Array.from({ length }, (_, i) => read(values[i]!, `${where}[${i}]`, unit));
    return (_, index) => numbers[index]!;
  }
  return values.kind === "uniform" ? uniformSampler(values, where, unit) : normalSampler(values, where, unit);
}

function uniformSampler({ low, high }: Uniform, where: string, unit: string | undefined): Sampler {
  const from = read(low, `${where}: low`, unit);
  const width = read(high, `${where}: high`, unit) - from;
  if (width < 0) throw new SpikevineError(`${where} goes from ${low} to ${high}; give the smaller one first.`);
  return (key, index) => from + width * drawUniform(key, index);
}

/** Box and Muller's transform of two uniform draws. */
function normalSampler(distribution: Normal, where: string, unit: string | undefined): Sampler {
  const mean = read(distribution.mean, `${where}: mean`, unit);
  const sd = read(distribution.sd, `${where}: sd`, unit);
  if (sd < 0) throw new SpikevineError(`${where}: sd is ${distribution.sd}; give at least 0.`);
  const min = distribution.min === undefined ? Number.NEGATIVE_INFINITY : read(distribution.min, `${where}: min`, unit);
  const max = distribution.max === undefined ? Number.POSITIVE_INFINITY : read(distribution.max, `${where}: max`, unit);
  return (key, index) => {
    const radius = Math.sqrt(-2 * Math.log(1 - drawUniform(key, 2 * index)));
    const value = mean + sd * radius * Math.cos(2 * Math.PI * drawUniform(key, 2 * index + 1));
    return Math.min(Math.max(value, min), max);
  };
}

/** One quantity as a number in internal units. */
export function read(given: QuantityLike, where: string, unit: string | undefined): number {
  const dimension = unit === undefined ? parseQuantity(1, where).dimension : parseUnit(unit, where).dimension;
  return parseQuantity(given, where, dimension).value;
}
