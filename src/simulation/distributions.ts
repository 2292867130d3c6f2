import { fields, kind, number, optional, quantity, type RequiredKind, signature, tagged } from "../arguments/index.js";
import { parseQuantity, parseUnit } from "../equations/language/units.js";
import { SpikevineError } from "../errors.js";
import { drawUniform, type RowKey, rowKey } from "../random/counter.js";

/** A quantity: a plain number for a variable without a unit, else text such as "6 nS". */
export type QuantityLike = number | string;

/** Values outside the bounds are moved to them. */
interface Bounds {
  readonly min?: QuantityLike;
  readonly max?: QuantityLike;
}

/** Equally likely anywhere in [low, high). */
export interface Uniform {
  readonly kind: "uniform";
  readonly low: QuantityLike;
  readonly high: QuantityLike;
}

/** Gaussian. */
export interface Normal extends Bounds {
  readonly kind: "normal";
  readonly mean: QuantityLike;
  readonly sd: QuantityLike;
}

/** The logarithm is Gaussian: median exp(sigma z) with z of mean 0 and standard deviation 1. */
export interface Lognormal extends Bounds {
  readonly kind: "lognormal";
  readonly median: QuantityLike;
  readonly sigma: number;
}

/** Density exp(-x / mean) / mean above 0. */
export interface Exponential extends Bounds {
  readonly kind: "exponential";
  readonly mean: QuantityLike;
}

/** Density proportional to x^(shape - 1) exp(-x / scale) above 0; its mean is shape scale. */
export interface Gamma extends Bounds {
  readonly kind: "gamma";
  readonly shape: number;
  readonly scale: QuantityLike;
}

export type Distribution = Uniform | Normal | Lognormal | Exponential | Gamma;

const BOUNDS = { min: optional(quantity), max: optional(quantity) };
const bounds = fields<Bounds>(BOUNDS, { root: "bounds" });
const SIGMA = number({ least: 0 });
const SHAPE = number({ above: 0 });

const checkUniform = signature("uniform", { low: quantity, high: quantity });
const checkNormal = signature("normal", { mean: quantity, sd: quantity, bounds });
const checkLognormal = signature("lognormal", { median: quantity, sigma: SIGMA, bounds });
const checkExponential = signature("exponential", { mean: quantity, bounds });
const checkGamma = signature("gamma", { shape: SHAPE, scale: quantity, bounds });

/** Values that are equally likely anywhere in [low, high). */
export function uniform(low: QuantityLike, high: QuantityLike): Uniform {
  checkUniform([low, high]);
  return { kind: "uniform", low, high };
}

/** Gaussian values; `bounds` moves values outside of `min` and `max` to them. */
export function normal(mean: QuantityLike, sd: QuantityLike, bounds: Bounds = {}): Normal {
  checkNormal([mean, sd, bounds]);
  return { kind: "normal", mean, sd, ...bounds };
}

/**
 * Values whose logarithm is Gaussian: median exp(sigma z). The mean is median exp(sigma^2 / 2).
 * @param sigma Standard deviation of the logarithm, without a unit.
 */
export function lognormal(median: QuantityLike, sigma: number, bounds: Bounds = {}): Lognormal {
  checkLognormal([median, sigma, bounds]);
  return { kind: "lognormal", median, sigma, ...bounds };
}

/** Exponentially distributed values above 0. */
export function exponential(mean: QuantityLike, bounds: Bounds = {}): Exponential {
  checkExponential([mean, bounds]);
  return { kind: "exponential", mean, ...bounds };
}

/** Gamma-distributed values above 0, of mean shape scale and variance shape scale^2. */
export function gamma(shape: number, scale: QuantityLike, bounds: Bounds = {}): Gamma {
  checkGamma([shape, scale, bounds]);
  return { kind: "gamma", shape, scale, ...bounds };
}

const tag = kind("its kind", () => true);

