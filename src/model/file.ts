import { columnsOf, type GraphNode, sizeOf } from "../../networks/graph.js";
import type { Network } from "../../networks/index.js";
import { NETWORK } from "../../networks/network.js";
import { bytes, either, filePath, list, signature, text, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { inNode } from "../in-node.js";
import type { FileSystem } from "../io/file-system.js";
import { parseJson } from "../io/formats/json.js";
import {
  CHECKSUM,
  METADATA,
  parseSafetensors,
  serializeSafetensors,
  TENSOR_FILE,
  type TensorFile,
} from "../io/formats/safetensors.js";
import { version } from "../version.js";
import { buildModel, graphOf } from "./build-model.js";
import { describeModel } from "./describe-model.js";
import { modelDescription } from "./description.js";

/** Key of the model's description in a file's metadata. */
const MODEL = "model";

const checkSave = signature("saveModel", { path: filePath, network: NETWORK, metadata: METADATA });
const checkSerialize = signature("serializeModel", { network: NETWORK, metadata: METADATA });
const checkOpen = signature("loadModel", { from: either(filePath, bytes) });
const checkSaved = signature("definitionHashes", { file: TENSOR_FILE, where: text() });
const checkShapes = signature("checkWeightShapes", { file: TENSOR_FILE, sizes: list(whole(1)), where: text() });
const checkLoad = signature("loadWeights", { network: NETWORK, file: TENSOR_FILE, where: text() });

/**
 * Writes a network to a safetensors file: its weights as tensors, its definitions in the metadata.
 * @param metadata further entries of the metadata
 * @throws SpikevineError if the network has a custom integrator or the file cannot be written.
 */
export async function saveModel(
  path: string,
  network: Network,
  metadata: ReadonlyMap<string, string> = new Map(),
  files?: FileSystem,
): Promise<void> {
  checkSave([path, network, metadata]);
  const { writeAtomically } = await inNode("saveModel", () => import("../io/atomic-file.js"));
  await writeAtomically(path, serializeModel(network, metadata), files);
}

/**
 * The bytes of the file that `saveModel` writes, e.g. for a download from a page.
 * @param metadata further entries of the metadata
 * @throws SpikevineError if the network has a custom integrator.
 */
export function serializeModel(network: Network, metadata: ReadonlyMap<string, string> = new Map()): Uint8Array {
  checkSerialize([network, metadata]);
  const tensors = [...network.parameters].map(
    ([name, { rows, columns, data }]) => [name, { shape: [rows, columns], data }] as const,
  );
  const description = JSON.stringify(describeModel(network, version()));
  return serializeSafetensors(new Map(tensors), new Map([...metadata, [MODEL, description]]));
}

/**
 * Loads a network that `saveModel` or `spikevine train` wrote, in any process: its definitions are in the file.
 * @param from path of the file, or its bytes, e.g. those of a file that a page opens
 * @throws SpikevineError if the file is missing or broken, or a definition would compute other values here.
 */
export async function loadModel(from: string | Uint8Array): Promise<Network> {
  checkOpen([from]);
  const where = typeof from === "string" ? `model "${from}"` : "model";
  const file = typeof from === "string" ? await readModelFile(from) : parseSafetensors(from, where);
  const description = modelDescription.safeParse(describedIn(file, where));
  if (description.success) checkArrayShapes(file, graphOf(description.data, where), where);
  const network = buildModel(describedIn(file, where), where);
  loadWeights(network, file, where);
  return network;
}

async function readModelFile(path: string): Promise<TensorFile> {
  const { readSafetensors } = await inNode("loadModel", () => import("../io/formats/safetensors-file.js"));
  return readSafetensors(path);
}

/** The description in a file's metadata, not yet checked. */
function describedIn({ metadata }: TensorFile, where: string): unknown {
  const text = metadata.get(MODEL);
  if (text === undefined) throw new SpikevineError(`${where} holds no definitions; give a file that Spikevine wrote.`);
  const description = parseJson(
    text,
    (problem) => new SpikevineError(`${where}: the text of its definitions ${problem}; save it again.`),
  );
  const { version } = Object(description) as { version?: unknown };
  if (version === 2 && !metadata.has(CHECKSUM)) {
    throw new SpikevineError(`${where} is damaged (its checksum is missing); give another copy of it.`);
  }
  return description;
}

/**
 * Hashes of the definitions that a file was written with.
 * @throws SpikevineError if the file has none.
 */
export function definitionHashes(file: TensorFile, where: string): Record<string, string> {
  checkSaved([file, where]);
  const result = modelDescription.safeParse(describedIn(file, where));
  if (!result.success) throw new SpikevineError(`${where}: its definitions cannot be read; train again.`);
  return result.data.definitions;
}

/**
 * Compares the weights in a file with the sizes of a chain of layers, before memory is allocated for a network of these
 * sizes.
 * @param sizes values per sample, then units of each layer
 * @throws SpikevineError if an array is missing or has another shape.
 */
export function checkWeightShapes(file: TensorFile, sizes: readonly number[], where: string): void {
  checkShapes([file, sizes, where]);
  for (let layer = 1; layer < sizes.length; layer++) {
    weightsIn(file, `layer${layer}.weights`, [sizes[layer - 1]!, sizes[layer]!], where);
  }
}

/** Compares the arrays in a file with those of a graph, as `checkWeightShapes` does for a chain of layers. */
export function checkArrayShapes(file: TensorFile, nodes: readonly GraphNode[], where: string): void {
  for (const node of nodes) {
    if (node.kind === "map") weightsIn(file, `${node.name}.weights`, [node.rows, node.columns], where);
    if (node.kind !== "neurons") continue;
    const units = sizeOf(node.shape);
    if (node.recurrent) weightsIn(file, `${node.name}.recurrent`, [units, units], where);
    for (const [parameter, how] of Object.entries(node.trainable)) {
      if (how !== "fixed") weightsIn(file, `${node.name}.${parameter}`, [1, columnsOf(how, node.shape)], where);
    }
  }
}

/** Values of one array of a file, float32 of the required shape. */
function weightsIn(file: TensorFile, name: string, shape: readonly [number, number], where: string): Float32Array {
  const tensor = file.tensors.get(name);
  if (tensor?.data instanceof Float32Array && tensor.shape.join() === shape.join()) return tensor.data;
  const found = tensor === undefined ? "no such array" : `[${tensor.shape.join(", ")}]`;
  throw new SpikevineError(
    `${where}: ${name} should be [${shape.join(", ")}] of float32 but is ${found}; train again.`,
  );
}

/**
 * Copies the values in a file into a network's arrays.
 * @throws SpikevineError if an array is missing or has another shape.
 */
export function loadWeights(network: Network, file: TensorFile, where: string): void {
  checkLoad([network, file, where]);
  for (const [name, { rows, columns, data }] of network.parameters) {
    data.set(weightsIn(file, name, [rows, columns], where));
  }
}
