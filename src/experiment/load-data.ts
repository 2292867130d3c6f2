import { type DownloadProgress, type ImageDataset, loadDataset } from "../data/index.js";
import { sliceDataset } from "../data/subset.js";
import { SpikevineError } from "../errors.js";
import type { Experiment } from "./schema.js";

/** Data of an experiment, split for training, validation and test. */
export interface ExperimentData {
  readonly train: ImageDataset;
  /** Samples held out of the training samples, if the experiment asks for it. */
  readonly validation?: ImageDataset;
  readonly test: ImageDataset;
}

/**
 * Loads the data of an experiment.
 * @throws SpikevineError if the data are missing, damaged, or fewer than the experiment needs.
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
  return { train: sliceDataset(train, 0, kept), validation: sliceDataset(train, kept, train.count), test };
}
