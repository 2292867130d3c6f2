import { readFile } from "node:fs/promises";
import { writeAtomically } from "./atomic-file.js";
import { cannot } from "./file-problem.js";
import { type NpyArray, parseNpy, serializeNpy } from "./npy.js";

/** Writes an array as an .npy file. Throws SpikevineError when it is malformed or the file cannot be written. */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  await writeAtomically(path, serializeNpy(array));
}

/** Reads an .npy file. Throws SpikevineError when it is missing or broken. */
export async function readNpy(path: string): Promise<NpyArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  }
  return parseNpy(bytes, path);
}
