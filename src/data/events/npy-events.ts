import { bytes, choice, fields, optional, signature, text } from "../../arguments/index.js";
import { isNpy, parseNpy } from "../../io/formats/npy.js";
import { broken } from "../idx.js";
import type { Events } from "../series/events.js";

export interface NpyEventOptions {
  /** Order of the columns of an array `[events, columns]`. Default: "xypt". Structured arrays have names. */
  readonly columns?: string;
  /** Unit of the times: microseconds or milliseconds. Default: "us". */
  readonly unit?: "us" | "ms";
}

/** Kinds of these options. */
export const NPY_EVENTS = {
  columns: optional(text('the order of columns, e.g. "xypt"')),
  unit: optional(choice(["us", "ms"])),
};

const check = signature("parseNpyEvents", {
  file: bytes,
  name: text(),
  options: optional(fields<NpyEventOptions>(NPY_EVENTS, { root: "options" })),
});

const FIX = "give events as tonic stores them: a structured array of x, y, t, p, or numbers [events, columns]";

/**
 * Reads events that were stored with `numpy.save`: a structured array with the fields x, t and, where there are several, y and p, as tonic's
 * data sets return it; or numbers `[events, columns]`, as in tonic's copy of DVS Gesture (`{ unit: "ms" }`). Times are rounded to
 * microseconds.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file: not such an array, or a coordinate that is not a whole number of its range
 */
export function parseNpyEvents(file: Uint8Array, name: string, options: NpyEventOptions = {}): Events {
  check([file, name, options]);
  const { columns = "xypt", unit = "us" } = options;
  if (!/^[xypt]+$/.test(columns) || new Set(columns).size !== columns.length || !/x.*t|t.*x/.test(columns)) {
    throw broken(name, `is read with the columns "${columns}"`, 'give x, t and at most y and p once, e.g. "xypt"');
  }
  if (!isNpy(file)) throw broken(name, "is not an .npy file", FIX);
  const found = structured(file, name) ?? table(file, name, columns);
  const { x, y, p, t } = found;
  if (x === undefined || t === undefined) throw broken(name, "has no fields x and t", FIX);
  const scale = unit === "ms" ? 1000 : 1;
  return {
    x: whole(name, "x", x, 0xffff, Uint16Array),
    ...(y === undefined ? {} : { y: whole(name, "y", y, 0xffff, Uint16Array) }),
    ...(p === undefined ? {} : { p: whole(name, "p", p.map(polarity), 0xff, Uint8Array) }),
    t: whole(
      name,
      "t",
      t.map((time) => Math.round(time * scale)),
      Number.MAX_SAFE_INTEGER,
      Float64Array,
    ),
  };
}

/** Off events are -1 in some recordings. */
const polarity = (given: number): number => (given === -1 ? 0 : given);

type Columns = Readonly<Partial<Record<string, Float64Array>>>;

function whole<A extends Uint16Array | Uint8Array | Float64Array>(
  name: string,
  field: string,
  values: Float64Array,
  most: number,
  type: { from(values: Float64Array): A },
): A {
  const bad = values.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value <= most));
  if (bad >= 0)
    throw broken(name, `has ${field} ${values[bad]} at event ${bad}`, `give whole numbers from 0 to ${most}`);
  return type.from(values);
}

function table(file: Uint8Array, name: string, columns: string): Columns {
  const { shape, data } = parseNpy(file, name);
  const [events = 0, width = 0] = shape;
  if (shape.length !== 2 || width !== columns.length) {
    throw broken(name, `has the shape [${shape.join(", ")}], not [events, ${columns.length}]`, FIX);
  }
  return Object.fromEntries(
    [...columns].map((field, column) => [
      field,
      Float64Array.from({ length: events }, (_, i) => data[i * width + column]!),
    ]),
  );
}

/** Header of a structured array of one dimension: fields with their types, in their order. */
const HEADER =
  /^\{'descr': \[((?:\('\w{1,16}', '[^']{1,8}'\)(?:, )?){1,16})\], 'fortran_order': (?:True|False), 'shape': \((\d{1,15}),\), ?\}[ ]*\n$/;

const READ: Readonly<
  Record<string, readonly [size: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  b1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** Fields of a structured array; undefined for another array. */
function structured(file: Uint8Array, name: string): Columns | undefined {
  if (file.length < 12) throw broken(name, "is cut off inside its header", FIX);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isWide = file[6]! > 1;
  const start = isWide ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  if (start > file.length) throw broken(name, "is cut off inside its header", FIX);
  const header = new TextDecoder("latin1").decode(file.subarray(isWide ? 12 : 10, Math.min(start, 4096)));
  const match = HEADER.exec(header);
  if (match === null) return undefined;
  const described = [...match[1]!.matchAll(/\('(\w+)', '([<>|=])?(\w+)'\)/g)].map(
    ([, field, order, type]) => [field!, order !== ">", type!] as const,
  );
  const unknown = described.find(([, , type]) => !Object.hasOwn(READ, type));
  if (unknown !== undefined) throw broken(name, `has the field ${unknown[0]} of type ${unknown[2]}`, FIX);
  const size = described.reduce((sum, [, , type]) => sum + READ[type]![0], 0);
  const events = Number(match[2]);
  if (events * size !== file.length - start) {
    throw broken(name, `has ${file.length - start} bytes of events, but ${events} of ${size} bytes are declared`, FIX);
  }
  const columns: Record<string, Float64Array> = {};
  let offset = start;
  for (const [field, little, type] of described) {
    const [bytes, read] = READ[type]!;
    const at = offset;
    columns[field] = Float64Array.from({ length: events }, (_, i) => read(view, at + i * size, little));
    offset += bytes;
  }
  return columns;
}
