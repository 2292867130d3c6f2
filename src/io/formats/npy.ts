import { bytes, fields, kind, list, number, signature, tagOf, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/**
 * NumPy's .npy format, version 1.0: a magic string, the length of the header, the header as a Python dictionary padded
 * to a multiple of 64 bytes, then the values, row-major and little-endian.
 * Source: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

const TYPES = { "<f8": Float64Array, "<f4": Float32Array, "<i4": Int32Array, "|u1": Uint8Array } as const;

const DATA = kind("a Float64Array, Float32Array, Int32Array or Uint8Array", (value) =>
  ["Float64Array", "Float32Array", "Int32Array", "Uint8Array"].includes(tagOf(value)),
);

/** An array to be written, as an argument. */
export const NPY_ARRAY = fields<NpyArray>({ shape: list(number()), data: DATA });

const checkSerialize = signature("npy", { array: { ...NPY_ARRAY, root: "array" } });
const checkParse = signature("parseNpy", { file: bytes, name: text() });

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

/**
 * A Python comment in the header of a file that was not closed: the file may contain more values than its shape says.
 */
export const NOT_CLOSED = "# not closed";

/** Header that `numpy.save` writes for a plain array: these three keys in this order. */
const HEADER =
  /^\{'descr': '([^']{1,16})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,15}, ?)*(?:\d{1,15})?)\),? ?\} *(# not closed)? *\n$/;

/**
 * The bytes of an .npy file that `numpy.load` reads.
 * @throws SpikevineError if the shape does not fit the values
 */
export function serializeNpy(array: NpyArray): Uint8Array {
  checkSerialize([array]);
  const { shape, data } = array;
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new SpikevineError(
      `npy: the shape [${shape.join(", ")}] does not fit ${data.length} values; give sizes whose product is that.`,
    );
  }
  const type = Object.entries(TYPES).find(([, typed]) => data instanceof typed)![0];
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(start + data.byteLength);
  file.set(MAGIC);
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}

/**
 * Reads an .npy file from memory: float64, float32, int32 or uint8, row-major. The values are copied. If a simulation
 * was killed while it wrote the file, this reads the rows that the header declares.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and the problem
 */
export function parseNpy(file: Uint8Array, name: string): NpyArray {
  checkParse([file, name]);
  const fail = (what: string, fix: string) => new SpikevineError(`npy: "${name}" ${what}; ${fix}.`);
  const whole = "write it again";
  if (MAGIC.some((byte, i) => file[i] !== byte)) throw fail("is not an .npy file", "write it with numpy.save");
  if (file.length < 12) throw fail("is cut off inside its header", whole);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const wide = file[6]! > 1;
  const start = wide ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  if (start > file.length) throw fail("is cut off inside its header", whole);
  const text = new TextDecoder("latin1").decode(file.subarray(wide ? 12 : 10, Math.min(start, 4096)));
  const match = HEADER.exec(text);
  if (match === null)
    throw fail("is not a plain array of numbers as numpy.save writes it", "save one array of numbers");
  const [, type, fortran, sizes, notClosed] = match as unknown as [string, string, string, string, string?];
  if (!Object.hasOwn(TYPES, type)) {
    throw fail(`holds values of type ${type}`, `convert them to one of ${Object.keys(TYPES).join(", ")}`);
  }
  if (fortran === "True") throw fail("is stored column by column", "write numpy.ascontiguousarray of it");
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const typed = TYPES[type as keyof typeof TYPES];
  const bytes = shape.reduce((product, size) => product * size, typed.BYTES_PER_ELEMENT);
  const isWhole = notClosed === undefined ? bytes === file.length - start : bytes <= file.length - start;
  if (!isWhole) {
    throw fail(`has ${file.length - start} bytes of values, but its shape [${shape.join(", ")}] needs ${bytes}`, whole);
  }
  // A copy starts at offset 0 of its own buffer, which is aligned for every type; `slice` of a Node Buffer is not a
  // copy.
  return { shape, data: new typed(new Uint8Array(file.subarray(start, start + bytes)).buffer) };
}
