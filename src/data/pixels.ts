import { either, isTyped, kind, type RequiredKind, show, tagOf, tuple, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { filled } from "../filled.js";

/** Accepted values of images: bytes 0..255 that are read as value / 255, or floats that are used without conversion. */
export type Pixels = Uint8Array | Uint8ClampedArray | Float32Array | Float64Array;

const BYTES: ReadonlySet<string> = new Set(["Uint8Array", "Uint8ClampedArray"]);
const FLOATS: ReadonlySet<string> = new Set(["Float32Array", "Float64Array"]);

/** True if pixels are bytes, which are read as value / 255. */
export const isBytes = (images: unknown): images is Uint8Array | Uint8ClampedArray => isTyped(images, BYTES);

const EXPECTED = "a Uint8Array of bytes (0 to 255) or a Float32Array of numbers in [0, 1]";

/** Images as an argument; the error suggests a conversion. */
export const PIXELS: RequiredKind = {
  expects: EXPECTED,
  optional: false,
  fault(value, path) {
    if (isBytes(value) || isTyped(value, FLOATS)) return undefined;
    if (value === undefined) return `${path} is missing; give ${EXPECTED}.`;
    return `${path} is ${show(value)}; give ${EXPECTED}${conversion(value, path)}.`;
  },
};

function conversion(value: unknown, path: string): string {
  if (Array.isArray(value))
    return `, e.g. Float32Array.from(${path}${value.some((row) => typeof row === "object") ? ".flat(Infinity)" : ""})`;
  if (tagOf(value).endsWith("ArrayBuffer")) return `, e.g. new Uint8Array(${path})`;
  if (tagOf(value) === "DataView") return `, e.g. new Uint8Array(${path}.buffer)`;
  if (tagOf(value).startsWith("Big")) return `, e.g. Float32Array.from(${path}, Number)`;
  if (isTyped(value)) return `, e.g. Float32Array.from(${path}) with the option scale`;
  return typeof value === "object" && value !== null && "images" in value ? `, e.g. its images` : "";
}

/** Shape of images: height and width, or channels, height and width. */
export const SHAPE: RequiredKind = either(tuple(whole(1), whole(1)), tuple(whole(1), whole(1), whole(1)));

/** Labels: whole numbers; their range is checked when they are read. */
export const LABELS: RequiredKind = kind(
  "a Uint8Array or a list of whole numbers, one for each sample",
  (value) => Array.isArray(value) || isTyped(value),
);

/** Bytes in shared memory, without the methods of a Node Buffer, whose `slice` does not copy. */
const plainBytes = (bytes: Uint8Array | Uint8ClampedArray): Uint8Array =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Images as stored in a data set: bytes in shared memory, all other types as floats, divided by the scale.
 * @param pixels values per image, to name the invalid one
 * @throws SpikevineError naming the first value that single precision cannot hold
 */
export function storedPixels(images: Pixels, pixels: number, scale: number | undefined): Uint8Array | Float32Array {
  if (isBytes(images)) {
    if (scale === undefined || scale === 255) return plainBytes(images);
    return filled(new Float32Array(images.length), images, (value) => value / scale);
  }
  const floats =
    tagOf(images) === "Float32Array" && (scale === undefined || scale === 1)
      ? (images as Float32Array)
      : filled(new Float32Array(images.length), images, (value) => value / (scale ?? 1));
  const bad = firstNotFinite(floats);
  if (bad < 0) return floats;
  throw new SpikevineError(
    `data: images[sample ${Math.floor(bad / pixels)}, pixel ${bad % pixels}] is ${images[bad]}; give finite numbers.`,
  );
}

/** Index of the first value that is not finite, or -1. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i;
  return -1;
}

/** Input of an encoder: bytes become value / 255. */
export function encoderPixels(images: Pixels): Float32Array {
  if (isBytes(images)) return filled(new Float32Array(images.length), images, (value) => value / 255);
  return tagOf(images) === "Float32Array" ? (images as Float32Array) : new Float32Array(images);
}

/** Bytes whose largest value is below this use less than half of their range. */
const DARK = 128;

/**
 * Reports pixels outside the expected range, and how to scale them; undefined if all are inside.
 * @param isCoded true if an encoder converts them to spikes, whose number is largest for a pixel of 1.
 */
export function rangeProblem(name: string, images: Pixels, isCoded: boolean): string | undefined {
  let largest = Number.NEGATIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  const bytes = isBytes(images);
  for (let i = 0; i < images.length; i++) {
    const value = images[i]!;
    if (value > largest) largest = value;
    if (value < least) least = value;
    if (bytes && largest >= DARK) return undefined;
  }
  if (bytes && largest > 0) {
    return `data: the largest byte of "${name}" is ${largest}, and bytes are read as value / 255; give scale: ${largest} (--scale ${largest}) if that is white.`;
  }
  if (bytes || !isCoded || (least >= 0 && largest <= 1)) return undefined;
  return least < 0
    ? `data: the pixels of "${name}" go from ${shown(least)} to ${shown(largest)}, and an encoder codes numbers in [0, 1]; shift and scale them.`
    : `data: the largest pixel of "${name}" is ${shown(largest)}, and an encoder codes numbers in [0, 1]; give scale: ${shown(largest)} (--scale ${shown(largest)}) if that is white.`;
}

const shown = (value: number): number => Number(value.toPrecision(4));
