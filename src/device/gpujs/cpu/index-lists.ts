import type { Deltas, UnitRows } from "./spike-deltas.js";

/**
 * Index lists of the rows that a kernel sums, for the modes whose arrays are JavaScript's. A list is a row of numbers:
 * the count of added rows, the count of removed rows, then the added rows, and at its end the removed rows. Each entry
 * is the offset of a row in the summed array: its index times `stride`.
 */
export type Lists = Float32Array;

/** Numbers in a list before its first entry. */
export const COUNTS = 2;

/** A list of units per row; each has capacity for `COUNTS + width` numbers. */
export function listUnits(added: UnitRows, removed: UnitRows | undefined, width: number, stride: number): Lists {
  const capacity = COUNTS + width;
  const rows = added.starts.length - 1;
  const lists = new Float32Array(rows * capacity);
  for (let row = 0; row < rows; row++) {
    const start = row * capacity;
    const from = added.starts[row]!;
    const count = added.starts[row + 1]! - from;
    lists[start] = count;
    for (let k = 0; k < count; k++) lists[start + COUNTS + k] = added.units[from + k]! * stride;
    if (removed === undefined) continue;
    const removedFrom = removed.starts[row]!;
    const removedCount = removed.starts[row + 1]! - removedFrom;
    lists[start + 1] = removedCount;
    for (let k = 0; k < removedCount; k++) lists[start + capacity - 1 - k] = removed.units[removedFrom + k]! * stride;
  }
  return lists;
}

export interface ColumnsSpec {
  readonly width: number;
  readonly stride: number;
  readonly batch: number;
  /** Samples of the run, at most `batch`. */
  readonly samples: number;
  /** Steps of the chunk of errors. */
  readonly steps: number;
  /** One row per sample holds at every step. */
  readonly static: boolean;
  /** Each step reads the spikes of the step before; the first step of the run reads none. */
  readonly delayed: boolean;
}

/**
 * Per unit, a list of rows of errors `[steps, batch]` of chunk `c`: the steps of its deltas, and, for every sample
 * with baseline 1, row `steps * batch + sample`, the sum of that sample's errors. Each list has capacity for `COUNTS +
 * (steps + 1) * batch` numbers.
 */
export function listErrors({ baseline, chunks }: Deltas, c: number, spec: ColumnsSpec): Lists {
  const { width, stride, batch, samples, steps, delayed } = spec;
  const capacity = COUNTS + (steps + 1) * batch;
  const lists = new Float32Array(width * capacity);
  const add = (units: UnitRows, row: number, error: number): void => {
    const end = units.starts[row + 1]!;
    for (let k = units.starts[row]!; k < end; k++) {
      const list = units.units[k]! * capacity;
      const count = ++lists[list]!;
      lists[list + COUNTS - 1 + count] = error * stride;
    }
  };
  const subtract = (units: UnitRows, row: number, error: number): void => {
    const end = units.starts[row + 1]!;
    for (let k = units.starts[row]!; k < end; k++) {
      const list = units.units[k]! * capacity;
      const count = ++lists[list + 1]!;
      lists[list + capacity - count] = error * stride;
    }
  };
  for (let sample = 0; sample < samples; sample++) add(baseline, sample, steps * batch + sample);
  // A signal that is the same at every step has no deltas.
  if (spec.static) return lists;
  for (let t = 0; t < steps; t++) {
    const source = t > 0 || !delayed ? chunks[c]! : chunks[c - 1];
    const step = delayed ? (t > 0 ? t - 1 : stepsOf(source, batch) - 1) : t;
    for (let sample = 0; sample < samples; sample++) {
      const error = t * batch + sample;
      if (source === undefined) subtract(baseline, sample, error);
      else {
        add(source.added, step * batch + sample, error);
        subtract(source.removed, step * batch + sample, error);
      }
    }
  }
  return lists;
}

const stepsOf = (chunk: Deltas["chunks"][number] | undefined, batch: number): number =>
  chunk === undefined ? 0 : (chunk.added.starts.length - 1) / batch;
