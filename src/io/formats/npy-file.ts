import { filePath, signature } from "../../arguments/index.js";
import { writeAtomically } from "../atomic-file.js";
import { readFileBytes } from "../read-file.js";
import { NPY_ARRAY, type NpyArray, parseNpy, serializeNpy } from "./npy.js";

const checkWrite = signature("writeNpy", { path: filePath, array: NPY_ARRAY });

/**
 * Writes an array as an .npy file.
 * @throws SpikevineError if it is malformed or the file cannot be written.
 */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  checkWrite([path, array]);
  await writeAtomically(path, serializeNpy(array));
}

const checkRead = signature("readNpy", { path: filePath });

/**
 * Reads an .npy file.
 * @throws SpikevineError if it is missing or broken.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  checkRead([path]);
  return parseNpy(await readFileBytes(path, { fix: "check the path" }), path);
}
