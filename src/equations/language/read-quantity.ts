import { findUnit, type NamedUnit } from "./unit-table.js";

/** A text such as `20 ms`, `1/ms` or `kg m^2 / s`, in SI. */
export interface QuantityText {
  /** The number, with the unit, in SI; null for a unit alone. */
  readonly value: number | null;
  /** One of the unit, in SI. */
  readonly one: number;
  /** Zero of the unit, in SI: not 0 for a scale of temperature. */
  readonly zero: number;
  /** Exponents of mass, length, time, current, temperature, luminous intensity, amount, angle and bit. */
  readonly dimension: readonly number[];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const UNIT = /^[A-Za-z][A-Za-z0-9]*/;

interface Factor {
  readonly unit: NamedUnit;
  readonly prefix: number;
  readonly power: number;
}

/**
 * Reads a number, a product of units, or both. `*` or a space multiplies, `/` divides by the next unit or by the units in
 * parentheses, `^` raises a unit to a number. Undefined if it is none of these.
 */
export function readQuantity(text: string): QuantityText | undefined {
  let rest = text.trim();
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length).trimStart();
    return found;
  };
  const numeral = take(NUMBER);
  const factors: Factor[] = [];
  /** Signs of the power: of the next unit, and of the open parentheses, the outermost first. */
  let sign = 1;
  const open: number[] = [];
  let isUnitNext = false;
  const takeOperator = (): void => {
    const operator = take(/^[*/]/);
    isUnitNext = operator !== undefined;
    sign = operator === "/" ? -1 : 1;
  };
  if (numeral !== undefined) takeOperator();
  while (rest !== "") {
    while (take(/^\(/) !== undefined) {
      open.push(sign);
      sign = 1;
    }
    const name = take(UNIT);
    const found = name === undefined ? undefined : findUnit(name);
    if (found === undefined) return undefined;
    const exponent = take(/^\^/) === undefined ? "1" : take(NUMBER);
    if (exponent === undefined) return undefined;
    factors.push({ ...found, power: open.reduce((product, each) => product * each, sign) * Number(exponent) });
    while (take(/^\)/) !== undefined) if (open.pop() === undefined) return undefined;
    takeOperator();
  }
  if (isUnitNext || open.length > 0 || (numeral === undefined && factors.length === 0)) return undefined;
  return quantityOf(numeral === undefined ? null : Number(numeral), factors);
}

function quantityOf(number: number | null, factors: readonly Factor[]): QuantityText {
  const dimension = Array.from({ length: 9 }, (_, i) =>
    factors.reduce((sum, { unit, power }) => sum + unit.exponents[i]! * power, 0),
  );
  const [first] = factors;
  const inSI = (value: number): number => {
    // A scale of temperature alone is a temperature; in a product it stands for differences.
    if (factors.length === 1 && first!.power === 1 && first!.unit.offset !== 0)
      return (value * first!.prefix + first!.unit.offset) * first!.unit.value;
    return factors.reduce((product, { unit, prefix, power }) => product * (unit.value * prefix) ** power, value);
  };
  return {
    value: number === null ? null : inSI(number),
    one: inSI(1),
    zero: factors.length === 0 ? 0 : inSI(0),
    dimension,
  };
}
