import { type Code, unsigned } from "./encoding.js";
import { sequence, simd } from "./instructions.js";

const lane =
  (opcode: number) =>
  (index: number, ...operands: readonly Code[]): Code =>
    sequence(...operands, [0xfd, opcode, index]);

const scratch = new DataView(new ArrayBuffer(8));

/** The eight little-endian bytes of a number. */
function float64(value: number): number[] {
  scratch.setFloat64(0, value, true);
  return Array.from({ length: 8 }, (_, i) => scratch.getUint8(i));
}

/** Double-precision instructions, as functions from operands to code: two lanes here, scalars below. */
export const f64x2 = {
  const: (value: number): Code => [0xfd, 12, ...float64(value), ...float64(value)],
  /** Both lanes from one number in memory. */
  loadSplat: (offset: number, address: Code): Code => sequence(address, [0xfd, 10, 3, ...unsigned(offset)]),
  extract: lane(33),
  replace: lane(34),
  eq: simd(71),
  ne: simd(72),
  lt: simd(73),
  gt: simd(74),
  le: simd(75),
  floor: simd(117),
  nearest: simd(148),
  abs: simd(236),
  neg: simd(237),
  sqrt: simd(239),
  add: simd(240),
  sub: simd(241),
  mul: simd(242),
  div: simd(243),
  min: simd(244),
  max: simd(245),
  /** From the low two of four numbers in single precision. */
  promoteLow: simd(95),
  /** From the low two of four unsigned integers. */
  convertLow: simd(255),
  /** To the low two of four numbers in single precision; the others are 0. */
  demote: simd(94),
};

export const i64x2 = {
  const: (value: number): Code => {
    const bytes = Array.from({ length: 8 }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
    return [0xfd, 12, ...bytes, ...bytes];
  },
  bitmask: simd(196),
  extendLow: simd(199),
  extendHigh: simd(200),
  shl: simd(203),
  add: simd(206),
};

/** Converts two double-precision numbers to integers in the low lanes. */
export const truncateToI32x4 = simd(252);

export const f64 = {
  const: (value: number): Code => [0x44, ...float64(value)],
  load: (offset: number, address: Code): Code => sequence(address, [0x2b, 3, ...unsigned(offset)]),
  store: (offset: number, address: Code, value: Code): Code => sequence(address, value, [0x39, 3, ...unsigned(offset)]),
  add: (a: Code, b: Code): Code => sequence(a, b, [0xa0]),
  div: (a: Code, b: Code): Code => sequence(a, b, [0xa3]),
  convertU: (integer: Code): Code => sequence(integer, [0xb8]),
  promoteF32: (a: Code): Code => sequence(a, [0xbb]),
};
