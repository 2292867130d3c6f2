import { drawFineUniform, drawUniform, type RowKey } from "./counter.js";

/** Below this, a fine uniform draw has bits of its own. */
const FINE = 2 ** -12;

/**
 * A normal number with mean 0 and variance 1 for one unit of a row. A uniform number above `FINE` stands for an interval of
 * 2^-24 and counts as its middle, so that the variance is 1.
 * Source: G. Box and M. Muller, Annals of Mathematical Statistics 29 (1958) 610-611.
 */
export function drawNormal(key: RowKey, unit: number): number {
  const u = drawFineUniform(key, 2 * unit);
  const middle = u < FINE ? Math.max(u, 2 ** -57) : u + 2 ** -25;
  return Math.sqrt(-2 * Math.log(middle)) * Math.cos(2 * Math.PI * drawUniform(key, 2 * unit + 1));
}
