import { bytes, fields, kind, list, mapOf, number, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { digest, digestText } from "../checksum.js";
import { halfToNumber } from "./half.js";
import { parseJson } from "./json.js";

/**
 * The safetensors format: eight bytes with the length of the header (little-endian), the header as JSON, then the
 * values of all tensors without gaps. Source: https://github.com/huggingface/safetensors, "Format".
 *
 * Reading trusts nothing: the sizes, types, offsets and names of the header are checked before memory is allocated, and
 * tensors are kept in a Map, so that a name such as `__proto__` is only a name.
 */

export type TensorData =
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

/** An array of numbers with its shape, row-major. A scalar has the shape []. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Stored values of each type. */
const TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  BOOL: Uint8Array,
} as const;

type TypeName = keyof typeof TYPES;

/** Types without a matching array are read exactly into a wider one; they are not written. */
const WIDENED: { readonly [T in TypeName]?: (bits: Uint16Array | Uint8Array) => TensorData } = {
  F16: (bits) => Float32Array.from(bits, halfToNumber),
  BF16: (bits) => new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer),
  // The format allows 0 and 1 only. They are no bytes of an image, whose largest value is 255.
  BOOL: (bits) => Int8Array.from(bits, (bit) => Number(bit !== 0)),
};

/** The format's own limit on the header, in bytes. */
const HEADER_LIMIT = 100_000_000;

/** Largest number of tensors. Large language models have some thousands; each takes time to check. */
const MOST_TENSORS = 50_000;

/** Key of the checksum in the metadata. */
export const CHECKSUM = "checksum";

interface Extent {
  readonly name: string;
  readonly type: TypeName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Tensors by name, as an argument. */
export const TENSORS = mapOf(
  fields<Tensor>({ shape: list(number()), data: kind("a typed array, e.g. a Float32Array", ArrayBuffer.isView) }),
  "a Map from names to tensors",
);
/** Further metadata of a file, as an argument. */
export const METADATA = mapOf(text(), "a Map from texts to texts");

/** A file that has been read, as an argument. */
export const TENSOR_FILE = fields<TensorFile>({ tensors: TENSORS, metadata: METADATA });

const checkSerialize = signature("serializeSafetensors", { tensors: TENSORS, metadata: optional(METADATA) });
const checkParse = signature("parseSafetensors", { file: bytes, name: text() });

/**
 * The bytes of a safetensors file. The header is padded with spaces so that the values start at a multiple of eight,
 * and wider types come first, so that every tensor is aligned. The metadata hold a checksum over all names, shapes,
 * values and metadata; it does not depend on their order in the file.
 * @throws SpikevineError if a shape does not fit its values or a name is the reserved `__metadata__`
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  given: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  checkSerialize([tensors, given]);
  const entries = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : a > b ? 1 : 0),
  );
  const described = entries.map(([name, { shape, data }]): Described => [name, typeOf(data), shape, data]);
  const metadata = new Map([...given, [CHECKSUM, contentChecksum(described, given)]]);
  const parts = [`"__metadata__":{${[...metadata].map(([k, v]) => pair(k, v)).join()}}`];
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    if (name === "__metadata__") throw new SpikevineError('tensor "__metadata__": this name is reserved; rename it.');
    if (shape.reduce((product, size) => product * size, 1) !== data.length) {
      throw new SpikevineError(
        `tensor "${name}": its shape [${shape.join(", ")}] does not fit ${data.length} values; give sizes whose product is that.`,
      );
    }
    const begin = end;
    end += data.byteLength;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype: typeOf(data), shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${parts.join()}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8 + json.length, 8 + headerBytes);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Name, type, shape and values of a tensor. */
type Described = readonly [name: string, type: string, shape: readonly number[], values: ArrayBufferView];

function contentChecksum(tensors: readonly Described[], metadata: ReadonlyMap<string, string>): string {
  const byKey = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
    a < b ? -1 : a > b ? 1 : 0;
  const rest = [...metadata].filter(([key]) => key !== CHECKSUM);
  const sums = [...tensors].sort(byKey).map(([name, type, shape, values]) => [name, type, shape, digest(values)]);
  return digestText(JSON.stringify([sums, rest.sort(byKey)]));
}

function pair(key: string, value: string): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

function typeOf(data: TensorData): TypeName {
  for (const [name, type] of Object.entries(TYPES)) if (data instanceof type) return name as TypeName;
  throw new SpikevineError("tensor: its values are not a typed array; give a Float32Array, for example.");
}

/**
 * Reads a safetensors file from memory. The values are copied. F16 and BF16 become Float32Array, and BOOL becomes
 * Int8Array of 0 and 1.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and the problem; it verifies the checksum if the file has one
 */
export function parseSafetensors(file: Uint8Array, name: string): TensorFile {
  checkParse([file, name]);
  const fail = (what: string) => new SpikevineError(`weights: "${name}" ${what}; give a complete safetensors file.`);
  if (file.length < 8) throw fail(`has ${file.length} bytes, too few for a header`);
  const claimed = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  if (claimed > BigInt(HEADER_LIMIT)) throw fail(`claims a header of ${claimed} bytes, more than ${HEADER_LIMIT}`);
  const headerBytes = Number(claimed);
  if (8 + headerBytes > file.length) throw fail(`is cut off inside its header of ${headerBytes} bytes`);
  const header = parseHeader(file.subarray(8, 8 + headerBytes), fail);
  const values = file.subarray(8 + headerBytes);

  const metadata = new Map<string, string>();
  const extents: Extent[] = [];
  const count = Object.keys(header).length;
  if (count > MOST_TENSORS) {
    throw new SpikevineError(
      `weights: "${name}" has ${count} tensors, more than ${MOST_TENSORS}; split it into files.`,
    );
  }
  for (const [key, entry] of Object.entries(header)) {
    if (key === "__metadata__") readMetadata(entry, metadata, fail);
    else extents.push(readExtent(key, entry, name, fail));
  }
  extents.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const { name: tensor, begin, end } of extents) {
    if (begin < filled) throw fail(`has tensor "${tensor}" over another one (bytes ${begin} to ${end})`);
    if (begin > filled) throw fail(`has a gap before tensor "${tensor}" (bytes ${filled} to ${begin})`);
    if (end > values.length) throw fail(`is cut off: tensor "${tensor}" ends at ${end} of ${values.length} bytes`);
    filled = end;
  }
  if (filled < values.length) throw fail(`has ${values.length - filled} bytes after its last tensor`);

