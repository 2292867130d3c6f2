import { readFile } from "node:fs/promises";
import { writeAtomically } from "./atomic-file.js";
import { cannot } from "./file-problem.js";
import { parseTensors, serializeTensors, type Tensor, type TensorFile } from "./safetensors.js";

/**
 * Writes tensors as a safetensors file; the file is there whole or not at all.
 * @throws SpikevineError when a tensor is malformed or the file cannot be written
 */
export async function writeTensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: ReadonlyMap<string, string>,
): Promise<void> {
  await writeAtomically(path, serializeTensors(tensors, metadata));
}

/** Reads a safetensors file. Throws SpikevineError when it is missing or broken. */
export async function readTensors(path: string): Promise<TensorFile> {
  return parseTensors(await readBytes(path), path);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  }
}
