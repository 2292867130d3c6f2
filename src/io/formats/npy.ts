import { bytes, fields, kind, list, number, signature, tagOf, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { filled } from "../../filled.js";
import { halfToNumber } from "./half.js";

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
 * Reads an .npy file from memory: numbers of any type but complex, 64-bit integers up to 2^53. Values of types that are not written are read exactly into a wider
 * one: halves as single precision, truth values and integers of 8 and 16 bits as `Int32Array`, larger integers as `Float64Array`. Values
 * that are stored in the other byte order or column by column come out row-major. If a simulation was killed while it wrote the
 * file, this reads the rows that the header declares.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and the problem
 */
export function parseNpy(file: Uint8Array, name: string): NpyArray {
  checkParse([file, name]);
  const fail = (what: string, fix: string) => new SpikevineError(`npy: "${name}" ${what}; ${fix}.`);
  const whole = "write it again";
  if (!isNpy(file)) throw fail("is not an .npy file", "write it with numpy.save");
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
  const stored = STORED[type.slice(1)];
  const isOrdered = "<>".includes(type[0]!) || (type[0] === "|" && stored?.typed.BYTES_PER_ELEMENT === 1);
  if (stored === undefined || !isOrdered) {
    throw fail(`holds values of type ${type}`, "convert them to numbers, e.g. with .astype(numpy.float32)");
  }
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const { typed, widen } = stored;
  const bytes = shape.reduce((product, size) => product * size, typed.BYTES_PER_ELEMENT);
  const isWhole = notClosed === undefined ? bytes === file.length - start : bytes <= file.length - start;
  if (!isWhole) {
    throw fail(`has ${file.length - start} bytes of values, but its shape [${shape.join(", ")}] needs ${bytes}`, whole);
  }
  // A copy starts at offset 0 of its own buffer, which is aligned for every type; `slice` of a Node Buffer is not a
  // copy.
  const copy = new Uint8Array(file.subarray(start, start + bytes));
  if (type[0] === ">") reverseBytes(copy, typed.BYTES_PER_ELEMENT);
  const values = new typed(copy.buffer);
  const data = widen === undefined ? (values as NpyArray["data"]) : widen(values as never);
  if (data === undefined) {
    throw fail("holds integers beyond 2^53", "convert them to numbers, e.g. with .astype(numpy.float64)");
  }
  return { shape, data: fortran === "True" ? rowMajor(data, shape) : data };
}

/** True for a file that begins like an .npy file. */
export const isNpy = (file: Uint8Array): boolean => MAGIC.every((byte, i) => file[i] === byte);

function reverseBytes(values: Uint8Array, size: number): void {
  for (let at = 0; at < values.length; at += size) values.subarray(at, at + size).reverse();
}

/** Values that are stored column by column (the first index is the fastest), with the last index the fastest. */
function rowMajor(data: NpyArray["data"], shape: readonly number[]): NpyArray["data"] {
  const ordered = data.slice();
  const index = shape.map(() => 0);
  // Distance in the stored values of two neighbors along each axis.
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * steps[axis]!;
      index[axis] = 0;
    }
  }
  return ordered;
}

/** 64-bit integers as double precision; undefined if one is not exact. */
function exact(values: BigInt64Array | BigUint64Array): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (!Number.isSafeInteger(value)) return undefined;
    numbers[i] = value;
  }
  return numbers;
}

type Integers = Int8Array | Int16Array | Uint16Array | Uint8Array;

const asInt32 = (values: Integers): Int32Array => {
  const wide = new Int32Array(values.length);
  wide.set(values);
  return wide;
};

/** Array of the stored values of each type (without the byte order), and the array that they are read into, if it is another. */
const STORED: Readonly<
  Record<
    string,
    { readonly typed: TypedArray; readonly widen?: (values: never) => NpyArray["data"] | undefined } | undefined
  >
> = Object.assign(Object.create(null), {
  f8: { typed: Float64Array },
  f4: { typed: Float32Array },
  f2: { typed: Uint16Array, widen: (bits: Uint16Array) => filled(new Float32Array(bits.length), bits, halfToNumber) },
  i8: { typed: BigInt64Array, widen: exact },
  u8: { typed: BigUint64Array, widen: exact },
  i4: { typed: Int32Array },
  u4: { typed: Uint32Array, widen: (values: Uint32Array) => filled(new Float64Array(values.length), values, (v) => v) },
  i2: { typed: Int16Array, widen: asInt32 },
  u2: { typed: Uint16Array, widen: asInt32 },
  i1: { typed: Int8Array, widen: asInt32 },
  u1: { typed: Uint8Array },
  b1: { typed: Uint8Array, widen: asInt32 },
});

type TypedArray =
  | Float64ArrayConstructor
  | Float32ArrayConstructor
  | BigInt64ArrayConstructor
  | BigUint64ArrayConstructor
  | Int32ArrayConstructor
  | Uint32ArrayConstructor
  | Int16ArrayConstructor
  | Uint16ArrayConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor;