/** A distribution as an option. */
export const DISTRIBUTION: RequiredKind = tagged(
  "kind",
  {
    uniform: fields<Uniform>({ kind: tag, low: quantity, high: quantity }),
    normal: fields<Normal>({ kind: tag, mean: quantity, sd: quantity, ...BOUNDS }),
    lognormal: fields<Lognormal>({ kind: tag, median: quantity, sigma: SIGMA, ...BOUNDS }),
    exponential: fields<Exponential>({ kind: tag, mean: quantity, ...BOUNDS }),
    gamma: fields<Gamma>({ kind: tag, shape: SHAPE, scale: quantity, ...BOUNDS }),
  },
  "the result of uniform(), normal(), lognormal(), exponential() or gamma()",
);

/** Returns the value at an index in internal units. Draws are keyed by the index, so that repeated calls agree. */
export type Sampler = (key: RowKey, index: number) => number;

/** @throws SpikevineError for a wrong unit or a distribution without width. */
export function distributionSampler(given: Distribution, where: string, unit: string | undefined): Sampler {
  const positive = (value: QuantityLike, name: string): number => {
    const found = read(value, `${where}: ${name}`, unit);
    if (found < 0) throw new SpikevineError(`${where}: ${name} is ${value}; give at least 0.`);
    return found;
  };
  switch (given.kind) {
    case "uniform": {
      const from = read(given.low, `${where}: low`, unit);
      const width = read(given.high, `${where}: high`, unit) - from;
      if (width < 0) {
        throw new SpikevineError(`${where} goes from ${given.low} to ${given.high}; give the smaller one first.`);
      }
      return (key, index) => from + width * drawUniform(key, index);
    }
    case "normal": {
      const mean = read(given.mean, `${where}: mean`, unit);
      const sd = positive(given.sd, "sd");
      return bounded(given, where, unit, (key, index) => mean + sd * drawNormal(key, index));
    }
    case "lognormal": {
      const median = positive(given.median, "median");
      return bounded(given, where, unit, (key, index) => median * Math.exp(given.sigma * drawNormal(key, index)));
    }
    case "exponential": {
      const mean = positive(given.mean, "mean");
      return bounded(given, where, unit, (key, index) => -mean * Math.log(1 - drawUniform(key, index)));
    }
    case "gamma": {
      const scale = positive(given.scale, "scale");
      return bounded(given, where, unit, (key, index) => scale * drawGamma(given.shape, key, index));
    }
  }
}

function bounded(given: Bounds, where: string, unit: string | undefined, draw: Sampler): Sampler {
  const min = given.min === undefined ? Number.NEGATIVE_INFINITY : read(given.min, `${where}: min`, unit);
  const max = given.max === undefined ? Number.POSITIVE_INFINITY : read(given.max, `${where}: max`, unit);
  if (min > max) throw new SpikevineError(`${where}: min is ${given.min}, above max ${given.max}; give min below max.`);
  return (key, index) => Math.min(Math.max(draw(key, index), min), max);
}

/** Mean 0 and standard deviation 1, by Box and Muller's transform of the draws 2 index and 2 index + 1. */
export function drawNormal(key: RowKey, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - drawUniform(key, 2 * index)));
  return radius * Math.cos(2 * Math.PI * drawUniform(key, 2 * index + 1));
}

/**
 * Scale 1, by rejection from a transformed Gaussian. Each index has its own row of draws, as the number of draws varies.
 * Source: G. Marsaglia and W. W. Tsang, ACM Trans. Math. Software 26 (2000) 363-372.
 */
function drawGamma(shape: number, key: RowKey, index: number): number {
  const own = rowKey(key.k0, key.k1, index);
  if (shape < 1) return drawGamma(shape + 1, key, index) * (1 - drawUniform(own, 2 ** 31)) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let k = 0; ; k++) {
    const z = drawNormal(own, 2 * k);
    const v = (1 + c * z) ** 3;
    const u = 1 - drawUniform(own, 4 * k + 2);
    if (v > 0 && Math.log(u) < z ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** One quantity as a number in internal units. */
export function read(given: QuantityLike, where: string, unit: string | undefined): number {
  const dimension = unit === undefined ? parseQuantity(1, where).dimension : parseUnit(unit, where).dimension;
  return parseQuantity(given, where, dimension).value;
}
