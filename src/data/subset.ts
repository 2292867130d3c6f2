import { signature, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { DATASET, type Dataset } from "./dataset.js";
import { sliceSeries } from "./series/series.js";
import { sliceTargets } from "./targets.js";

const check = signature("data", { dataset: DATASET, count: whole(1) });

/**
 * The first `count` samples of a data set, sharing its memory.
 * @throws SpikevineError when the set has fewer, or `count` is not a positive whole number.
 */
export function subset<D extends Dataset>(dataset: D, count: number): D {
  check([dataset, count]);
  if (count > dataset.count) {
    throw new SpikevineError(
      `data: the number of samples of "${dataset.name}" is ${count}; give a whole number from 1 to ${dataset.count}.`,
    );
  }
  if (count === dataset.count) return dataset;
  return sliceDataset(dataset, 0, count);
}

/** The samples from `start` up to, but not including, `end`; memory is shared. */
export function sliceDataset<D extends Dataset>(data: D, start: number, end: number): D {
  const { images, series, labels, pixels, targets } = data;
  return {
    ...data,
    ...(images === undefined ? {} : { images: images.subarray(start * pixels, end * pixels) }),
    ...(series === undefined ? {} : { series: sliceSeries(series, start, end) }),
    labels: labels.subarray(start, end),
    ...(targets === undefined ? {} : { targets: sliceTargets(targets, start, end) }),
    count: end - start,
  };
}
