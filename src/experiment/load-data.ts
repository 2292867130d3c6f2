import { type Dataset, type DownloadProgress, datasetNames, loadDataset } from "../data/index.js";
import { formOf } from "../data/series/series.js";
import { sliceDataset } from "../data/subset.js";
import { SpikevineError } from "../errors.js";
import { isPath } from "./data-name.js";
import { type DataSplits, loadPath } from "./load-path.js";
import type { Experiment } from "./schema.js";

/** Data of an experiment, split for training, validation and test. */
export interface ExperimentData {
  readonly train: Dataset;
  /** Samples held out of the training samples, if the experiment asks for it. */
  readonly validation?: Dataset;
  readonly test: Dataset;
}

/**
 * Key of the data of an experiment: experiments with equal keys use equal data. The binning of events depends on the steps of the
 * network.
 */
export function dataKey({ data, network: { steps, dt } }: Experiment): string {
  return JSON.stringify(isPath(data.name) ? [data, steps, dt] : [data]);
}

/**
 * Loads the data of an experiment.
 * @throws SpikevineError if the data are missing, damaged, fewer than the experiment needs, or do not fit its encoder.
 */
export async function loadData(
  settings: Experiment,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<ExperimentData> {
  const { data, evaluation, network } = settings;
  const { train, test } = await loadSplits(settings, onProgress);
  checkEncoder(settings, train);
  if (train.series !== undefined && evaluation.steps !== null && evaluation.steps !== network.steps) {
    throw new SpikevineError(
      `data: evaluation.steps is ${evaluation.steps}, but the samples of "${test.name}" are read for the ${network.steps} steps of the network; leave it out (--test-steps), or give spikevine eval --steps.`,
    );
  }
  if (data.validation === 0) return { train, test };
  const kept = train.count - data.validation;
  if (kept < 1) {
    throw new SpikevineError(
      `data: ${data.validation} of ${train.count} training samples are to be held out; leave at least one to train on.`,
    );
  }
  return { train: sliceDataset(train, 0, kept), validation: sliceDataset(train, kept, train.count), test };
}

/**
 * Loads the test samples of an experiment for a presentation of its evaluation.
 * @throws SpikevineError as `loadData`.
 */
export async function loadTestData(
  settings: Experiment,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<Dataset> {
  const { data, evaluation, network } = settings;
  const steps = evaluation.steps ?? network.steps;
  // No training samples are needed; 1 is the smallest number that the schema accepts.
  const shown = { ...settings, network: { ...network, steps }, data: { ...data, train: 1, validation: 0 } };
  const { test } = await loadSplits(shown, onProgress);
  checkEncoder(settings, test);
  return test;
}

async function loadSplits(
  settings: Experiment,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<DataSplits> {
  const { data } = settings;
  if (!datasetNames.includes(data.name)) return loadPath(settings);
  return loadDataset(data.name, {
    dataDir: data.dir ?? undefined,
    train: data.train ?? undefined,
    test: data.test ?? undefined,
    ...(onProgress ? { onProgress } : {}),
  });
}

/** Spikes enter a network as they are. Training refuses other encoders too, but does not know the flag. */
function checkEncoder({ encoder }: Experiment, { name, series }: Dataset): void {
  if (series === undefined || formOf(series).kind !== "spikes" || encoder.name === "direct") return;
  throw new SpikevineError(
    `data: "${name}" has spikes, which enter a network as they are, but encoder.name is ${encoder.name}; give direct (--encoder direct).`,
  );
}
