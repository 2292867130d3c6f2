import { bytes, signature, text } from "../../arguments/index.js";
import { type NpyArray, parseNpy } from "./npy.js";
import { openZip } from "./unzip.js";

/** The arrays of an .npz file by name; each is read when it is wanted. */
export interface NpzArchive {
  readonly names: readonly string[];
  /** @throws SpikevineError if the array is damaged or of a type that is not read */
  read(name: string): Promise<NpyArray>;
}

const check = signature("parseNpz", { file: bytes, name: text() });

/**
 * The arrays of an .npz file, compressed or not, by name.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and the problem
 */
export async function parseNpz(file: Uint8Array, name: string): Promise<Map<string, NpyArray>> {
  check([file, name]);
  const archive = openNpz(file, name);
  const arrays = new Map<string, NpyArray>();
  for (const array of archive.names) arrays.set(array, await archive.read(array));
  return arrays;
}

/** The directory of an .npz file. Files that are no arrays are left out. */
export function openNpz(file: Uint8Array, name: string): NpzArchive {
  const zip = openZip(file, name);
  const names = zip.names.filter((entry) => entry.endsWith(".npy")).map((entry) => entry.slice(0, -".npy".length));
  return { names, read: async (array) => parseNpy(await zip.read(`${array}.npy`), `${name}: ${array}`) };
}
