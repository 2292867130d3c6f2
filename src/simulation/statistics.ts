import { list, number, numbers, optional, signature, whole } from "../arguments/index.js";

const checkRate = signature("binnedRate", { counts: numbers, neurons: whole(1), bin: number({ above: 0 }) });
const checkIntervals = signature("isi", { train: numbers });
const checkCv = signature("isiCv", { train: numbers });
const checkMeanCv = signature("meanIsiCv", { trains: list(numbers), fewest: optional(whole(0)) });

/** Spikes per neuron and second (Hz) from the number of spikes in every bin of `bin` ms. */
export function binnedRate(counts: ArrayLike<number>, neurons: number, bin: number): Float64Array {
  checkRate([counts, neurons, bin]);
  return Float64Array.from(counts, (count) => (1000 * count) / (neurons * bin));
}

/** The times between successive spikes of a train, ms. */
export function isi(train: Float64Array): Float64Array {
  checkIntervals([train]);
  return Float64Array.from({ length: Math.max(0, train.length - 1) }, (_, k) => train[k + 1]! - train[k]!);
}

function mean(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Coefficient of variation of a train's intervals: their standard deviation divided by their mean. 0 for a clock, 1 for
 * a Poisson train, NaN for fewer than two intervals.
 */
export function isiCv(train: Float64Array): number {
  checkCv([train]);
  const between = isi(train);
  if (between.length < 2) return Number.NaN;
  const middle = mean(between);
  return Math.sqrt(mean(between.map((interval) => (interval - middle) ** 2))) / middle;
}

/**
 * The mean coefficient of variation over all trains with at least `fewest` spikes; NaN if there are none.
 * @param fewest Default: 5, since a train of a few spikes is not informative.
 */
export function meanIsiCv(trains: readonly Float64Array[], fewest = 5): number {
  checkMeanCv([trains, fewest]);
  return mean(trains.filter((train) => train.length >= Math.max(3, fewest)).map((train) => isiCv(train)));
}
