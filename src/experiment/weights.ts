import type { Network } from "../../networks/index.js";
import { SpikevineError } from "../errors.js";
import { readTensors, type TensorFile, writeTensors } from "../record/index.js";
import { parseExperiment } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Key in the file's metadata under which the experiment stands, so that weights alone can be evaluated. */
const EXPERIMENT = "experiment";

/** Writes every trained array of a network, and the experiment it belongs to, as a safetensors file. */
export async function saveWeights(path: string, network: Network, experiment: Experiment): Promise<void> {
  const tensors = [...network.parameters].map(
    ([name, { rows, columns, data }]) => [name, { shape: [rows, columns], data }] as const,
  );
  await writeTensors(path, new Map(tensors), new Map([[EXPERIMENT, JSON.stringify(experiment)]]));
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
  const file = await readTensors(path);
  const text = file.metadata.get(EXPERIMENT);
  if (text === undefined) {
    throw new SpikevineError(
      `weights "${path}" do not say which experiment they are of; give a file that spikevine wrote.`,
    );
  }
  let experiment: unknown;
  try {
    experiment = JSON.parse(text);
  } catch (error) {
    throw new SpikevineError(`weights "${path}": the experiment in the metadata is not JSON; train again.`, {
      cause: error,
    });
  }
  return { path, file, experiment: parseExperiment(experiment, `weights "${path}"`) };
}

/**
 * Puts saved values into a network's arrays.
 * @throws SpikevineError if an array is missing or has another shape.
 */
export function restoreWeights(network: Network, { path, file }: SavedWeights): void {
  for (const [name, { rows, columns, data }] of network.parameters) {
    const tensor = file.tensors.get(name);
    if (
      tensor === undefined ||
      tensor.shape.join() !== [rows, columns].join() ||
      !(tensor.data instanceof Float32Array)
    ) {
      const found = tensor === undefined ? "no such array" : `[${tensor.shape.join(", ")}]`;
      throw new SpikevineError(
        `weights "${path}": ${name} should be [${rows}, ${columns}] of float32 but is ${found}; train again.`,
      );
    }
    data.set(tensor.data);
  }
}
