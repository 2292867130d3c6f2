import type { Observation, Values } from "./observe.js";

export interface Tolerance {
  /** Largest norm of the difference, relative to the norm of the expected array. */
  readonly relative: number;
  /** Difference of a single number that counts as none whatever the norm: for arrays that are nearly zero. */
  readonly absolute: number;
}

/** Single precision, through sums of a few thousand terms. */
export const SINGLE: Tolerance = { relative: 1e-4, absolute: 1e-6 };

/**
 * Compares the results of two devices for the same case. Returns one line for each array that differs by more than the
 * tolerance, or by a length, or by where it is not finite; an empty list means that they agree.
 */
export function compare(expected: Observation, actual: Observation, tolerance: Tolerance = SINGLE): string[] {
  const differences: string[] = [];
  for (const [key, wanted] of expected.arrays) {
    const got = actual.arrays.get(key);
    const difference = got === undefined ? "is missing" : compareArrays(wanted, got, tolerance);
    if (difference !== undefined) differences.push(`${key} ${difference}`);
  }
  return differences;
}

/** Description of the difference of one array, or undefined. */
export function compareArrays(wanted: Values, got: Values, { relative, absolute }: Tolerance): string | undefined {
  if (wanted.length !== got.length) return `has ${got.length} numbers instead of ${wanted.length}`;
  let worst = 0;
  let at = 0;
  let difference = 0;
  let norm = 0;
  for (let n = 0; n < wanted.length; n++) {
    const a = wanted[n]!;
    const b = got[n]!;
    if (Object.is(a, b) || a === b) {
      norm += a * a;
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(b)) return `is ${b} at ${n}, expected ${a}`;
    if (Math.abs(a - b) > worst) {
      worst = Math.abs(a - b);
      at = n;
    }
    difference += (a - b) ** 2;
    norm += a * a;
  }
  if (Math.sqrt(difference) <= relative * Math.sqrt(norm) + absolute * Math.sqrt(wanted.length)) return undefined;
  const ratio = Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE)).toExponential(1);
  return `differs by ${ratio} of its norm, most at ${at}: ${got[at]} instead of ${wanted[at]}`;
}
