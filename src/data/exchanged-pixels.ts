import { SpikevineError } from "../errors.js";
import { drawUniform, rowKey, STREAM } from "../random/counter.js";
import { checkSeed } from "../random/seed.js";
import type { Dataset } from "./dataset.js";
import { wholeNumber } from "./sizes.js";

/**
 * An order of `pixels` pixels in which `exchanges` pairs, drawn one after another, have changed places. It depends on the
 * numbers given alone.
 * @returns `[pixels]`: the pixel that stands in each place
 * @throws SpikevineError when a number is not whole or out of its range
 */
export function exchangedOrder(options: { pixels: number; exchanges: number; seed: number }): Uint32Array {
  const pixels = wholeNumber("data: pixels", options.pixels, 1, 2 ** 24);
  const exchanges = wholeNumber("data: exchanges", options.exchanges, 0, 2 ** 30);
  const seed = checkSeed(options.seed, "data: seed");
  const key = rowKey(seed, STREAM.pixels, 0, 0, 0);
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
 * A data set whose images all have their pixels in another order: a task of its own for a network that knows the images as
 * they were.
 * @param order `[pixels]`, each pixel once
 * @throws SpikevineError when the order is not one of the set's pixels
 */
export function reorderPixels(data: Dataset, order: Uint32Array): Dataset {
  const { count, pixels } = data;
  if (order.length !== pixels || new Set(order).size !== pixels || order.some((pixel) => pixel >= pixels)) {
    throw new SpikevineError(
      `data: the order has ${order.length} places for the ${pixels} pixels of "${data.name}"; give every pixel once.`,
    );
  }
  const images = data.images.slice();
  for (let sample = 0; sample < count; sample++) {
    const from = sample * pixels;
    for (let place = 0; place < pixels; place++) images[from + place] = data.images[from + order[place]!]!;
  }
  return { ...data, images };
}
