import { filePath, optional, signature } from "../../arguments/index.js";
import { writeAtomically } from "../atomic-file.js";
import { FILES, type FileSystem, systemFiles } from "../file-system.js";
import { readFileBytes } from "../read-file.js";
import {
  METADATA,
  parseSafetensors,
  serializeSafetensors,
  TENSORS,
  type Tensor,
  type TensorFile,
} from "./safetensors.js";

const checkWrite = signature("writeSafetensors", {
  path: filePath,
  tensors: TENSORS,
  metadata: optional(METADATA),
  files: optional(FILES),
});
const checkRead = signature("readSafetensors", { path: filePath, files: optional(FILES) });

/**
 * Writes tensors as a safetensors file, atomically.
 * @throws SpikevineError if a tensor is malformed or the file cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: ReadonlyMap<string, string>,
  files?: FileSystem,
): Promise<void> {
  checkWrite([path, tensors, metadata, files]);
  await writeAtomically(path, serializeSafetensors(tensors, metadata), files);
}

/**
 * Reads a safetensors file.
 * @throws SpikevineError if it is missing or broken.
 */
export async function readSafetensors(path: string, files: FileSystem = systemFiles): Promise<TensorFile> {
  checkRead([path, files]);
  return parseSafetensors(await readFileBytes(path, { fix: "check the path", files }), path);
}
