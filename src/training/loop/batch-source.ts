import { type AugmentationConfig, Augmenter, WorkerAugmenter } from "../../data/augmentation/index.js";
import { isNode } from "../../in-node.js";
import type { CheckedOptions } from "../options.js";
import { type Batch, batchesOf, type Presented, shuffledOrder } from "./batches.js";

/** Batches that a worker may prepare ahead of training. */
const AHEAD = 3;

/** Source of training batches: the data set in the order of the epoch, augmented if requested. */
export interface BatchSource {
  /**
   * Yields the batches of an epoch; each is valid until the next one.
   * @param first Index in the epoch's order to begin at.
   */
  epoch(epoch: number, first: number): Batches;
  close(): Promise<void>;
}

type Batches = AsyncIterable<Batch> | Iterable<Batch>;

/** Opens the source of a training and starts the augmentation workers. */
export async function openBatchSource(options: CheckedOptions, network: Presented): Promise<BatchSource> {
  const { data, batchSize: size, seed, augment, augmentWorkers = 1 } = options;
  const ordered = (epoch: number, first: number): Batches =>
    batchesOf(data, size, network, shuffledOrder(data.count, seed, epoch), first);
  if (augment === undefined || augment.length === 0) return { epoch: ordered, async close() {} };

  const { height, width } = network.inputShape;
  // A network without space receives the values in the order of the data set, one channel after the other.
  const channels = height * width > 1 ? "last" : "first";
  const config: AugmentationConfig = { augmentations: augment, shape: data.shape!, channels, seed };
  /** Epoch whose images an epoch presents. */
  const shown = (epoch: number): number => (options.resampleEachEpoch === false ? 1 : epoch);
  if (augmentWorkers === 0 || !isNode) {
    const augmenter = new Augmenter(config);
    return { epoch: (epoch, first) => augmentedHere(ordered(epoch, first), augmenter, shown(epoch)), async close() {} };
  }
  const augmenter = WorkerAugmenter.open(config, augmentWorkers);
  return {
    epoch: (epoch, first) => augmentedAhead(ordered(epoch, first), augmenter, shown(epoch), AHEAD * augmentWorkers),
    close: () => augmenter.close(),
  };
}

async function* augmentedHere(plain: Batches, augmenter: Augmenter, epoch: number): AsyncGenerator<Batch> {
  for await (const batch of plain) {
    // Samples in time are not augmented.
    augmenter.apply(batch.pixels as Float32Array, batch.sampleIds, epoch);
    yield batch;
  }
}

/** While training uses one batch, workers prepare the next ones. */
async function* augmentedAhead(
  plain: Batches,
  augmenter: WorkerAugmenter,
  epoch: number,
  ahead: number,
): AsyncGenerator<Batch> {
  const underWay: Promise<Batch>[] = [];
  for await (const { pixels, target, labels, sampleIds, samples } of plain) {
    const augment = async (): Promise<Batch> => {
      const rest = { samples, target: target.slice(), labels: labels.slice(), sampleIds: sampleIds.slice() };
      const augmented = await augmenter.apply((pixels as Float32Array).slice(), rest.sampleIds, epoch);
      return { ...rest, pixels: augmented, window: () => augmented };
    };
    const next = augment();
    // The consumer sees a rejection; if training stops first, it is ignored.
    next.catch(() => undefined);
    underWay.push(next);
    if (underWay.length > ahead) yield await underWay.shift()!;
  }
  for (const batch of underWay) yield await batch;
}
