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

/** Writes a network and its experiment as a safetensors file. */
export async function saveWeights(
  path: string,
  network: Network,
  experiment: Experiment,
  files?: FileSystem,
): Promise<void> {
  await saveModel(path, network, new Map([[EXPERIMENT, JSON.stringify(experiment)]]), files);
}

/** Weights in a file, and their experiment. */
export interface SavedWeights {
  readonly path: string;
  readonly file: TensorFile;
  readonly experiment: Experiment;
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
  return { path, file, experiment: parseExperiment(experiment, `weights "${path}"`, storedStyle) };
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
