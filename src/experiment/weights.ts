import { z } from "zod";
import type { Network, NetworkOptions } from "../../networks/index.js";
import { SpikevineError } from "../errors.js";
import type { FileSystem } from "../io/file-system.js";
import { parseJson } from "../io/formats/json.js";
import type { TensorFile } from "../io/formats/safetensors.js";
import { readSafetensors } from "../io/formats/safetensors-file.js";
import { checkArrayShapes } from "../model/file.js";
import { definitionHashes, diffDefinitions, loadWeights, saveModel } from "../model/index.js";
import { buildGraph } from "./build.js";
import { parseExperiment, storedStyle } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Metadata key of the experiment, so that a weights file alone can be evaluated. */
const EXPERIMENT = "experiment";

/** Metadata key of the classes of the training samples. */
const CLASSES = "classes";

/** Metadata key of files whose network is that of their definitions, and not that of their experiment. */
const IMPORTED = "imported";

/** Classes that a network was trained on, so that other samples get the same numbers. */
export interface TrainedClasses {
  readonly classes: number;
  /** Names in the order of the classes, if the labels were texts. */
  readonly classNames?: readonly string[];
}

const trainedClasses = z.object({
  classes: z.int().min(1).max(256),
  classNames: z.array(z.string()).max(256).exactOptional(),
});

/** Writes a network, its experiment and the classes of its training samples as a safetensors file. */
export async function saveWeights(
  path: string,
  network: Network,
  experiment: Experiment,
  { classes, classNames }: TrainedClasses,
  files?: FileSystem,
): Promise<void> {
  await saveModel(path, network, metadataOf(experiment, { classes, classNames }), files);
}

/** Writes a network that no experiment describes, with the experiment whose other settings it takes. */
export async function saveImported(
  path: string,
  network: Network,
  experiment: Experiment,
  classes: TrainedClasses,
  files?: FileSystem,
): Promise<void> {
  await saveModel(path, network, new Map([...metadataOf(experiment, classes), [IMPORTED, "true"]]), files);
}

function metadataOf(
  experiment: Experiment,
  { classes, classNames }: { classes: number; classNames?: readonly string[] | undefined },
): Map<string, string> {
  const known: TrainedClasses = { classes, ...(classNames === undefined ? {} : { classNames }) };
  return new Map([
    [EXPERIMENT, JSON.stringify(experiment)],
    [CLASSES, JSON.stringify(known)],
  ]);
}

/** Weights in a file, and their experiment. */
export interface SavedWeights {
  readonly path: string;
  readonly file: TensorFile;
  readonly experiment: Experiment;
  /** Undefined in files of Spikevine 0.1.0. */
  readonly trained: TrainedClasses | undefined;
  /** True if the network is that of the definitions in the file, and not that of the experiment. */
  readonly isImported: boolean;
}

/**
 * Reads a weights file.
 * @throws SpikevineError if the file is missing, damaged, or does not contain its experiment.
 */
export async function readWeights(path: string): Promise<SavedWeights> {
  const file = await readSafetensors(path);
  const text = file.metadata.get(EXPERIMENT);
  if (text === undefined) {
    throw new SpikevineError(`weights "${path}" do not contain their experiment; give a file that spikevine wrote.`);
  }
  const experiment = parseJson(
    text,
    (problem) => new SpikevineError(`weights "${path}": the experiment in the metadata ${problem}; train again.`),
  );
  return {
    path,
    file,
    experiment: parseExperiment(experiment, `weights "${path}"`, storedStyle),
    trained: classesIn(path, file),
    isImported: file.metadata.has(IMPORTED),
  };
}

function classesIn(path: string, { metadata }: TensorFile): TrainedClasses | undefined {
  const text = metadata.get(CLASSES);
  if (text === undefined) return undefined;
  const fail = (problem: string) =>
    new SpikevineError(`weights "${path}": the classes in the metadata ${problem}; train again.`);
  const result = trainedClasses.safeParse(parseJson(text, fail));
  if (!result.success) throw fail("cannot be read");
  return result.data;
}

/**
 * Compares saved weights with the layers of their experiment, before memory for a network is allocated.
 * @throws SpikevineError if an array is missing or has another shape.
 */
export function checkSavedSizes(
  { path, file, experiment }: SavedWeights,
  inputs: NetworkOptions["inputs"],
  outputs: number,
): void {
  checkArrayShapes(file, buildGraph(experiment, inputs, outputs), `weights "${path}"`);
}

/**
 * Puts saved values into the network of their experiment.
 * @throws SpikevineError if an array is missing or has another shape, or if a definition has changed since the weights were
 * trained.
 */
export function restoreWeights(network: Network, { path, file }: SavedWeights): void {
  const where = `weights "${path}"`;
  const changed = diffDefinitions(definitionHashes(file, where), network);
  if (changed.length > 0) {
    throw new SpikevineError(
      `${where}: ${changed.join(" and ")} has changed since they were trained; use the version of that time, or open the file with loadModel, which uses the definitions in it.`,
    );
  }
  loadWeights(network, file, where);
}
