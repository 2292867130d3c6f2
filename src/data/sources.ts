import { choice, fields, optional, signature, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { loadCifar10 } from "./cifar10.js";
import type { ImageDataset } from "./dataset.js";
import { makeDigits } from "./digits.js";
import { DOWNLOAD_OPTIONS, type DownloadOptions } from "./download-options.js";
import { loadMnist, type MnistOptions, PLACES } from "./mnist.js";
import { subset } from "./subset.js";

export interface DataOptions extends DownloadOptions, Pick<MnistOptions, "env" | "cacheDir"> {
  /** A folder with the files, for data sets that are read from files. */
  readonly dataDir?: string | undefined;
  /** Number of training and test samples to use: the first ones of a file, or any number of synthetic digits. Default all. */
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  /** Seed of synthetic data. Default 1. */
  readonly seed?: number | undefined;
}

export interface Splits {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

const SOURCES: Readonly<Record<string, (options: DataOptions) => Promise<Splits>>> = {
  digits: async ({ dataDir, train, test, seed }) => {
    if (dataDir !== undefined) {
      throw new SpikevineError(
        `data: "digits" are synthetic, not read from "${dataDir}"; leave the folder out, or choose "mnist".`,
      );
    }
    return makeDigits({
      ...(train === undefined ? {} : { train }),
      ...(test === undefined ? {} : { test }),
      ...(seed === undefined ? {} : { seed }),
    });
  },
  mnist: (options) => fromFiles(options, (places) => loadMnist({ ...places, name: "mnist" })),
  "fashion-mnist": (options) => fromFiles(options, (places) => loadMnist({ ...places, name: "fashion-mnist" })),
  "cifar-10": (options) => fromFiles(options, loadCifar10),
};

type Places = Omit<DataOptions, "train" | "test" | "seed">;

async function fromFiles(options: DataOptions, load: (places: Places) => Promise<Splits>): Promise<Splits> {
  const { train: _, test: __, seed: ___, ...places } = options;
  const { train, test } = await load(places);
  return {
    train: options.train === undefined ? train : subset(train, options.train),
    test: options.test === undefined ? test : subset(test, options.test),
  };
}

/** The names `loadDataset` knows. */
export const datasetNames: readonly string[] = Object.keys(SOURCES);

const check = signature("loadDataset", {
  name: choice(datasetNames),
  options: optional(
    fields<DataOptions>(
      { ...DOWNLOAD_OPTIONS, ...PLACES, train: optional(whole(1)), test: optional(whole(1)), seed: optional(SEED) },
      { root: "options" },
    ),
  ),
});

/**
 * Loads a data set by name.
 * @throws SpikevineError for an unknown name (with the nearest known one), and what the data set's loader throws
 */
export async function loadDataset(name: string, options: DataOptions = {}): Promise<Splits> {
  check([name, options]);
  return SOURCES[name]!(options);
}
