import { optional, signature, whole } from "../arguments/index.js";
import { LABELS } from "../data/pixels.js";
import { SpikevineError } from "../errors.js";

/** Counts of true and predicted labels. */
export interface ConfusionMatrix {
  readonly classes: number;
  /** `[classes, classes]`, row-major: samples of class `row` that were predicted as class `column`. */
  readonly counts: Uint32Array;
  /** `[classes]`: fraction of a class's samples that are predicted as such; NaN without a sample. */
  readonly recall: Float64Array;
  /** `[classes]`: fraction of the samples predicted as a class that belong to it; NaN if there are none. */
  readonly precision: Float64Array;
  /** Fraction of all samples on the diagonal. */
  readonly accuracy: number;
}

/** Most classes, whose counts take 64 MiB. */
const MOST_CLASSES = 4096;

const check = signature("confusionMatrix", {
  labels: LABELS,
  predicted: LABELS,
  classes: optional(whole(1, MOST_CLASSES)),
});

/**
 * Confusion matrix of predictions.
 * @param labels The true labels `[samples]`, e.g. those of a data set.
 * @param predicted The predicted labels `[samples]`, e.g. those of `predict`.
 * @param classes Default: the largest label + 1.
 * @throws SpikevineError for lists of different lengths, and labels that are not whole numbers from 0 to classes - 1.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes?: number,
): ConfusionMatrix {
  check([labels, predicted, classes]);
  const samples = labels.length;
  if (samples === 0 || predicted.length !== samples) {
    throw new SpikevineError(
      `confusionMatrix: there are ${samples} labels and ${predicted.length} predictions; give one of each per sample, at least one.`,
    );
  }
  const count =
    classes ?? Math.min(MOST_CLASSES, 1 + [labels, predicted].map(largest).reduce((a, b) => Math.max(a, b)));
  const counts = new Uint32Array(count * count);
  for (let s = 0; s < samples; s++) {
    const [row, column] = [labels[s]!, predicted[s]!];
    for (const [name, value] of [["labels", row] as const, ["predicted", column] as const]) {
      if (!(Number.isInteger(value) && value >= 0 && value < count)) {
        throw new SpikevineError(
          `confusionMatrix: ${name}[${s}] is ${value}; give whole numbers from 0 to ${count - 1}.`,
        );
      }
    }
    counts[row * count + column]!++;
  }
  const each = (value: (n: number) => number): Float64Array => Float64Array.from({ length: count }, (_, n) => value(n));
  const rows = each((n) => counts.subarray(n * count, (n + 1) * count).reduce((a, b) => a + b, 0));
  const columns = each((n) => each((row) => counts[row * count + n]!).reduce((a, b) => a + b, 0));
  const right = each((n) => counts[n * count + n]!);
  return {
    classes: count,
    counts,
    recall: each((n) => right[n]! / rows[n]!),
    precision: each((n) => right[n]! / columns[n]!),
    accuracy: right.reduce((a, b) => a + b, 0) / samples,
  };
}

function largest(values: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > found) found = values[i]!;
  return found;
}
