import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, readNmnist } from "../data/index.js";
import { SpikevineError } from "../errors.js";
import type { Experiment } from "./schema.js";

/** Training and test samples. */
export interface DataSplits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Reads the data of an experiment from the path that it names.
 * @throws SpikevineError if the path is missing, or holds no data of a known form
 */
export async function loadPath(settings: Experiment): Promise<DataSplits> {
  const { data } = settings;
  if (data.dir !== null) {
    throw new SpikevineError(`data: data.name is the path "${data.name}"; leave data.dir (--data-dir) out.`);
  }
  const found = statSync(data.name, { throwIfNoEntry: false });
  if (found === undefined) throw new SpikevineError(`data: there is no file or folder "${data.name}"; check the path.`);
  if (found.isDirectory() && ["Train", "Test"].every((split) => existsSync(join(data.name, split)))) {
    return loadNmnist(settings);
  }
  throw new SpikevineError(
    `data: "${data.name}" is not the folder of N-MNIST; give the folder that has its folders Train and Test.`,
  );
}

/** Recordings of N-MNIST, binned by the steps of the network. */
async function loadNmnist({ data, network }: Experiment): Promise<DataSplits> {
  const split = (name: string, count: number | null) =>
    readNmnist({
      folder: join(data.name, name),
      bin: `${network.dt} ms`,
      steps: network.steps,
      as: data.events,
      ...(count === null ? {} : { count }),
    });
  return { train: await split("Train", data.train), test: await split("Test", data.test) };
}
