import { choice, fields, optional, signature } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { DATASET, type Dataset } from "./dataset.js";
import { isBytes } from "./pixels.js";

interface NormalizeOptions {
  /** "standard": mean 0 and standard deviation 1; "range": from 0 to 1. */
  readonly method: "standard" | "range";
  /** The data that mean, deviation and range are those of, e.g. the training samples. Default: the data themselves. */
  readonly like?: Dataset;
}

const check = signature("normalize", {
  data: DATASET,
  options: fields<NormalizeOptions>(
    { method: choice(["standard", "range"]), like: optional(DATASET) },
    { root: "options" },
  ),
});

/**
 * Shifts and scales every value of a sample (every column of a table, every pixel) on its own. A value that is the same in all samples
 * becomes 0. With `like`, test samples are changed as the training samples were, and may be outside of the range.
 * @throws SpikevineError for samples in time, or if `like` has samples of another size
 */
export function normalize<D extends Dataset>(data: D, options: NormalizeOptions): D {
  check([data, options]);
  const { method, like = data } = options;
  if (data.images === undefined || like.images === undefined) {
    throw new SpikevineError(`data: "${data.name}" has samples in time; normalize works on still samples.`);
  }
  const { pixels } = data;
  if (like.pixels !== pixels) {
    throw new SpikevineError(
      `data: like has ${like.pixels} values per sample, but "${data.name}" has ${pixels}; give samples of the same size.`,
    );
  }
  const { shift, width } = method === "standard" ? momentsOf(like.images, pixels) : rangeOf(like.images, pixels);
  const divisor = isBytes(data.images) ? 255 : 1;
  const images = new Float32Array(data.images.length);
  for (let i = 0; i < images.length; i++) {
    const p = i % pixels;
    images[i] = width[p] === 0 ? 0 : (data.images[i]! / divisor - shift[p]!) / width[p]!;
  }
  return { ...data, images };
}

type Images = Uint8Array | Float32Array;

interface Statistics {
  readonly shift: Float64Array;
  readonly width: Float64Array;
}

/** Mean and standard deviation (of the population) of every value; a second pass avoids the cancellation of large sums. */
function momentsOf(images: Images, pixels: number): Statistics {
  const count = images.length / pixels;
  const divisor = isBytes(images) ? 255 : 1;
  const shift = new Float64Array(pixels);
  const width = new Float64Array(pixels);
  for (let i = 0; i < images.length; i++) shift[i % pixels]! += images[i]! / divisor;
  for (let p = 0; p < pixels; p++) shift[p]! /= count;
  for (let i = 0; i < images.length; i++) width[i % pixels]! += (images[i]! / divisor - shift[i % pixels]!) ** 2;
  const constant = rangeOf(images, pixels).width;
  for (let p = 0; p < pixels; p++) width[p] = constant[p] === 0 ? 0 : Math.sqrt(width[p]! / count);
  return { shift, width };
}

function rangeOf(images: Images, pixels: number): Statistics {
  const divisor = isBytes(images) ? 255 : 1;
  const shift = new Float64Array(pixels).fill(Number.POSITIVE_INFINITY);
  const width = new Float64Array(pixels).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < images.length; i++) {
    const value = images[i]! / divisor;
    if (value < shift[i % pixels]!) shift[i % pixels] = value;
    if (value > width[i % pixels]!) width[i % pixels] = value;
  }
  for (let p = 0; p < pixels; p++) width[p]! -= shift[p]!;
  return { shift, width };
}
