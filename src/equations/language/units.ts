import { SpikevineError } from "../../errors.js";
import { isTooSmall, NUMBER, plainQuantity } from "./numerals.js";
import { readQuantity } from "./read-quantity.js";

/**
 * Quantities with units. Inside, everything is in one coherent system whose base is ms, mV and
 * pA (hence nS, GOhm, pF, kHz); metre, kelvin, mole, candela, radian and bit stay those of SI. An equation over internal
 * numbers therefore needs no conversion factors.
 *
 * A dimension is a list of exponents:
 * mass, length, time, current, temperature, luminous intensity, amount, angle, bit.
 */
export type Dimension = readonly number[];

export interface Quantity {
  /** In the internal system. */
  readonly value: number;
  readonly dimension: Dimension;
}

export const DIMENSIONLESS: Dimension = [0, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * Powers of ten from SI to internal units. V = kg m^2 s^-3 A^-1 fixes the unit of mass: 1e-3 V * (1e-3 s)^3 * 1e-12 A.
 */
const POWERS_OF_TEN = [24, 0, 3, 12, 0, 0, 0, 0, 0] as const;

export const sameDimension = (a: Dimension, b: Dimension): boolean => a.every((e, i) => Math.abs(e - b[i]!) < 1e-9);
export const isDimensionless = (d: Dimension): boolean => sameDimension(d, DIMENSIONLESS);
export const multiplyDimensions = (a: Dimension, b: Dimension): Dimension => a.map((e, i) => e + b[i]!);
export const divideDimensions = (a: Dimension, b: Dimension): Dimension => a.map((e, i) => e - b[i]!);
export const scaleDimension = (a: Dimension, exponent: number): Dimension => a.map((e) => e * exponent);

/** Rounds away the last bits of decimal conversion, so that "0.7 ms" is 0.7 and not 0.7000000000000001. */
export const tidy = (value: number): number => Number(value.toPrecision(15));

interface Read {
  readonly value: number | null;
  readonly quantity: Quantity;
  /**
   * Value of 0 in the unit. It is not 0 for degC, in which a temperature and a difference of temperatures are different
   * numbers.
   */
  readonly zero: number;
}

function read(given: string): Read | undefined {
  if (given.length > 60) return undefined;
  const found = readQuantity(plainQuantity(given));
  if (found === undefined) return undefined;
  const { value, one, zero, dimension } = found;
  const power = dimension.reduce((sum, exponent, i) => sum + exponent * POWERS_OF_TEN[i]!, 0);
  return { value, quantity: { value: tidy((value ?? one) * 10 ** power), dimension }, zero };
}

/** A unit and not a quantity: "ms" or "1/ms", not "20 ms". */
const STARTS_AS_UNIT = /^\s*(?:1\s*\/|[^\d\s.+-])/;

/**
 * Reads the name of a unit, e.g. `mV`, `nS`, `1/ms`, `mV/ms`; its value is one of that unit in the internal system.
 * @throws SpikevineError if the unit is unknown, or if its zero is not 0 K.
 */
export function parseUnit(text: string, where: string): Quantity {
  const found = read(text);
  if (found !== undefined && found.zero !== 0)
    throw new SpikevineError(`${where}: 0 ${text} is not 0 K; use the unit "K".`);
  if (found === undefined || !(found.quantity.value > 0) || !STARTS_AS_UNIT.test(plainQuantity(text))) {
    throw new SpikevineError(
      `${where}: unknown unit "${text}"; give one such as "ms", "mV", "pA", "nS", "pF" or "Hz".`,
    );
  }
  return found.quantity;
}

/**
 * Reads a quantity: a plain number, or text such as "20 ms", "-65 mV", "0.8".
 * @param where Names the field in errors, e.g. `neurons/lif: "tau"`.
 * @param expected The dimension it has to have; without it, any.
 * @throws SpikevineError, e.g. `neurons/lif: "tau" is 20 (no unit); give a time, e.g. "20 ms"`.
 */
export function parseQuantity(given: number | string, where: string, expected?: Dimension): Quantity {
  let quantity: Quantity;
  if (typeof given === "number") quantity = { value: given, dimension: DIMENSIONLESS };
  else {
    const found = typeof given === "string" ? read(given) : undefined;
    if (found === undefined || found.value === null) {
      const shown = typeof given === "string" ? JSON.stringify(given.slice(0, 80)) : String(given);
      throw new SpikevineError(`${where} is ${shown}, which is not a quantity; give ${wanted(expected)}.`);
    }
    quantity = found.quantity;
    if (found.zero !== 0) {
      throw new SpikevineError(
        `${where} is ${given}: a temperature of ${quantity.value} K, or a difference of ${Number((quantity.value - found.zero).toPrecision(9))} K; give the intended one in K.`,
      );
    }
  }
  if (typeof given === "string" && [...given.matchAll(NUMBER)].some(([numeral]) => isTooSmall(numeral))) {
    throw new SpikevineError(`${where} is ${given}, smaller than every number above 0; give 0 or a larger one.`);
  }
  if (!Number.isFinite(quantity.value)) throw new SpikevineError(`${where} is ${given}; give a finite number.`);
  if (expected !== undefined && !sameDimension(quantity.dimension, expected)) {
    const found = isDimensionless(quantity.dimension) ? "no unit" : `in ${describeDimension(quantity.dimension)}`;
    throw new SpikevineError(`${where} is ${given} (${found}); give ${wanted(expected)}.`);
  }
  return quantity;
}

/**
 * A quantity as a number in internal units, e.g. `quantity("network: dt", "100 us", "ms")` is 0.1.
 * @param where Names the field in errors.
 * @param unit Any unit of the dimension that is wanted.
 */
export const quantity = (where: string, given: number | string, unit: string): number =>
  parseQuantity(given, where, parseUnit(unit, where).dimension).value;

const dimensionOf = (unit: string): Dimension => read(unit)!.quantity.dimension;

/** Dimensions with a name of their own, and an example for errors. */
const NAMED: readonly { readonly unit: string; readonly name: string; readonly example: string }[] = [
  { unit: "ms", name: "a time", example: "20 ms" },
  { unit: "mV", name: "a voltage", example: "-65 mV" },
  { unit: "pA", name: "a current", example: "200 pA" },
  { unit: "nS", name: "a conductance", example: "10 nS" },
  { unit: "GOhm", name: "a resistance", example: "100 MOhm" },
  { unit: "pF", name: "a capacitance", example: "200 pF" },
  { unit: "1/ms", name: "a rate", example: "50 Hz" },
];

function wanted(expected: Dimension | undefined): string {
  if (expected === undefined) return 'a number, or a number and a unit such as "20 ms"';
  if (isDimensionless(expected)) return "a plain number without a unit";
  const named = NAMED.find(({ unit }) => sameDimension(dimensionOf(unit), expected));
  return named === undefined
    ? `a quantity in ${describeDimension(expected)}`
    : `${named.name}, e.g. "${named.example}"`;
}

/** A dimension in internal units, in its shortest form: `ms`, `mV/ms`, `mV/pF`; in SI, e.g. `kg m^2`, if none of these fits. */
export function describeDimension(dimension: Dimension): string {
  if (isDimensionless(dimension)) return "no unit";
  const units = NAMED.map(({ unit }) => ({ unit, dimension: dimensionOf(unit) }));
  for (const a of units) if (sameDimension(a.dimension, dimension)) return a.unit;
  const simple = units.slice(0, -1);
  for (const [join, combine] of [
    ["/", divideDimensions],
    ["*", multiplyDimensions],
  ] as const) {
    for (const a of simple) {
      for (const b of simple) {
        if (sameDimension(combine(a.dimension, b.dimension), dimension)) return `${a.unit}${join}${b.unit}`;
      }
    }
  }
  const names = ["kg", "m", "s", "A", "K", "cd", "mol", "rad", "b"];
  return dimension.flatMap((e, i) => (e === 0 ? [] : e === 1 ? [names[i]!] : [`${names[i]!}^${tidy(e)}`])).join(" ");
}
