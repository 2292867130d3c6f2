import { numbers, quantity } from "../../arguments/index.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { type Dimension, describeDimension, isDimensionless, sameDimension } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import { type QuantityLike, read } from "../distributions.js";
import type { DriveModel } from "../model.js";

/** Rows of numbers that are each held for some time, as an option. */
export const HELD = { array: numbers, dt: quantity };

function stepsPerRow(length: number, shown: QuantityLike, clock: Clock, where: string): number {
  const steps = Math.round(length / clock.dt);
  if (steps >= 1 && Math.abs(steps * clock.dt - length) <= 1e-6 * length) return steps;
  throw new SpikevineError(`${where}: dt is ${shown}; give a whole multiple of the simulation's ${clock.dt} ms.`);
}

/** A ratio without the rounding errors of two times. */
const nearestWhole = (ratio: number): number =>
  Math.round(ratio) >= 1 && Math.abs(Math.round(ratio) - ratio) <= 1e-6 * ratio ? Math.round(ratio) : ratio;

/**
 * Rows of numbers that are each held for some time, as a table with one more row, of zeros, for the time after the
 * last.
 * @throws SpikevineError for a `dt` that is not a multiple of the simulation's, incomplete rows, or values that are not
 * finite.
 */
export function heldRows(
  { array, dt }: { readonly array: ArrayLike<number>; readonly dt: QuantityLike },
  width: number,
  clock: Clock,
  where: string,
): { readonly values: Float64Array; readonly stepsPerRow: number } {
  const steps = stepsPerRow(read(dt, `${where}: dt`, "ms"), dt, clock, where);
  if (array.length === 0 || array.length % width !== 0) {
    throw new SpikevineError(`${where}: the array has ${array.length} values; give rows of ${width}.`);
  }
  const values = new Float64Array(array.length + width);
  values.set(array);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikevineError(`${where}: array[${bad}] is ${values[bad]}; give finite numbers.`);
  return { values, stepsPerRow: steps };
}

/**
 * A timed array for `size` neurons as the table of a drive.
 * @throws SpikevineError for a wrong unit, or rows of another length.
 */
export function timedRows(
  { values, rows, width, dt, dimension, unit }: TimedArray,
  wanted: { readonly dimension: Dimension; readonly size: number },
  clock: Clock,
  where: string,
): Omit<DriveModel, "symbol"> {
  const expected = wanted.dimension;
  if (!sameDimension(dimension, expected)) {
    const needed = isDimensionless(expected) ? "without a unit" : `in ${describeDimension(expected)}`;
    throw new SpikevineError(
      `${where}: the timed array ${unit === "" ? "has no unit" : `is in ${unit}`}; give one ${needed}.`,
    );
  }
  if (width !== 1 && width !== wanted.size) {
    throw new SpikevineError(
      `${where}: the timed array has rows of ${width}; give one value per row, or ${wanted.size}, one per neuron.`,
    );
  }
  return { values, rows, width, stepsPerRow: nearestWhole(dt / clock.dt) };
}
