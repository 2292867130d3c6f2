import { SpikevineError } from "../errors.js";

/** Returns `value` when it is a whole number from `least` to `most`. Throws SpikevineError that names `field`. */
export function wholeNumber(field: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SpikevineError(`${field} is ${value}; give a whole number from ${least} to ${most}.`);
}
