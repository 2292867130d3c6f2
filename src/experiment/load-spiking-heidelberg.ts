import { unpack } from "../data/formats/parse-dataset.js";
import { type Dataset, parseSpikingHeidelberg, shuffleSamples, splitSamples } from "../data/index.js";
import { readFileBytes } from "../io/read-file.js";
import { firstSamples, OF_SAMPLES, OF_TEST, refuseFields, TEST_SHARE, withClasses } from "./path-fields.js";
import type { Experiment } from "./schema.js";
import type { TrainedClasses } from "./weights.js";

/** Largest file: 4 GiB, which are in memory at once. */
const LARGEST = 2 ** 32;

/** True for the name of an HDF5 file, gzipped as it is published or not. */
export const isHdf5Path = (path: string): boolean => /\.(?:h5|hdf5)(?:\.gz)?$/i.test(path);

/**
 * Spikes of the Spiking Heidelberg Digits or the Spiking Speech Commands, binned by the steps of the network: of a file for training
 * and one for the test, or a share of the samples of one file.
 */
export async function loadSpikingHeidelberg(
  settings: Experiment,
  known: Partial<TrainedClasses>,
): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  const { data, network } = settings;
  const { testLabels } = OF_TEST;
  refuseFields(settings, "spikes of cochleae (SHD, SSC)", {
    ...OF_SAMPLES,
    testLabels,
    ...(data.testData === null ? {} : { testShare: OF_TEST.testShare }),
  });
  const read = async (path: string, classes: Partial<TrainedClasses>): Promise<Dataset> => {
    const bytes = await readFileBytes(path, { fix: "give the path of a file of SHD or SSC", largest: LARGEST });
    const found = await parseSpikingHeidelberg(await unpack(bytes, path), path, {
      bin: `${network.dt} ms`,
      steps: network.steps,
      as: data.events,
    });
    return classes.classes === undefined ? found : withClasses(found, path, { ...classes, classes: classes.classes });
  };
  const all = await read(data.name, known);
  if (data.testData !== null) {
    const test = await read(data.testData, all);
    return { train: firstSamples(shuffleSamples(all), data.train), test: firstSamples(test, data.test) };
  }
  const share = data.testShare ?? TEST_SHARE;
  const { train, test } = share === 1 ? { train: all, test: all } : splitSamples(all, { share });
  return {
    train: firstSamples(share === 1 ? train : shuffleSamples(train), data.train),
    test: firstSamples(test, data.test),
  };
}
