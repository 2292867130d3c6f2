import type { ConfusionMatrix, EvaluatedPredictions } from "../../training/index.js";
import { percent, table } from "../terminal/table.js";

/** What was evaluated. */
export interface Evaluated {
  readonly weights: string;
  readonly data: string;
  readonly device: string;
  /** True labels `[samples]`. */
  readonly labels: ArrayLike<number>;
  readonly predictions: EvaluatedPredictions;
  readonly confusion: ConfusionMatrix;
}

/** Most classes whose matrix fits a terminal. */
const MOST_SHOWN = 20;

/** The counts of every class, one row per true class, with recall and precision. */
export function confusionTable({ classes, counts, recall, precision }: ConfusionMatrix): string {
  if (classes > MOST_SHOWN) return `confusion matrix of ${classes} classes: give --json`;
  const fraction = (value: number): string => (Number.isNaN(value) ? "" : percent(value));
  const rows = Array.from({ length: classes }, (_, row) => [
    String(row),
    ...[...counts.subarray(row * classes, (row + 1) * classes)].map((count) => (count === 0 ? "." : String(count))),
    fraction(recall[row]!),
    fraction(precision[row]!),
  ]);
  const heading = ["true \\ predicted", ...Array.from({ length: classes }, (_, n) => String(n)), "recall", "precision"];
  return table(
    heading,
    rows,
    heading.map((_, column) => column),
  );
}

/** Everything as one object: the figures, the matrix (rows are true classes) and the answer to every sample. */
export function evaluationFigures({ weights, data, device, labels, predictions, confusion }: Evaluated): object {
  const { accuracy, loss, terms, samples, steps, outputs, scores, losses } = predictions;
  const { classes, counts } = confusion;
  return {
    weights,
    data,
    device,
    samples,
    steps,
    accuracy,
    loss,
    ...(terms ? { terms } : {}),
    confusion: Array.from({ length: classes }, (_, row) => [...counts.subarray(row * classes, (row + 1) * classes)]),
    perSample: Array.from({ length: samples }, (_, sample) => ({
      label: labels[sample],
      predicted: predictions.labels[sample],
      loss: losses[sample],
      scores: [...scores.subarray(sample * outputs, (sample + 1) * outputs)],
    })),
  };
}
