import { fault, type NirNode } from "./read-graph.js";

/**
 * Numbers of a field of a node, row-major.
 * @param absent value if the field is not there; undefined: the field is required
 * @throws SpikevineError if the field is missing or not of numbers that are finite in single precision
 */
export function numbersOf({ name, type, arrays }: NirNode, field: string, file: string, absent?: number): number[] {
  const array = arrays.get(field);
  if (array === undefined) {
    if (absent !== undefined) return [absent];
    throw fault(file, `has no ${field} in ${name}, a ${type}`);
  }
  const numbers = Array.from(array.values as ArrayLike<unknown>, (value) =>
    typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN,
  );
  if (numbers.length > 0 && numbers.every((value) => Number.isFinite(Math.fround(value)))) return numbers;
  throw fault(file, `has values of ${field} in ${name} that are not finite numbers`);
}