  const sum = metadata.get(CHECKSUM);
  if (sum !== undefined) {
    const described = extents.map((p): Described => [p.name, p.type, p.shape, values.subarray(p.begin, p.end)]);
    if (sum !== contentChecksum(described, metadata)) {
      throw new SpikevineError(
        `weights: "${name}" is damaged (its checksum differs); give another copy of it, or remove "${CHECKSUM}" from its metadata if another program has changed it on purpose.`,
      );
    }
  }
  const tensors = new Map<string, Tensor>();
  for (const { name: tensor, type, shape, begin, end } of extents) {
    // A copy starts at offset 0 of its own buffer, which is aligned for every type; `slice` of a Node Buffer is not a
    // copy.
    const stored = new TYPES[type](new Uint8Array(values.subarray(begin, end)).buffer);
    tensors.set(tensor, { shape, data: WIDENED[type]?.(stored as Uint16Array | Uint8Array) ?? stored });
  }
  return { tensors, metadata };
}

type Fail = (what: string) => SpikevineError;

function parseHeader(bytes: Uint8Array, fail: Fail): object {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail("has a header that is not UTF-8");
  }
  const header = parseJson(text, (problem) => fail(`has a header that ${problem}`));
  if (!isObject(header) || !text.startsWith("{")) throw fail("has a header that is not a JSON object");
  return header;
}

function readMetadata(entry: unknown, metadata: Map<string, string>, fail: Fail): void {
  if (!isObject(entry)) throw fail("has metadata that is not an object of strings");
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== "string") throw fail(`has metadata "${key}" that is not a string`);
    metadata.set(key, value);
  }
}

function readExtent(name: string, entry: unknown, file: string, fail: Fail): Extent {
  if (!isObject(entry)) throw fail(`has tensor "${name}" without a description`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw fail(`has tensor "${name}" with an unknown field "${unknown}"`);
  if (typeof dtype !== "string" || !Object.hasOwn(TYPES, dtype)) {
    const known = Object.keys(TYPES).join(", ");
    throw new SpikevineError(
      `weights: "${file}" has tensor "${name}" of type ${JSON.stringify(dtype)}, not one of ${known}; convert it to F32.`,
    );
  }
  if (!isSizes(shape)) throw fail(`has tensor "${name}" whose shape is not a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw fail(`has tensor "${name}" whose data_offsets are not two positions`);
  }
  const [begin, end] = offsets as [number, number];
  const type = dtype as TypeName;
  const bytes = shape.reduce((product, size) => product * size, TYPES[type].BYTES_PER_ELEMENT);
  if (!Number.isSafeInteger(bytes) || begin > end || end - begin !== bytes) {
    throw fail(`has tensor "${name}" of shape [${shape.join(", ")}] in bytes ${begin} to ${end}, which does not fit`);
  }
  return { name, type, shape, begin, end };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
