import { SpikevineError, unknownName } from "../errors.js";
import type { MnistName } from "./catalogue.js";
import type { Dataset } from "./dataset.js";
import { makeDigits } from "./digits.js";
import type { DownloadOptions } from "./download.js";
import { loadMnist, type MnistOptions } from "./mnist.js";
import { subset } from "./subset.js";

export interface DataOptions extends DownloadOptions, Pick<MnistOptions, "env" | "cacheDir"> {
  /** A folder with the files; for data sets that are read, not made. */
  readonly dataDir?: string | undefined;
  /** How many training and test samples to use: the first ones, or for made digits as many as wanted. Default all. */
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  /** Seed of a data set that is made. Default 1. */
  readonly seed?: number | undefined;
}

export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
}

const SOURCES: Readonly<Record<string, (options: DataOptions) => Promise<Splits>>> = {
  digits: async ({ dataDir, train, test, seed }) => {
    if (dataDir !== undefined) {
      throw new SpikevineError(
        `data: "digits" are drawn, not read from "${dataDir}"; leave the folder out, or choose "mnist".`,
      );
    }
    return makeDigits({
      ...(train === undefined ? {} : { train }),
      ...(test === undefined ? {} : { test }),
      ...(seed === undefined ? {} : { seed }),
    });
  },
  mnist: (options) => fromFiles("mnist", options),
  "fashion-mnist": (options) => fromFiles("fashion-mnist", options),
};

async function fromFiles(name: MnistName, options: DataOptions): Promise<Splits> {
  const { train, test } = await loadMnist({ ...options, name });
  return {
    train: options.train === undefined ? train : subset(train, options.train),
    test: options.test === undefined ? test : subset(test, options.test),
  };
}

/** The names `loadDataset` knows. */
export const DATASETS: readonly string[] = Object.keys(SOURCES);

/**
 * Loads a data set by name.
 * @throws SpikevineError for an unknown name (with the nearest known one), and what the data set's loader throws
 */
export async function loadDataset(name: string, options: DataOptions = {}): Promise<Splits> {
  const source = Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined;
  if (source === undefined) throw unknownName("data set", name, DATASETS);
  return source(options);
}
