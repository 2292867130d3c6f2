import { type Dataset, type DownloadProgress, loadDataset } from "../data/index.js";
import { SpikevineError } from "../errors.js";
import type { Experiment } from "./schema.js";

/** The parts that an experiment's data are split into. */
export interface ExperimentData {
  readonly train: Dataset;
  /** Held out of the training samples, where the experiment wants it. */
  readonly validation?: Dataset;
  readonly test: Dataset;
}

/**
 * Loads the data of an experiment.
 * @throws SpikevineError if they are not there, are damaged, or are fewer than wanted.
 */
export async function loadData(
  { data }: Experiment,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<ExperimentData> {
  const { train, test } = await loadDataset(data.name, {
    dataDir: data.dir ?? undefined,
    train: data.train ?? undefined,
    test: data.test ?? undefined,
    ...(onProgress ? { onProgress } : {}),
  });
  if (data.validation === 0) return { train, test };
  const kept = train.count - data.validation;
  if (kept < 1) {
    throw new SpikevineError(
      `data: ${data.validation} of ${train.count} training samples are to be held out; leave at least one to train on.`,
    );
  }
  return { train: slice(train, 0, kept), validation: slice(train, kept, train.count), test };
}

/** Samples from `start` to before `end`, sharing the memory. */
function slice(data: Dataset, start: number, end: number): Dataset {
  return {
    ...data,
    images: data.images.subarray(start * data.pixels, end * data.pixels),
    labels: data.labels.subarray(start, end),
    count: end - start,
  };
}
