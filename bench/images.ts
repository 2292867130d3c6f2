import { makeDigits } from "../src/data/digits.js";
import type { Workload } from "./workloads.js";

/** One batch of images, as firing probabilities of their pixels. */
export interface Images {
  /** `[batch, pixels]`, in [0, 1]; their mean is the density of input spikes, 13 % as in MNIST. */
  readonly probabilities: Float32Array;
  readonly labels: Uint8Array;
}

/** Several batches, since in real training the next batch is not in the cache. */
export const BATCHES = 2;

/** The batches that every contestant uses in the same order: synthetic digits with MNIST's statistics. */
export function imagesFor({ sizes, batch, brightness }: Workload): readonly Images[] {
  const { images, labels } = makeDigits({ train: BATCHES * batch, test: 1 }).train;
  const pixels = sizes[0]!;
  return Array.from({ length: BATCHES }, (_, k) => ({
    probabilities: Float32Array.from(
      images.subarray(k * batch * pixels, (k + 1) * batch * pixels),
      (byte) => (byte / 255) * brightness,
    ),
    labels: labels.slice(k * batch, (k + 1) * batch),
  }));
}

/** One-hot targets `[batch, classes]`. */
export function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const target = new Float32Array(labels.length * classes);
  labels.forEach((label, b) => {
    target[b * classes + label] = 1;
  });
  return target;
}
