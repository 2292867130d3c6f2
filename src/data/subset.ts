import { signature, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { DATASET, type Dataset } from "./dataset.js";

const check = signature("data", { dataset: DATASET, count: whole(1) });

/**
 * The first `count` samples of a data set, sharing its memory.
 * @throws SpikevineError when the set has fewer, or `count` is not a positive whole number.
 */
export function subset(dataset: Dataset, count: number): Dataset {
  check([dataset, count]);
  if (count > dataset.count) {
    throw new SpikevineError(
      `data: the number of samples of "${dataset.name}" is ${count}; give a whole number from 1 to ${dataset.count}.`,
    );
  }
  if (count === dataset.count) return dataset;
  return {
    ...dataset,
    images: dataset.images.subarray(0, count * dataset.pixels),
    labels: dataset.labels.subarray(0, count),
    count,
  };
}
