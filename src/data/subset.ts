import type { Dataset } from "./dataset.js";
import { wholeNumber } from "./sizes.js";

/**
 * The first `count` samples of a data set, sharing its memory.
 * @throws SpikevineError when the set has fewer, or `count` is not a positive whole number.
 */
export function subset(dataset: Dataset, count: number): Dataset {
  wholeNumber(`data: the number of samples of "${dataset.name}"`, count, 1, dataset.count);
  if (count === dataset.count) return dataset;
  return {
    ...dataset,
    images: dataset.images.subarray(0, count * dataset.pixels),
    labels: dataset.labels.subarray(0, count),
    count,
  };
}
