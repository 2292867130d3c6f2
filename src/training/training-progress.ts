import { list, made, signature } from "../arguments/index.js";
import type { Dataset } from "../data/dataset.js";
import { DATA, isStreamed, type StreamedDataset } from "../data/streamed/streamed-dataset.js";

/** The figures of an epoch that show whether a network learns, as in the reports of `train`. */
export interface EpochFigures {
  /** Mean over the training samples. */
  readonly loss: number;
  /** Fraction of the training samples, in [0, 1]; NaN for targets without labels. */
  readonly accuracy: number;
}

const check = signature("diagnoseProgress", {
  epochs: list(made("the report of an epoch", "loss", "accuracy")),
  data: DATA,
});

/** Probability below which an accuracy is not due to chance: that of three standard errors of a normal distribution. */
const LEAST_PROBABILITY = 0.00135;

/** A loss that falls by less than this fraction does not fall. */
const LEAST_FALL = 0.01;

/**
 * Returns one sentence about a training that gets nowhere, with suggestions: a one-sided binomial test
 * cannot tell its accuracy on the training samples from the share of the most frequent class. Returns nothing
 * for a network that learns, and for targets without labels.
 * @param epochs the epochs of a `TrainingResult`, the first one first
 * @param data the training samples
 */
export function diagnoseProgress(epochs: readonly EpochFigures[], data: Dataset | StreamedDataset): string | undefined {
  check([epochs, data]);
  const [first, last] = [epochs[0], epochs.at(-1)];
  if (first === undefined || last === undefined || Number.isNaN(last.accuracy)) return undefined;
  const chance = largestShare(data);
  const correct = Math.round(last.accuracy * data.count);
  const probability = probabilityOfAtLeast(correct, data.count, chance);
  if (probability < LEAST_PROBABILITY) return undefined;
  const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;
  const isFalling = last.loss < (1 - LEAST_FALL) * first.loss;
  const advice = isFalling
    ? "the loss falls, so train for more epochs, or raise the learning rate"
    : "lower the learning rate, set maxGradNorm, or take another optimizer, surrogate or read-out";
  return `the accuracy cannot be told from chance: ${correct} of ${data.count} training samples are correct (${percent(last.accuracy)}), the most frequent class is ${percent(chance)} of them, and guesses do as well with a probability of ${probability.toPrecision(2)} (binomial test); ${advice}.`;
}

/** Share of the most frequent class; of samples that are read later, that of one of equally frequent classes. */
function largestShare(data: Dataset | StreamedDataset): number {
  if (isStreamed(data)) return 1 / data.classes;
  const counts = new Uint32Array(data.classes);
  for (const label of data.labels) counts[label]!++;
  return Math.max(...counts) / data.count;
}

/** The probability that `count` guesses, each correct with probability `chance` in (0, 1], have at least `correct` right. */
function probabilityOfAtLeast(correct: number, count: number, chance: number): number {
  if (chance === 1 || correct === 0) return 1;
  let logarithm = correct * Math.log(chance) + (count - correct) * Math.log1p(-chance);
  for (let i = 1; i <= correct; i++) logarithm += Math.log((count - correct + i) / i);
  const odds = chance / (1 - chance);
  let sum = 0;
  for (let k = correct; k <= count; k++) {
    sum += Math.exp(logarithm);
    logarithm += Math.log(((count - k) / (k + 1)) * odds);
  }
  return Math.min(1, sum);
}
