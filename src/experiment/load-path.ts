import { statSync } from "node:fs";
import { join } from "node:path";
import { hasCifar10 } from "../data/files/cifar10-loader.js";
import { readClassFolders } from "../data/files/class-folders.js";
import { hasLabelFile, hasTrainAndTest } from "../data/files/dataset-file.js";
import { hasRecordings } from "../data/files/event-folder.js";
import {
  type Dataset,
  type FormatOptions,
  type ImageDataset,
  loadCifar10,
  readDataset,
  readEventFiles,
  readNmnist,
  shuffleSamples,
  splitSamples,
  subset,
} from "../data/index.js";
import { SpikevineError } from "../errors.js";
import { isHdf5Path, loadSpikingHeidelberg } from "./load-spiking-heidelberg.js";
import { firstSamples, OF_SAMPLES, OF_TEST, refuseFields, TEST_SHARE, withClasses } from "./path-fields.js";
import type { Experiment } from "./schema.js";
import type { TrainedClasses } from "./weights.js";

/** Training and test samples. */
export interface DataSplits {
  readonly train: Dataset;
  readonly test: Dataset;
}

interface ImageSplits {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/**
 * Reads the data of an experiment from the path that it names.
 * @param known classes that the samples have; others are refused. Default: those of the file.
 * @throws SpikevineError if the path is missing, or holds no data of a known form
 */
export async function loadPath(settings: Experiment, known: Partial<TrainedClasses> = {}): Promise<DataSplits> {
  const { data } = settings;
  if (data.dir !== null) {
    throw new SpikevineError(`data: data.name is the path "${data.name}"; leave data.dir (--data-dir) out.`);
  }
  const found = statSync(data.name, { throwIfNoEntry: false });
  if (found === undefined) throw new SpikevineError(`data: there is no file or folder "${data.name}"; check the path.`);
  if (/\.(?:tar|tar\.gz|tgz)$/i.test(data.name)) return loadNmnist(settings);
  if (found.isFile() && isHdf5Path(data.name)) return loadSpikingHeidelberg(settings, known);
  if (!found.isDirectory()) return counted(await loadFile(settings, known), settings);
  const names = await readClassFolders(data.name, "check the path");
  if (names.includes("Train") && names.includes("Test")) return loadNmnist(settings);
  if (await hasCifar10(data.name)) {
    refuseFields(settings, "CIFAR-10", { ...OF_SAMPLES, ...OF_TEST });
    return counted(await loadCifar10({ dataDir: data.name }), settings);
  }
  const isSplit = names.includes("train") && names.includes("test");
  if (await hasRecordings(isSplit ? join(data.name, "train") : data.name)) {
    return loadRecordings(settings, isSplit, known);
  }
  if (isSplit) {
    refuseFields(settings, "pictures in train and test", OF_TEST);
    return counted(await loadPictureFolders(settings, known), settings);
  }
  if (names.length > 0) return counted(await loadFile(settings, known), settings);
  throw new SpikevineError(
    `data: "${data.name}" has no data that are read; give a folder of N-MNIST (with Train and Test), of CIFAR-10 (with data_batch_*.bin and test_batch.bin), or with one folder of pictures per class.`,
  );
}

/** Recordings of events in a folder with one folder per class, or in two such folders `train` and `test`; binned by the steps of the network. */
async function loadRecordings(
  settings: Experiment,
  isSplit: boolean,
  known: Partial<TrainedClasses>,
): Promise<DataSplits> {
  const { data, network } = settings;
  const { shape: _, ...others } = OF_SAMPLES;
  const { testShare: __, ...ofTest } = OF_TEST;
  refuseFields(settings, "recordings of events", { ...others, ...(isSplit ? OF_TEST : ofTest) });
  if (data.shape?.length !== 3) {
    throw new SpikevineError(
      `data: "${data.name}" has recordings of events; give shape (--shape), the polarities, rows and columns of the sensor, e.g. 2,128,128.`,
    );
  }
  const read = async (folder: string): Promise<Dataset> => {
    const found = await readEventFiles({
      folder,
      sensor: data.shape as [number, number, number],
      bin: `${network.dt} ms`,
      steps: network.steps,
      as: data.events,
    });
    return known.classes === undefined ? found : withClasses(found, folder, { ...known, classes: known.classes });
  };
  if (isSplit) {
    const train = await read(join(data.name, "train"));
    const test = withClasses(await read(join(data.name, "test")), data.name, train);
    return { train: firstSamples(shuffleSamples(train), data.train), test: firstSamples(test, data.test) };
  }
  const all = await read(data.name);
  const share = data.testShare ?? TEST_SHARE;
  const { train, test } = share === 1 ? { train: all, test: all } : splitSamples(all, { share });
  return {
    train: firstSamples(share === 1 ? train : shuffleSamples(train), data.train),
    test: firstSamples(test, data.test),
  };
}

/** What an experiment says about its samples. */
const formatOptions = ({ data }: Experiment, { classes, classNames }: Partial<TrainedClasses>): FormatOptions => ({
  classes,
  classNames,
  images: data.images ?? undefined,
  labels: data.labels ?? undefined,
  shape: (data.shape ?? undefined) as FormatOptions["shape"],
  scale: data.scale ?? undefined,
});

/** Pictures of a folder that has the folders `train` and `test`. */
async function loadPictureFolders(settings: Experiment, known: Partial<TrainedClasses>): Promise<ImageSplits> {
  const { data } = settings;
  const options = formatOptions(settings, known);
  const train = await readDataset(join(data.name, "train"), options);
  const { classes, classNames } = train;
  return {
    train: shuffleSamples(train),
    test: await readDataset(join(data.name, "test"), { ...options, classes, classNames }),
  };
}

const isFile = (path: string): boolean => statSync(path).isFile();

/** The numbers of samples that an experiment asks for. */
const counted = ({ train, test }: ImageSplits, { data }: Experiment): ImageSplits => ({
  train: data.train === null ? train : subset(train, data.train),
  test: data.test === null ? test : subset(test, data.test),
});

/**
 * Samples of a file, and the test samples: of another file, a share of the samples, or arrays of the same file. A file may be sorted by
 * class, so the training samples are shuffled: the last of them may be held out for validation. The order does not depend on the
 * experiment's seed, so that runs with different seeds have the same test samples.
 */
async function loadFile(settings: Experiment, known: Partial<TrainedClasses>): Promise<ImageSplits> {
  const { data } = settings;
  const options = formatOptions(settings, known);
  const testOf = ({ classes, classNames }: ImageDataset, path: string, more: FormatOptions) =>
    readDataset(path, { ...options, classes, classNames, ...more });
  const isOneFile =
    isFile(data.name) &&
    data.testData === null &&
    data.testShare === null &&
    data.labels === null &&
    data.images === null;
  if (isOneFile && (await hasTrainAndTest(data.name))) {
    const train = await readDataset(data.name, { ...options, images: "x_train", labels: "y_train" });
    return {
      train: shuffleSamples(train),
      test: await testOf(train, data.name, { images: "x_test", labels: "y_test" }),
    };
  }
  const all = await readDataset(data.name, options);
  if (data.testData === null) {
    const share = data.testShare ?? TEST_SHARE;
    if (share === 1) return { train: all, test: all };
    const { train, test } = splitSamples(all, { share });
    return { train: shuffleSamples(train), test };
  }
  if (data.testLabels === null && (await hasLabelFile(data.testData))) {
    throw new SpikevineError(
      `data: "${data.testData}" has no labels; give testLabels (--test-labels), the path of the file that has them.`,
    );
  }
  const test = await testOf(all, data.testData, { labels: data.testLabels ?? options.labels });
  if (test.pixels !== all.pixels) {
    throw new SpikevineError(
      `data: "${data.name}" has ${all.pixels} values per sample but "${data.testData}" has ${test.pixels}; give files of one data set.`,
    );
  }
  return { train: shuffleSamples(all), test };
}

/**
 * Recordings of N-MNIST, binned by the steps of the network: a folder or archive with Train and Test, or an archive of each of the two.
 */
async function loadNmnist(settings: Experiment): Promise<DataSplits> {
  const { data, network } = settings;
  const { testData: _, ...others } = OF_TEST;
  refuseFields(settings, "recordings of N-MNIST", { ...OF_SAMPLES, ...others });
  const split = (name: "Train" | "Test", count: number | null) =>
    readNmnist({
      ...(data.testData === null
        ? { folder: data.name, split: name }
        : { folder: name === "Train" ? data.name : data.testData }),
      bin: `${network.dt} ms`,
      steps: network.steps,
      as: data.events,
      ...(count === null ? {} : { count }),
    });
  return { train: await split("Train", data.train), test: await split("Test", data.test) };
}
