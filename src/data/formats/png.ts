import { crc32 } from "../../io/formats/crc32.js";
import { DEFLATE_RATIO, inflate } from "../../io/formats/inflate.js";
import { joinBytes } from "../../io/formats/join-bytes.js";
import { broken } from "../idx.js";
import type { Picture } from "./picture.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const FIX = "save it again, e.g. with an image editor";

/** Values per pixel of each colour type: grey, colour, palette, grey with opacity, colour with opacity. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Columns and rows of the seven passes of an interlaced picture: the first one and the distance to the next. */
const PASSES = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
] as const;
const WHOLE = [{ x: 0, y: 0, dx: 1, dy: 1 }] as const;

/** Header, colours and packed values of a file. */
interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
  readonly isInterlaced: boolean;
  readonly palette?: Uint8Array;
  readonly opacity?: Uint8Array;
  readonly packed: Uint8Array;
}

/** True for a file that begins like a PNG file. */
const isPng = (file: Uint8Array): boolean => SIGNATURE.every((byte, i) => file[i] === byte);

/**
 * Decodes a PNG file of any colour type and depth, interlaced or not. Of 16-bit values, the upper byte is kept; smaller ones are stretched
 * to 0 to 255. A picture with opacity is drawn on black. Colour profiles and gamma are not applied.
 * Source: W3C, Portable Network Graphics (PNG) Specification (Third Edition).
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file: damaged, cut off, or with a size that its bytes cannot fill
 */
export async function decodePng(file: Uint8Array, name: string): Promise<Picture> {
  if (!isPng(file)) throw broken(name, file.length === 0 ? "is empty" : "is not a PNG file", FIX);
  const parts = readChunks(file, name);
  const { width, height, depth, color, isInterlaced, packed } = parts;
  const samples = SAMPLES[color]!;
  const passes = (isInterlaced ? PASSES : WHOLE)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.x) / pass.dx),
      rows: Math.ceil((height - pass.y) / pass.dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const rowBytes = (columns: number): number => Math.ceil((columns * samples * depth) / 8);
  const bytes = passes.reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns)), 0);
  if (bytes > DEFLATE_RATIO * packed.length) {
    throw broken(name, `claims ${width} x ${height} pixels, more than its ${file.length} bytes can have`, FIX);
  }
  const rows = await inflate(packed, "deflate", bytes, (problem) =>
    broken(name, `has pixels whose data ${problem}`, FIX),
  );
  if (rows.length < bytes) throw broken(name, `has ${rows.length} bytes of pixels in place of ${bytes}`, FIX);
  const channels = color === 2 || color === 3 || color === 6 ? 3 : 1;
  const data = new Uint8Array(width * height * channels);
  const paint = painter(parts, name, data, channels);
  const size = Math.max(1, (samples * depth) / 8);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows: lines } of passes) {
    const length = rowBytes(columns);
    let above: Uint8Array | undefined;
    for (let line = 0; line < lines; line++) {
      const row = rows.subarray(at + 1, at + 1 + length);
      if (!unfilter(rows[at]!, row, above, size)) throw broken(name, `has an unknown filter ${rows[at]}`, FIX);
      for (let column = 0; column < columns; column++) paint(row, column, (y + line * dy) * width + x + column * dx);
      above = row;
      at += 1 + length;
    }
  }
  return { width, height, channels, data };
}

function readChunks(file: Uint8Array, name: string): PngParts {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packed: Uint8Array[] = [];
  let header: Omit<PngParts, "packed"> | undefined;
  let palette: Uint8Array | undefined;
  let opacity: Uint8Array | undefined;
  let at = SIGNATURE.length;
  for (;;) {
    if (at + 12 > file.length) throw broken(name, "is cut off", FIX);
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > file.length) throw broken(name, "is cut off", FIX);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (crc32(file.subarray(at + 4, end)) !== view.getUint32(end))
      throw broken(name, `is damaged in its part ${type}`, FIX);
    const content = file.subarray(at + 8, end);
    if (header === undefined) {
      if (type !== "IHDR" || length !== 13) throw broken(name, "does not begin with its size", FIX);
      header = readHeader(content, name);
    } else if (type === "PLTE") palette = content;
    else if (type === "tRNS") opacity = content;
    else if (type === "IDAT") packed.push(content);
    else if (type === "IEND") break;
    at = end + 4;
  }
  if (header.color === 3 && (palette === undefined || palette.length % 3 !== 0)) {
    throw broken(name, "has no palette for its colours", FIX);
  }
  return {
    ...header,
    ...(palette === undefined ? {} : { palette }),
    ...(opacity === undefined ? {} : { opacity }),
    packed: joinBytes(packed),
  };
}

function readHeader(content: Uint8Array, name: string): Omit<PngParts, "packed"> {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, color, compression, filter, interlace] = content.subarray(8) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (width === 0 || height === 0) throw broken(name, `has ${width} x ${height} pixels`, FIX);
  if (!DEPTHS[color]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    throw broken(name, `has an unknown form (colour type ${color} of ${depth} bits)`, FIX);
  }
  return { width, height, depth, color, isInterlaced: interlace === 1 };
}

/**
 * Restores a row in place. `size` is the distance in bytes to the pixel on the left.
 * @returns false for a filter that does not exist
 */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array | undefined, size: number): boolean {
  if (filter > 4) return false;
  if (filter === 0) return true;
  for (let i = 0; i < row.length; i++) {
    const left = i < size ? 0 : row[i - size]!;
    const up = above === undefined ? 0 : above[i]!;
    const corner = i < size || above === undefined ? 0 : above[i - size]!;
    row[i]! += [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
  }
  return true;
}

/** The neighbor that is closest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** A function that writes pixel `column` of a row to `place` of the picture. */
function painter(
  { depth, color, palette, opacity }: PngParts,
  name: string,
  data: Uint8Array,
  channels: number,
): (row: Uint8Array, column: number, place: number) => void {
  const samples = SAMPLES[color]!;
  const most = 2 ** depth - 1;
  const sampleAt = (row: Uint8Array, i: number): number => {
    if (depth === 8) return row[i]!;
    if (depth === 16) return (row[2 * i]! << 8) + row[2 * i + 1]!;
    const bit = i * depth;
    return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & most;
  };
  // The upper byte of 16 bits; few bits are stretched, 255 / most is a whole number.
  const asByte = (value: number): number => (depth === 16 ? value >> 8 : (value * 255) / most);
  if (color === 3) {
    return (row, column, place) => {
      const index = sampleAt(row, column);
      if (3 * index >= palette!.length) throw broken(name, `has colour ${index}, which its palette does not have`, FIX);
      const alpha = opacity?.[index] ?? 255;
      for (let c = 0; c < 3; c++) data[3 * place + c] = onBlack(palette![3 * index + c]!, alpha);
    };
  }
  // Of pictures without opacity of their own, one colour may be transparent.
  const key = opacity !== undefined && samples === channels && opacity.length === 2 * samples ? opacity : undefined;
  const transparent = key && Array.from({ length: samples }, (_, c) => (key[2 * c]! << 8) + key[2 * c + 1]!);
  return (row, column, place) => {
    const from = column * samples;
    const isKey = transparent?.every((value, c) => sampleAt(row, from + c) === value) === true;
    const alpha = samples > channels ? asByte(sampleAt(row, from + channels)) : isKey ? 0 : 255;
    for (let c = 0; c < channels; c++) data[channels * place + c] = onBlack(asByte(sampleAt(row, from + c)), alpha);
  };
}

const onBlack = (value: number, alpha: number): number => (alpha === 255 ? value : Math.round((value * alpha) / 255));
