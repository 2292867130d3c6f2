import { writeAtomically } from "./atomic-file.js";
import { type NpyArray, parseNpy, serializeNpy } from "./npy.js";
import { readFileBytes } from "./read-file.js";

/** Writes an array as an .npy file. Throws SpikevineError when it is malformed or the file cannot be written. */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  await writeAtomically(path, serializeNpy(array));
}

/** Reads an .npy file. Throws SpikevineError when it is missing or broken. */
export async function readNpy(path: string): Promise<NpyArray> {
  return parseNpy(await readFileBytes(path, { fix: "check the path" }), path);
}
