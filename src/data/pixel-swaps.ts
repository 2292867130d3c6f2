import { fields, kind, signature, tagOf, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { drawUniform, rowKey, STREAM } from "../random/counter.js";
import { SEED } from "../random/seed.js";
import { DATASET, type Dataset, type ImageDataset } from "./dataset.js";

interface ExchangeOptions {
  readonly pixels: number;
  readonly exchanges: number;
  readonly seed: number;
}

const checkExchange = signature("data", {
  options: fields<ExchangeOptions>(
    { pixels: whole(1, 2 ** 24), exchanges: whole(0, 2 ** 30), seed: SEED },
    { root: "options" },
  ),
});
const checkReorder = signature("data", {
  data: DATASET,
  order: kind("a Uint32Array with every pixel once", (value) => tagOf(value) === "Uint32Array"),
});

/**
 * Permutation of `pixels` pixels after swapping `exchanges` pairs, drawn one after another. It depends only on the arguments.
 * @returns `[pixels]`: the index of the source pixel at each position
 * @throws SpikevineError if a number is not whole or out of its range
 */
export function pixelSwaps(options: ExchangeOptions): Uint32Array {
  checkExchange([options]);
  const { pixels, exchanges } = options;
  const key = rowKey(options.seed, STREAM.pixels, 0, 0, 0);
  const order = Uint32Array.from({ length: pixels }, (_, i) => i);
  const place = (draw: number): number => Math.floor(drawUniform(key, draw) * pixels);
  for (let k = 0; k < exchanges; k++) {
    const [i, j] = [place(2 * k), place(2 * k + 1)];
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

/**
 * Permutes the pixels of all images of a data set. For a network trained on the original images, this is a new task.
 * @param order `[pixels]`, each pixel once
 * @throws SpikevineError if the order is not a permutation of the set's pixels
 */
export function permutePixels(data: Dataset, order: Uint32Array): ImageDataset {
  checkReorder([data, order]);
  const { count, pixels, images: given } = data;
  if (given === undefined) {
    throw new SpikevineError(`data: "${data.name}" has samples in time; permutePixels works on still images.`);
  }
  if (order.length !== pixels || new Set(order).size !== pixels || order.some((pixel) => pixel >= pixels)) {
    throw new SpikevineError(
      `data: the order has ${order.length} entries for the ${pixels} pixels of "${data.name}"; give every pixel once.`,
    );
  }
  const images = given.slice();
  for (let sample = 0; sample < count; sample++) {
    const from = sample * pixels;
    for (let place = 0; place < pixels; place++) images[from + place] = given[from + order[place]!]!;
  }
  return { ...data, images };
}
