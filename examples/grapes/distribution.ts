/**
 * Fourth central moment divided by the squared variance, minus 3: 0 for a normal distribution, -1.2 for a uniform one, above 0
 * for
 * heavy tails.
 */
export function excessKurtosis(values: ArrayLike<number>): number {
  const { mean, deviation } = momentsOf(values);
  let fourth = 0;
  for (let i = 0; i < values.length; i++) fourth += ((values[i]! - mean) / deviation) ** 4;
  return fourth / values.length - 3;
}

/** Mean and standard deviation (of the population). */
export function momentsOf(values: ArrayLike<number>): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Equal bins of a range. */
export interface Bins {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Middle of every bin. */
export const middles = ({ from, to, count }: Bins): number[] =>
  Array.from({ length: count }, (_, bin) => from + ((bin + 0.5) * (to - from)) / count);

/** Probability density in every bin; the last bin includes its upper end, and values outside the range are not counted. */
export function density(values: ArrayLike<number>, { from, to, count }: Bins): number[] {
  const width = (to - from) / count;
  const counts = new Array<number>(count).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= from && value <= to) counts[Math.min(count - 1, Math.floor((value - from) / width))]! += 1;
  }
  return counts.map((n) => n / (values.length * width));
}
