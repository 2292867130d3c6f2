import {
  balanceClasses,
  type Dataset,
  type DownloadProgress,
  datasetNames,
  loadDataset,
  normalize,
  selectClasses,
  subset,
} from "../data/index.js";
import { formOf } from "../data/series/series.js";
import { sliceDataset } from "../data/subset.js";
import { SpikevineError } from "../errors.js";
import { isPath } from "./data-name.js";
import { type DataSplits, loadPath } from "./load-path.js";
import { ownData, ownParts } from "./own-module.js";
import type { Experiment } from "./schema.js";
import type { SavedWeights, TrainedClasses } from "./weights.js";

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
  if (data.testShare === 1) {
    throw new SpikevineError(
      "data: testShare (--test-share) is 1, which leaves no samples for training; give a share below 1.",
    );
  }
  const splits = await loadSplits(settings, onProgress);
  checkEncoder(settings, splits.train);
  const { train: loaded, test: loadedTest } = splits;
  if (loaded.series !== undefined && evaluation.steps !== null && evaluation.steps !== network.steps) {
    throw new SpikevineError(
      `data: evaluation.steps is ${evaluation.steps}, but the samples of "${loadedTest.name}" are read for the ${network.steps} steps of the network; leave it out (--test-steps), or give spikevine eval --steps.`,
    );
  }
  const { train, validation } = holdOut(loaded, data.validation);
  const normalized = <D extends Dataset>(split: D): D => normalizedLike(split, train, settings);
  return {
    train: normalized(train),
    ...(validation === undefined ? {} : { validation: normalized(validation) }),
    test: normalized(loadedTest),
  };
}

/** Training samples, and the last of them for validation. */
function holdOut(all: Dataset, validation: number): { train: Dataset; validation?: Dataset } {
  if (validation === 0) return { train: all };
  const kept = all.count - validation;
  if (kept < 1) {
    throw new SpikevineError(
      `data: ${validation} of ${all.count} training samples are to be held out; leave at least one to train on.`,
    );
  }
  return { train: sliceDataset(all, 0, kept), validation: sliceDataset(all, kept, all.count) };
}

/** Samples that are shifted and scaled as an experiment wants it, by its training samples. */
const normalizedLike = <D extends Dataset>(samples: D, train: Dataset, { data }: Experiment): D =>
  data.normalize === "off" ? samples : normalize(samples, { method: data.normalize, like: train });

/**
 * Loads the test samples of an experiment for a presentation of its evaluation.
 * @param weights of the training: the classes of its samples are those of the test samples, and the training samples of its experiment
 * say how values are normalized; they are loaded for that only
 * @throws SpikevineError as `loadData`.
 */
export async function loadTestData(
  given: Experiment,
  { experiment: trained, trained: known }: Pick<SavedWeights, "experiment" | "trained">,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<Dataset> {
  const isChosen = given.data.classes !== null;
  // Numbers of classes that were chosen are those of the files of the training, which names do not depend on.
  const named = isChosen && known?.classNames !== undefined ? { classes: [...known.classNames] } : {};
  const settings = { ...given, data: { ...given.data, ...named } };
  const { data, evaluation, network } = settings;
  const steps = evaluation.steps ?? network.steps;
  // No training samples are needed, but 1 is the smallest number that the schema accepts.
  const shown = { ...settings, network: { ...network, steps }, data: { ...data, train: 1, validation: 0 } };
  const { test } = await loadSplits(shown, onProgress, isChosen ? undefined : known);
  checkEncoder(settings, test);
  if (trained.data.normalize === "off") return test;
  const { train } = await loadSplits(trained, onProgress);
  return normalizedLike(test, holdOut(train, trained.data.validation).train, trained);
}

async function loadSplits(
  settings: Experiment,
  onProgress?: (progress: DownloadProgress) => void,
  known?: TrainedClasses,
): Promise<DataSplits> {
  const { data } = settings;
  const isChosen = data.classes !== null || data.balance;
  // The first samples of all classes are other ones than the first of the chosen classes.
  const loaded = isChosen ? { ...data, train: null, test: null } : data;
  const own = await ownData(settings);
  const splits =
    own !== undefined
      ? firstOf(own, loaded)
      : datasetNames.includes(data.name)
        ? await loadDataset(data.name, {
            dataDir: data.dir ?? undefined,
            train: loaded.train ?? undefined,
            test: loaded.test ?? undefined,
            ...(onProgress ? { onProgress } : {}),
          })
        : await loadPath({ ...settings, data: loaded }, known);
  return isChosen ? chooseSamples(splits, settings) : splits;
}

/** The numbers of samples that an experiment asks for. */
const firstOf = ({ train, test }: DataSplits, wanted: Pick<Experiment["data"], "train" | "test">): DataSplits => ({
  train: wanted.train === null ? train : subset(train, wanted.train),
  test: wanted.test === null ? test : subset(test, wanted.test),
});

/** The samples of the classes of an experiment; only the training samples are balanced. */
function chooseSamples({ train, test }: DataSplits, { data }: Experiment): DataSplits {
  const classes = data.classes?.map((wanted) => classNumber(wanted, train));
  const ofClasses = (split: Dataset): Dataset => (classes === undefined ? split : selectClasses(split, classes));
  const chosen = data.balance ? balanceClasses(ofClasses(train)) : ofClasses(train);
  const first = (split: Dataset, count: number | null): Dataset => (count === null ? split : subset(split, count));
  return { train: first(chosen, data.train), test: first(ofClasses(test), data.test) };
}

function classNumber(wanted: number | string, { name, classNames }: Dataset): number {
  if (typeof wanted === "number") return wanted;
  const number = classNames?.indexOf(wanted) ?? -1;
  if (number >= 0) return number;
  const known = classNames === undefined ? "its classes have numbers only" : `give one of ${classNames.join(", ")}`;
  throw new SpikevineError(`data: "${name}" has no class "${wanted}"; ${known}.`);
}

/** Spikes enter a network as they are. Training refuses other encoders too, but does not know the flag. */
function checkEncoder(experiment: Experiment, { name, series }: Dataset): void {
  const { encoder } = experiment;
  const isOwn = ownParts(experiment).encoder !== undefined;
  if (isOwn || series === undefined || formOf(series).kind !== "spikes" || encoder.name === "direct") return;
  throw new SpikevineError(
    `data: "${name}" has spikes, which enter a network as they are, but encoder.name is ${encoder.name}; give direct (--encoder direct).`,
  );
}
