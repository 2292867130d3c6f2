/** Index of the first of the ascending steps that is not before `step`. */
export function firstAtOrAfter(steps: ArrayLike<number>, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The counters of one row of noise, for `rowKey`. */
export const noiseKey = (counters: readonly number[], trial: number, step: number): number[] => [
  ...counters,
  trial,
  step,
];
