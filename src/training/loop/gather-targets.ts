import type { Dataset } from "../../data/dataset.js";
import { targetsPerSample } from "../../data/targets.js";

/** Copies the targets of samples, given by their indices, to the start of a reused array. */
export type TargetGatherer = (ids: Uint32Array) => Float32Array;

/** Values `[samples, outputs]` or `[samples, steps, outputs]` of a regression; one-hot labels `[samples, outputs]` otherwise. */
export function targetGatherer({ targets, labels }: Dataset, batch: number, outputs: number): TargetGatherer {
  if (targets !== undefined) {
    const size = targetsPerSample(targets);
    const buffer = new Float32Array(batch * size);
    return (ids) => {
      ids.forEach((id, b) => {
        buffer.set(targets.values.subarray(id * size, (id + 1) * size), b * size);
      });
      return buffer.subarray(0, ids.length * size);
    };
  }
  const buffer = new Float32Array(batch * outputs);
  return (ids) => {
    buffer.fill(0);
    ids.forEach((id, b) => {
      buffer[b * outputs + labels[id]!] = 1;
    });
    return buffer.subarray(0, ids.length * outputs);
  };
}
