import type { Dataset } from "../../data/dataset.js";
import { isBytes } from "../../data/pixels.js";
import { SpikevineError } from "../../errors.js";
import { drawBits, rowKey, STREAM } from "../../random/counter.js";

/** One batch in the form that a device accepts. */
export interface Batch {
  readonly samples: number;
  /** `[samples, pixels]`, in [0, 1] for byte images. */
  readonly pixels: Float32Array;
  /** One-hot `[samples, classes]`. */
  readonly target: Float32Array;
  readonly labels: Uint8Array;
  /** Index of every sample in its data set. */
  readonly sampleIds: Uint32Array;
}

/** Permutation of 0..count-1 that depends only on (seed, epoch) (Fisher-Yates). */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const key = rowKey(seed, STREAM.order, epoch, 0, 0);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((drawBits(key, i) / 2 ** 32) * (i + 1));
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

/**
 * Gathers samples into reused arrays, batch by batch; the yielded batch is valid until the next one.
 * @param order Indices of the samples; default: in the order of the data set.
 * @param first Index in that order to begin at.
 * @throws SpikevineError if a float pixel is not finite, naming sample and pixel.
 */
export function* batches(
  data: Dataset,
  batch: number,
  outputs: number,
  order?: Uint32Array,
  first = 0,
): Generator<Batch> {
  const { count, pixels } = data;
  const pixelBuffer = new Float32Array(batch * pixels);
  const targetBuffer = new Float32Array(batch * outputs);
  const labels = new Uint8Array(batch);
  const sampleIds = new Uint32Array(batch);
  const bytes = isBytes(data.images);
  for (let start = first; start < count; start += batch) {
    const samples = Math.min(batch, count - start);
    targetBuffer.fill(0);
    for (let b = 0; b < samples; b++) {
      const id = order === undefined ? start + b : order[start + b]!;
      const from = id * pixels;
      if (bytes) for (let p = 0; p < pixels; p++) pixelBuffer[b * pixels + p] = data.images[from + p]! / 255;
      else copyFinite(data.images, from, pixelBuffer, b * pixels, pixels, id);
      labels[b] = data.labels[id]!;
      targetBuffer[b * outputs + labels[b]!] = 1;
      sampleIds[b] = id;
    }
    yield {
      samples,
      pixels: pixelBuffer.subarray(0, samples * pixels),
      target: targetBuffer.subarray(0, samples * outputs),
      labels: labels.subarray(0, samples),
      sampleIds: sampleIds.subarray(0, samples),
    };
  }
}

function copyFinite(
  images: ArrayLike<number>,
  from: number,
  to: Float32Array,
  at: number,
  pixels: number,
  id: number,
): void {
  for (let p = 0; p < pixels; p++) {
    const value = images[from + p]!;
    if (!Number.isFinite(value)) {
      throw new SpikevineError(`data: sample ${id}, pixel ${p} is ${value}; give finite numbers.`);
    }
    to[at + p] = value;
  }
}

/** Index of the largest of `width` numbers from `at`; the first one if several are equal. */
export function argmax(values: ArrayLike<number>, at: number, width: number): number {
  let best = 0;
  for (let n = 1; n < width; n++) if (values[at + n]! > values[at + best]!) best = n;
  return best;
}

/** Checks that a data set fits the inputs and outputs of a network. */
export function checkFit(data: Dataset, network: { inputs: number; outputs: number }): void {
  if (data.pixels !== network.inputs) {
    throw new SpikevineError(
      `data: "${data.name}" has ${data.pixels} values per sample, but the network has ${network.inputs} inputs; make them equal.`,
    );
  }
  if (data.classes > network.outputs) {
    throw new SpikevineError(
      `data: "${data.name}" has ${data.classes} classes, but the network has ${network.outputs} outputs; give the last layer at least ${data.classes} units.`,
    );
  }
}
