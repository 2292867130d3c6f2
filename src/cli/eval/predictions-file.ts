import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import type { FileSystem } from "../../io/file-system.js";
import { serializeCsv } from "../../io/formats/csv.js";
import { serializeNpz } from "../../io/formats/npz.js";
import type { EvaluatedPredictions } from "../../training/index.js";

/**
 * The path of a file of predictions.
 * @throws SpikevineError for another ending than .npz and .csv
 */
export function predictionsFile(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  const path = String(given);
  if (/\.(?:npz|csv)$/i.test(path)) return path;
  throw new SpikevineError(`eval: --predictions is "${path}"; give a path that ends in .npz or .csv.`);
}

/** Writes the answer to every sample: its label, the predicted class, the loss, and the scores of all outputs. */
export async function writePredictions(
  path: string,
  labels: Uint8Array,
  { samples, outputs, labels: predicted, losses, scores }: EvaluatedPredictions,
  files: FileSystem,
): Promise<void> {
  const shape = [samples];
  const content = /\.npz$/i.test(path)
    ? serializeNpz({
        label: { shape, data: Int32Array.from(labels) },
        predicted: { shape, data: Int32Array.from(predicted) },
        loss: { shape, data: losses },
        scores: { shape: [samples, outputs], data: scores },
      })
    : serializeCsv({
        sample: Array.from({ length: samples }, (_, i) => i),
        label: labels,
        predicted,
        loss: losses,
        ...Object.fromEntries(
          Array.from({ length: outputs }, (_, output) => [
            `score${output}`,
            Array.from({ length: samples }, (__, i) => scores[i * outputs + output]!),
          ]),
        ),
      });
  await writeAtomically(path, content, files);
}
