import type { Network } from "../../../networks/network.js";
import { shapeText } from "../../../networks/windows.js";
import { imageShape } from "../../data/channels-last.js";
import type { Dataset } from "../../data/dataset.js";
import { type Input, inputGatherer } from "../../data/gather-input.js";
import { isStreamed, type StreamedDataset } from "../../data/streamed/streamed-dataset.js";
import type { TargetForm } from "../../data/targets.js";
import { SpikevineError } from "../../errors.js";
import { drawBits, rowKey, STREAM } from "../../random/counter.js";
import { checkInput } from "./check-input.js";
import { targetGatherer } from "./gather-targets.js";

/** One batch in the form that a device accepts. */
export interface Batch {
  readonly samples: number;
  /**
   * Images `[samples, pixels]`, in [0, 1] for byte images; or samples in time, all steps of a presentation: values `[samples,
   * steps, pixels]` or bits of spikes `[samples, steps, ceil(pixels / 32)]`.
   */
  readonly pixels: Input;
  /** The same for some steps of the presentation; an image whatever the steps. Valid until the next call. */
  window(firstStep: number, steps: number): Input;
  /** One-hot labels `[samples, outputs]`, or the values of a regression, `[samples, outputs]` or `[samples, steps, outputs]`. */
  readonly target: Float32Array;
  /** 0 for samples without a label. */
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

/** The part of a network that batches depend on. */
export type Presented = Pick<Network, "inputShape" | "outputs" | "steps">;

/**
 * Gathers samples into reused arrays, batch by batch; the yielded batch is valid until the next one.
 * @param network Its input and outputs, and the steps of a presentation.
 * @param order Indices of the samples; default: in the order of the data set.
 * @param first Index in that order to begin at.
 * @throws SpikevineError if a float pixel is not finite, naming sample and pixel.
 */
export function* batches(
  data: Dataset,
  batch: number,
  network: Presented,
  order?: Uint32Array,
  first = 0,
): Generator<Batch> {
  const { count } = data;
  const { inputShape, outputs, steps } = network;
  const gather = inputGatherer(data, inputShape);
  const gatherTargets = targetGatherer(data, batch, outputs);
  const labels = new Uint8Array(batch);
  const sampleIds = new Uint32Array(batch);
  for (let start = first; start < count; start += batch) {
    const samples = Math.min(batch, count - start);
    for (let b = 0; b < samples; b++) {
      const id = order === undefined ? start + b : order[start + b]!;
      labels[b] = data.labels[id] ?? 0;
      sampleIds[b] = id;
    }
    const ids = sampleIds.subarray(0, samples);
    const images = data.series === undefined ? gather(ids, { first: 0, steps }) : undefined;
    const window = (firstStep: number, length: number): Input =>
      images ?? gather(ids, { first: firstStep, steps: length });
    yield {
      samples,
      // An evaluation needs windows only.
      get pixels() {
        return window(0, steps);
      },
      window,
      target: gatherTargets(ids),
      labels: labels.subarray(0, samples),
      sampleIds: ids,
    };
  }
}

/**
 * Reads samples batch by batch, the next one while a batch is in use.
 * @throws SpikevineError if samples cannot be read or do not fit the data set.
 */
async function* streamedBatches(
  data: StreamedDataset,
  batch: number,
  network: Presented,
  order: Uint32Array = Uint32Array.from({ length: data.count }, (_, i) => i),
  first = 0,
): AsyncGenerator<Batch> {
  const idsFrom = (start: number): Uint32Array => order.slice(start, start + batch);
  const read = (start: number): Promise<Dataset> | undefined => {
    const part = start < data.count ? data.read(idsFrom(start)) : undefined;
    // The consumer sees a rejection when it asks for the batch; if it stops before, the rejection is ignored.
    part?.catch(() => undefined);
    return part;
  };
  let next = read(first);
  for (let start = first; start < data.count; start += batch) {
    const part = await next!;
    next = read(start + batch);
    if (part.targets !== undefined) checkTargets(part.name, part.targets, network, network.steps);
    for (const { samples, window, target, labels } of batches(part, part.count, network)) {
      const sampleIds = idsFrom(start);
      const pixels = (): Input => window(0, network.steps);
      yield {
        samples,
        get pixels() {
          return pixels();
        },
        window,
        target,
        labels,
        sampleIds,
      };
    }
  }
}

/** Batches of a data set, in memory or streamed. */
export const batchesOf = (
  data: Dataset | StreamedDataset,
  ...rest: [batch: number, network: Presented, order?: Uint32Array, first?: number]
): Iterable<Batch> | AsyncIterable<Batch> =>
  isStreamed(data) ? streamedBatches(data, ...rest) : batches(data, ...rest);

/** The arrays of a batch. */
export type BatchArrays = Omit<Batch, "window">;

/** Some samples of a batch, in the same memory. */
export function partOf(
  { samples: all, pixels, target, labels, sampleIds }: BatchArrays,
  first: number,
  samples: number,
): BatchArrays {
  const rows = <A extends Input | Uint8Array>(array: A): A => {
    const size = array.length / all;
    return array.subarray(first * size, (first + samples) * size) as A;
  };
  return { samples, pixels: rows(pixels), target: rows(target), labels: rows(labels), sampleIds: rows(sampleIds) };
}

/** Index of the largest of `width` numbers from `at`; the first one if several are equal. */
export function argmax(values: ArrayLike<number>, at: number, width: number): number {
  let best = 0;
  for (let n = 1; n < width; n++) if (values[at + n]! > values[at + best]!) best = n;
  return best;
}

/** Fraction of correct samples; NaN for a data set without labels. */
export const accuracyOf = (data: { readonly classes: number }, correct: number, samples: number): number =>
  data.classes === 0 ? Number.NaN : correct / samples;

/** Checks that a data set fits a network, in presentations of `steps` steps. */
export function checkFit(data: Dataset | StreamedDataset, network: Network, steps = network.steps): void {
  if (data.pixels !== network.inputs) {
    throw new SpikevineError(
      `data: "${data.name}" has ${data.pixels} values per sample, but the network has ${network.inputs} inputs; make them equal.`,
    );
  }
  checkShape(data, network);
  if (data.classes > network.outputs) {
    const fix =
      network.readout.classes === undefined
        ? `give the last layer at least ${data.classes} units`
        : `give its read-out at least ${data.classes} classes`;
    throw new SpikevineError(
      `data: "${data.name}" has ${data.classes} classes, but the network has ${network.outputs} outputs; ${fix}.`,
    );
  }
  if (data.targets !== undefined) checkTargets(data.name, data.targets, network, steps);
  checkInput(data, network, steps);
}

/** Images of another shape would be read with their pixels in a wrong order. A network of a row of inputs reads any. */
function checkShape({ name, shape }: Pick<Dataset, "name" | "shape">, { inputShape }: Network): void {
  if (shape === undefined || inputShape.height * inputShape.width === 1) return;
  const { channels, height, width } = imageShape(shape);
  if (channels === inputShape.channels && height === inputShape.height && width === inputShape.width) return;
  throw new SpikevineError(
    `data: the samples of "${name}" are [${channels}, ${height}, ${width}] (channels, height, width), but the network's inputs are ${shapeText(inputShape)}; make them equal.`,
  );
}

function checkTargets(name: string, targets: TargetForm, { outputs }: Presented, steps: number): void {
  if (targets.width !== outputs) {
    throw new SpikevineError(
      `data: "${name}" has ${targets.width} targets per row, but the network has ${outputs} outputs; make them equal.`,
    );
  }
  if (targets.steps !== undefined && targets.steps !== steps) {
    throw new SpikevineError(
      `data: "${name}" has targets for ${targets.steps} steps, but a presentation has ${steps}; make them equal.`,
    );
  }
}
