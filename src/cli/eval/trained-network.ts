import { statSync } from "node:fs";
import type { Network } from "../../../networks/index.js";
import type { Dataset } from "../../data/index.js";
import type { Device } from "../../device/index.js";
import { SpikevineError } from "../../errors.js";
import { buildNetwork, inputsOf } from "../../experiment/build.js";
import { type Field, fields } from "../../experiment/fields.js";
import { loadTestData } from "../../experiment/load-data.js";
import { withOwnModule } from "../../experiment/own-module.js";
import type { Experiment } from "../../experiment/schema.js";
import { checkSavedSizes, readWeights, restoreWeights, type SavedWeights } from "../../experiment/weights.js";
import { isConfigUnchanged, type RunFolder, runFolder } from "../../io/run-folder/run-folder.js";
import { loadModel } from "../../model/index.js";
import type { Invocation } from "../command-line/command.js";
import { requireModuleFlag } from "../command-line/module-flag.js";
import { openAgain, openFastest } from "../device/open-fastest.js";
import { downloadDisplay } from "../terminal/download-display.js";

/** Fields that may differ from the training. The flag for the steps of the test is just `--steps` here. */
export const TEST_FIELDS: readonly Field[] = fields
  .filter(({ path }) =>
    [
      ...[
        "data.name",
        "data.dir",
        "data.images",
        "data.labels",
        "data.testData",
        "data.testLabels",
        "data.testShare",
        "data.events",
      ],
      ...["data.test", "evaluation.steps", "device", "threads", "seed", "logLevel", "module", "moduleHash"],
    ].includes(path),
  )
  .map((field) => (field.path === "evaluation.steps" ? { ...field, flag: "steps" } : field));

const [DEVICE, DATA, TEST_DATA, TEST_SHARE] = ["device", "data.name", "data.testData", "data.testShare"].map(
  (wanted) => TEST_FIELDS.find(({ path }) => path === wanted)!,
) as [Field, Field, Field, Field];

/** A trained network with test samples, on a device. */
export interface TrainedNetwork {
  readonly saved: SavedWeights;
  readonly settings: Experiment;
  readonly test: Dataset;
  readonly network: Network;
  readonly device: Device;
  /** The device in words, and why it was taken. */
  readonly used: string;
}

/**
 * Opens the network of a run folder or a weights file with the test samples of its training, or those that flags name.
 * @param what name of the command, for messages
 */
export async function withTrainedNetwork<T>(
  what: string,
  invocation: Invocation,
  use: (opened: TrainedNetwork) => Promise<T>,
): Promise<T> {
  const { argument = "", experiment, gave, terminal } = invocation;
  const folder = isFolder(argument) ? runFolder(argument) : undefined;
  if (folder !== undefined) await checkConfig(what, folder);
  const saved = await readWeights(folder?.weights ?? argument);
  const given = experiment(withoutReplaced(saved.experiment, gave));
  requireModuleFlag(what, saved.experiment, invocation);
  const settings = await withOwnModule(given);
  const open = gave(DEVICE) || settings.device === "auto" ? openFastest : openAgain;
  const { device, why } = await open(settings.device, settings.threads ? { threads: settings.threads } : {});
  try {
    const test = await loadTestData(settings, saved, downloadDisplay(terminal));
    const network = saved.isImported ? await loadModel(saved.path) : trainedNetwork(settings, saved, test);
    const used = `${device.report.name}: ${device.report.executor} (${why})`;
    return await use({ saved, settings, test, network, device, used });
  } finally {
    await device.dispose();
  }
}

function trainedNetwork(settings: Experiment, saved: SavedWeights, test: Dataset): Network {
  checkSavedSizes(saved, inputsOf(settings, test), test.classes);
  const network = buildNetwork(settings, inputsOf(settings, test), test.classes);
  restoreWeights(network, saved);
  return network;
}

/**
 * The weights contain their experiment, but a configuration that says something else beside them would mislead its readers.
 * @throws SpikevineError if the configuration of a run was changed or damaged since it was written.
 */
async function checkConfig(what: string, folder: RunFolder): Promise<void> {
  if ((await isConfigUnchanged(folder)) !== false) return;
  throw new SpikevineError(
    `${what}: "${folder.config}" was changed or damaged since the run wrote it (its checksum differs); restore it, or give the weights: ${folder.weights}.`,
  );
}

/** An experiment without the test samples in place of which others are given. */
const withoutReplaced = (experiment: Experiment, gave: (field: Field) => boolean): Experiment => ({
  ...experiment,
  data: {
    ...experiment.data,
    ...(gave(DATA) || gave(TEST_SHARE) ? { testData: null, testLabels: null } : {}),
    ...(gave(TEST_DATA) ? { testShare: null } : {}),
  },
});

/** A missing path counts as a file; its reader reports it. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
