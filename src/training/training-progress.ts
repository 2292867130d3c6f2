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

/** Standard errors above the share of the most frequent class up to which an accuracy may be due to chance. */
const ERRORS = 3;

/** A loss that falls by less than this fraction does not fall. */
const LEAST_FALL = 0.01;

/**
 * Returns one sentence about a training that gets nowhere, with suggestions: its accuracy on the training samples is no
 * better than that of the most frequent class, within three standard errors of a binomial distribution. Returns nothing
 * for a network that learns, and for targets without labels.
 * @param epochs the epochs of a `TrainingResult`, the first one first
 * @param data the training samples
 */
export function diagnoseProgress(epochs: readonly EpochFigures[], data: Dataset | StreamedDataset): string | undefined {
  check([epochs, data]);
  const [first, last] = [epochs[0], epochs.at(-1)];
  if (first === undefined || last === undefined || Number.isNaN(last.accuracy)) return undefined;
  const chance = largestShare(data);
  if (last.accuracy > chance + ERRORS * Math.sqrt((chance * (1 - chance)) / data.count)) return undefined;
  const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;
  const isFalling = last.loss < (1 - LEAST_FALL) * first.loss;
  const advice = isFalling
    ? "the loss falls, so train for more epochs, or raise the learning rate"
    : "lower the learning rate, set maxGradNorm, or take another optimizer, surrogate or read-out";
  return `the network answers no better than chance: ${percent(last.accuracy)} of the training samples, where the most frequent class is ${percent(chance)} of them; ${advice}.`;
}

/** Share of the most frequent class; of samples that are read later, that of one of equally frequent classes. */
function largestShare(data: Dataset | StreamedDataset): number {
  if (isStreamed(data)) return 1 / data.classes;
  const counts = new Uint32Array(data.classes);
  for (const label of data.labels) counts[label]!++;
  return Math.max(...counts) / data.count;
}
