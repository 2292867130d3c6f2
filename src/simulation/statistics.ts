/** Spikes per unit and second (Hz) from the number of spikes in every bin of `bin` ms. */
export const binnedRate = (counts: ArrayLike<number>, units: number, bin: number): Float64Array =>
  Float64Array.from(counts, (count) => (1000 * count) / (units * bin));

/** The times between one spike and the next of a train, ms. */
export const intervals = (train: Float64Array): Float64Array =>
  Float64Array.from({ length: Math.max(0, train.length - 1) }, (_, k) => train[k + 1]! - train[k]!);

function mean(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Coefficient of variation of a train's intervals: their standard deviation over their mean. 0 for a clock, 1 for a
 * Poisson train, NaN for fewer than two intervals.
 */
export function intervalCv(train: Float64Array): number {
  const between = intervals(train);
  if (between.length < 2) return Number.NaN;
  const middle = mean(between);
  return Math.sqrt(mean(between.map((interval) => (interval - middle) ** 2))) / middle;
}

/**
 * The mean coefficient of variation over all trains with at least `fewest` spikes; NaN where there is none.
 * @param fewest Default: 5, since a train of a few spikes says little.
 */
export function meanIntervalCv(trains: readonly Float64Array[], fewest = 5): number {
  return mean(trains.filter((train) => train.length >= Math.max(3, fewest)).map(intervalCv));
}
