import { halfToNumber } from "../formats/half.js";
import type { H5Type } from "./library.js";

/** Numbers of an array. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Classes of types by their numbers in HDF5's C library (H5T_class_t). */
const INTEGER = 0;
const FLOATING = 1;
const ENUMERATION = 8;
export const STRING = 3;
/** Rows of different lengths. */
export const VARIABLE = 9;

const NAMES: Readonly<Record<number, string>> = {
  ...{
    2: "time",
    4: "bit field",
    5: "opaque",
    6: "compound",
    7: "reference",
    9: "rows of different lengths",
    10: "array",
  },
};

/** Arrays by signedness and bytes of a value. */
const SIGNED = { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array };
const UNSIGNED = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array };
const FLOATS = { 4: Float32Array, 8: Float64Array };
const HALF_BYTES = 2;

type Constructor = new (bytes: ArrayBufferLike) => NumberArray;

/** Array for values of a type, or undefined if its values are not numbers of a usual size; enumerations are integers. */
function arrayFor({ type, size, signed, enum_type: base }: H5Type): Constructor | undefined {
  const kind = type === ENUMERATION ? (base?.type ?? INTEGER) : type;
  const sizes: Readonly<Record<number, Constructor>> = kind === FLOATING ? FLOATS : signed ? SIGNED : UNSIGNED;
  return kind === FLOATING || kind === INTEGER ? sizes[size] : undefined;
}

const isHalf = ({ type, size }: H5Type): boolean => type === FLOATING && size === HALF_BYTES;

/** Whether values of a type are numbers that can be read. */
export const isNumeric = (type: H5Type): boolean => isHalf(type) || arrayFor(type) !== undefined;

/** Numbers from stored bytes, which are little-endian: HDF5's C library has converted them. */
export function numbersFrom(bytes: Uint8Array, type: H5Type): NumberArray {
  const { buffer } = Uint8Array.from(bytes);
  if (isHalf(type)) return Float32Array.from(new Uint16Array(buffer), halfToNumber);
  return new (arrayFor(type)!)(buffer);
}

/** Name of a type, for messages. */
export const typeName = ({ type, size }: H5Type): string => NAMES[type] ?? `${8 * size}-bit numbers`;
