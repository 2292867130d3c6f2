import type { Network } from "../../networks/index.js";
import { SpikevineError } from "../errors.js";
import type { FileSystem } from "../io/file-system.js";
import { parseJson } from "../io/formats/json.js";
import type { TensorFile } from "../io/formats/safetensors.js";
import { readSafetensors } from "../io/formats/safetensors-file.js";
import { checkWeightShapes, definitionHashes, diffDefinitions, loadWeights, saveModel } from "../model/index.js";
import { parseExperiment, storedStyle } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Key in the file's metadata under which the experiment stands, so that weights alone can be evaluated. */
const EXPERIMENT = "experiment";

/** Writes a network, and the experiment it belongs to, as a safetensors file. */
export async function saveWeights(
  path: string,
  network: Network,
  experiment: Experiment,
  files?: FileSystem,
): Promise<void> {
  await saveModel(path, network, new Map([[EXPERIMENT, JSON.stringify(experiment)]]), files);
}

/** Weights as they stand in a file, and the experiment that they are of. */
export interface SavedWeights {
  readonly path: string;
  readonly file: TensorFile;
  readonly experiment: Experiment;
}

/**
 * Reads a weights file.
 * @throws SpikevineError if it is missing, broken, or does not say which experiment it is of.
 */
export async function readWeights(path: string): Promise<SavedWeights> {
  const file = await readSafetensors(path);
  const text = file.metadata.get(EXPERIMENT);
  if (text === undefined) {
    throw new SpikevineError(
      `weights "${path}" do not say which experiment they are of; give a file that spikevine wrote.`,
    );
  }
  const experiment = parseJson(
    text,
    (problem) => new SpikevineError(`weights "${path}": the experiment in the metadata ${problem}; train again.`),
  );
  return { path, file, experiment: parseExperiment(experiment, `weights "${path}"`, storedStyle) };
}

/**
 * Compares saved weights with the layers that their experiment states, before a network takes memory.
 * @throws SpikevineError if an array is missing or has another shape.
 */
export function checkSavedSizes({ path, file, experiment }: SavedWeights, inputs: number, outputs: number): void {
  checkWeightShapes(file, [inputs, ...experiment.network.hidden, outputs], `weights "${path}"`);
}

/**
 * Puts saved values into the network of their experiment.
 * @throws SpikevineError if an array is missing or has another shape, or a definition computes something else than when the
 * weights were trained.
 */
export function restoreWeights(network: Network, { path, file }: SavedWeights): void {
  const where = `weights "${path}"`;
  const changed = diffDefinitions(definitionHashes(file, where), network);
  if (changed.length > 0) {
    throw new SpikevineError(
      `${where}: ${changed.join(" and ")} computes something else than when they were trained; use that version, or open the file with loadModel, which takes the definitions in it.`,
    );
  }
  loadWeights(network, file, where);
}
