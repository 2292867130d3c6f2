import { bytes, fields, list, number, signature, text } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";

/**
 * The IDX format of MNIST's files, for unsigned bytes: two zero bytes, the type code 0x08, the number of dimensions,
 * each dimension as a big-endian 32-bit number, then the values in row-major order.
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
 */

export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major, one byte per value. */
  readonly data: Uint8Array;
}

/** An array to write; its shape is checked on writing. */
export const IDX_ARRAY = fields<IdxArray>({ shape: list(number()), data: bytes }, { root: "array" });

const checkParse = signature("parseIdx", { file: bytes, name: text() });
const checkEncode = signature("serializeIdx", { array: IDX_ARRAY });

/** The most bytes of values an IDX file may claim: 1 GiB, 23 times the size of MNIST. */
export const IDX_LIMIT = 2 ** 30;

const UNSIGNED_BYTE = 0x08;
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "single-precision numbers",
  14: "double-precision numbers",
};

/** Length of the header that begins with these four bytes. */
export function idxHeaderBytes(start: Uint8Array): number {
  return 4 + 4 * (start[3] ?? 0);
}

/**
 * Reads the header of an IDX file.
 * @param start the first bytes of the file, at least the whole header if the file has one
 * @param name the file's name, for messages
 * @param most the most bytes of values that are accepted
 * @returns the shape, the offset of the values, and their number of bytes
 * @throws SpikevineError naming the file: empty, not IDX, not unsigned bytes, an impossible size
 */
export function parseIdxHeader(
  start: Uint8Array,
  name: string,
  most = IDX_LIMIT,
): { shape: readonly number[]; offset: number; bytes: number } {
  if (start.length === 0) throw broken(name, "is empty", "download or write it again");
  if (start.length < 4) throw broken(name, `ends after ${start.length} bytes`, "download or write it again");
  const [zero0, zero1, type, rank] = start as unknown as [number, number, number, number];
  if (zero0 !== 0 || zero1 !== 0) {
    const found = [...start.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw broken(name, `is not an IDX file: it begins with ${found}, not 00 00 08`, "give MNIST's own files");
  }
  if (type !== UNSIGNED_BYTE) {
    const what = OTHER_TYPES[type] ?? `an unknown type 0x${type.toString(16).padStart(2, "0")}`;
    throw broken(name, `holds ${what}, not unsigned bytes`, "convert its values to bytes from 0 to 255");
  }
  if (rank < 1 || rank > 8) {
    throw broken(name, `claims ${rank} dimensions`, "give labels with 1 dimension or images with 3");
  }
  const offset = idxHeaderBytes(start);
  if (start.length < offset) throw broken(name, "ends inside its header", "download or write it again");
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) throw broken(name, `has no values: its shape is ${shape.join(" x ")}`, "give some samples");
  const bytes = shape.reduce((product, size) => product * size, 1);
  if (bytes > most) {
    throw broken(name, `claims ${shape.join(" x ")} bytes, more than ${most}`, "split it, or check that it is IDX");
  }
  return { shape, offset, bytes };
}

/**
 * Reads a whole IDX file from memory. The values are copied.
 * @throws SpikevineError naming the file and what is wrong with it
 */
export function parseIdx(file: Uint8Array, name: string): IdxArray {
  checkParse([file, name]);
  const { shape, offset, bytes } = parseIdxHeader(file, name);
  if (file.length < offset + bytes) throw truncated(name, shape, file.length - offset, bytes);
  if (file.length > offset + bytes) throw trailing(name, shape, bytes);
  return { shape, data: new Uint8Array(file.subarray(offset)) };
}

/**
 * The bytes of an IDX file with these values.
 * @throws SpikevineError when the shape does not fit the values or the format
 */
export function serializeIdx(array: IdxArray): Uint8Array {
  checkEncode([array]);
  const { shape, data } = array;
  const fits = shape.every((size) => Number.isInteger(size) && size > 0 && size <= 0xffffffff);
  if (shape.length < 1 || shape.length > 8 || !fits || shape.reduce((a, b) => a * b, 1) !== data.length) {
    throw new SpikevineError(
      `idx: the shape ${shape.join(" x ")} does not fit ${data.length} values; give sizes whose product is that.`,
    );
  }
  const file = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(file.buffer);
  file[2] = UNSIGNED_BYTE;
  file[3] = shape.length;
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  file.set(data, 4 + 4 * shape.length);
  return file;
}

/** The error of a file that ends too early. */
export function truncated(name: string, shape: readonly number[], found: number, bytes: number): SpikevineError {
  return broken(
    name,
    `is cut off: its shape ${shape.join(" x ")} needs ${bytes} values, it has ${found}`,
    "download or write it again",
  );
}

/** The error of a file that has bytes after its last value. */
export function trailing(name: string, shape: readonly number[], bytes: number): SpikevineError {
  return broken(
    name,
    `has bytes after the ${bytes} values of its shape ${shape.join(" x ")}`,
    "download or write it again",
  );
}

/** The error of a broken file. */
export function broken(name: string, what: string, fix: string): SpikevineError {
  return new SpikevineError(`data: "${name}" ${what}; ${fix}.`);
}
