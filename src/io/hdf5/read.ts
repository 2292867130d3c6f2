import { SpikevineError } from "../../errors.js";
import type { Hdf5Array, Hdf5Kind } from "./open-file.js";
import { withThread } from "./session.js";

export type { Hdf5Array, Hdf5Kind } from "./open-file.js";

/** An open HDF5 file. A path is a list of names, outermost first; [] is the root. */
export interface Hdf5File {
  /** Kind of the object at the path; undefined if there is none. Links to other files are `other`. */
  kind(path: readonly string[]): Promise<Hdf5Kind | undefined>;
  /** Names in a group. @throws SpikevineError if it is not a group */
  names(path: readonly string[]): Promise<readonly string[]>;
  /** Shape of an array, without reading it. @throws SpikevineError if it is not an array, or has no values at all */
  shape(path: readonly string[]): Promise<readonly number[]>;
  /**
   * Reads an array. Its size is compared with the file's before memory is allocated.
   * @throws SpikevineError if it is missing, damaged, larger than the file can hold, or of another type than numbers and texts
   */
  read(path: readonly string[]): Promise<Hdf5Array>;
  /** Value of an attribute that is a number or a text; undefined if there is none. */
  attribute(path: readonly string[], name: string): Promise<number | bigint | string | undefined>;
}

/** The eight bytes at the start of an HDF5 file. Source: HDF5 File Format Specification 3.0, section II.A. */
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** True for a file that begins like HDF5. */
export const isHdf5 = (file: Uint8Array): boolean => SIGNATURE.every((byte, i) => file[i] === byte);

/**
 * Reads from an HDF5 file in memory, in Node and in browsers. HDF5 has no checksums, and its library does not notice all damage:
 * the caller checks that all it needs is there, of the right shape and finite.
 * @param name the file's name, for messages
 * @param use reads what it needs; the file is closed after it
 * @throws SpikevineError if it is not an HDF5 file or h5wasm is not installed, and the errors of `use`
 */
export async function withHdf5<T>(bytes: Uint8Array, name: string, use: (file: Hdf5File) => Promise<T>): Promise<T> {
  if (!isHdf5(bytes)) {
    throw new SpikevineError(`HDF5: "${name}" does not start with the signature of HDF5; give an HDF5 file.`);
  }
  return withThread({ name, megabytes: bytes.length / 2 ** 20 }, async (call) => {
    await call("open", bytes, name);
    return use({
      kind: (path) => call("kind", path),
      names: (path) => call("names", path),
      shape: (path) => call("shape", path),
      read: (path) => call("read", path),
      attribute: (path, attribute) => call("attribute", path, attribute),
    });
  });
}
