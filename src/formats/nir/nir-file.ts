import type { Hdf5Group, Hdf5Values } from "../../io/hdf5/contents.js";

/** Contents of a node of a NIR file. */
export type NodeFields = Readonly<Record<string, Hdf5Values>>;

export const text = (value: string): Hdf5Values => ({ shape: [], values: [value] });

export const integers = (...values: readonly number[]): Hdf5Values => ({
  shape: [values.length],
  values: BigInt64Array.from(values, BigInt),
});

export const integer = (value: number): Hdf5Values => ({ shape: [], values: BigInt64Array.of(BigInt(value)) });

/** Numbers of single precision if they all are, otherwise of double precision. */
export function reals(shape: readonly number[], values: ArrayLike<number>): Hdf5Values {
  const isSingle = Array.prototype.every.call(values, (value: number) => Math.fround(value) === value);
  return { shape, values: isSingle ? Float32Array.from(values) : Float64Array.from(values) };
}

export const group = (members: Readonly<Record<string, Hdf5Group | Hdf5Values>>): Hdf5Group => ({
  members: new Map(Object.entries(members)),
});

export const node = (type: string, fields: NodeFields = {}): Hdf5Group => group({ ...fields, type: text(type) });
