import { crc32 } from "node:zlib";
import { filePath, named, optional, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../atomic-file.js";
import { FILES, type FileSystem } from "../file-system.js";
import { NPY_ARRAY, type NpyArray, serializeNpy } from "./npy.js";

const ARRAYS = named(NPY_ARRAY, "an object from names to arrays, e.g. Object.fromEntries(map)");
const checkSerialize = signature("npz", { arrays: { ...ARRAYS, root: "arrays" } });
const checkWrite = signature("writeNpz", { path: filePath, arrays: ARRAYS, files: optional(FILES) });

/**
 * NumPy's .npz format: a ZIP archive of .npy files, stored without compression as `numpy.savez` does.
 * Source: numpy.savez; PKWARE APPNOTE.TXT 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16.
 */
export function serializeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  checkSerialize([arrays]);
  const entries = Object.entries(arrays).map(([key, array]) => {
    const name = new TextEncoder().encode(`${key}.npy`);
    const data = serializeNpy(array);
    return { name, data, checksum: crc32(data) };
  });
  const size = entries.reduce((sum, { name, data }) => sum + 76 + 2 * name.length + data.length, 22);
  if (size >= 2 ** 32 || entries.length > 65535) {
    throw new SpikevineError("npz: the arrays need more than 4 GiB in one file; write each as its own .npy file.");
  }
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  let at = 0;
  const offsets = entries.map((entry) => {
    const offset = at;
    view.setUint32(at, 0x04034b50, true);
    describe(view, at + 4, entry);
    file.set(entry.name, at + 30);
    file.set(entry.data, at + 30 + entry.name.length);
    at += 30 + entry.name.length + entry.data.length;
    return offset;
  });
  const directory = at;
  entries.forEach((entry, k) => {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, 20, true);
    describe(view, at + 6, entry);
    view.setUint32(at + 42, offsets[k]!, true);
    file.set(entry.name, at + 46);
    at += 46 + entry.name.length;
  });
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - directory, true);
  view.setUint32(at + 16, directory, true);
  return file;
}

/**
 * Fields shared by the header of a file and its entry in the directory: version, no compression, 1 January 1980, sizes.
 */
function describe(view: DataView, at: number, entry: { name: Uint8Array; data: Uint8Array; checksum: number }): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 8, (1 << 5) | 1, true);
  view.setUint32(at + 10, entry.checksum, true);
  view.setUint32(at + 14, entry.data.length, true);
  view.setUint32(at + 18, entry.data.length, true);
  view.setUint16(at + 22, entry.name.length, true);
}

/**
 * Writes arrays as an .npz file.
 * @throws SpikevineError if the file cannot be written.
 */
export async function writeNpz(
  path: string,
  arrays: Readonly<Record<string, NpyArray>>,
  files?: FileSystem,
): Promise<void> {
  checkWrite([path, arrays, files]);
  await writeAtomically(path, serializeNpz(arrays), files);
}
