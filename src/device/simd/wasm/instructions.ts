import { type Code, float32, integer32, signed, unsigned } from "./encoding.js";

/**
 * Instructions as functions from operand code to code: `i32.add(get(a), i32.const(4))` reads like the expression it
 * computes. Operands are evaluated in order, left to right.
 */
const join = (parts: readonly Code[], ...tail: Code): Code => {
  const bytes: number[] = [];
  for (const part of parts) for (const byte of part) bytes.push(byte);
  for (const byte of tail) bytes.push(byte);
  return bytes;
};

/** Code that runs the given parts in sequence. */
export const sequence = (...parts: readonly Code[]): Code => join(parts);

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code =>
    join(operands, opcode);

/** A vector instruction by its opcode, e.g. 228 for `f32x4.add`. */
export const simd = (opcode: number) => {
  const bytes = [0xfd, ...unsigned(opcode)];
  return (...operands: readonly Code[]): Code => join(operands, ...bytes);
};

/** Loads and stores add a constant offset to the address. Alignment is a hint; 4 bytes always holds here. */
const memory =
  (opcode: Code, align: number) =>
  (offset: number, ...operands: readonly Code[]): Code =>
    join(operands, ...opcode, align, ...unsigned(offset));

const simdMemory = (opcode: number, align: number) => memory([0xfd, ...unsigned(opcode)], align);

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => join([value], 0x21, ...unsigned(local));
export const tee = (local: number, value: Code): Code => join([value], 0x22, ...unsigned(local));
export const call = (index: number, ...operands: readonly Code[]): Code => join(operands, 0x10, ...unsigned(index));

const VOID = 0x40;
export const block = (...body: readonly Code[]): Code => join([[0x02, VOID], ...body], 0x0b);
export const loop = (...body: readonly Code[]): Code => join([[0x03, VOID], ...body], 0x0b);
export const when = (condition: Code, ...body: readonly Code[]): Code => join([condition, [0x04, VOID], ...body], 0x0b);
export const whenElse = (condition: Code, yes: Code, no: Code): Code =>
  join([condition, [0x04, VOID], yes, [0x05], no], 0x0b);
export const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const branchIf = (depth: number, condition: Code): Code => join([condition], 0x0d, ...unsigned(depth));

/** The first operand if the condition holds, else the second one; both are evaluated. */
export const select = plain(0x1b);

/** Discards a value. */
export const drop = plain(0x1a);

/** Leaves the function with a result. */
export const leave = plain(0x0f);

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: memory([0x28], 2),
  load8u: memory([0x2d], 0),
  load16u: memory([0x2f], 1),
  store: memory([0x36], 2),
  store8: memory([0x3a], 0),
  store16: memory([0x3b], 1),
  eqz: plain(0x45),
  eq: plain(0x46),
  ne: plain(0x47),
  ltU: plain(0x49),
  gtS: plain(0x4a),
  gtU: plain(0x4b),
  geU: plain(0x4f),
  popcnt: plain(0x69),
  add: plain(0x6a),
  sub: plain(0x6b),
  mul: plain(0x6c),
  divU: plain(0x6e),
  remU: plain(0x70),
  and: plain(0x71),
  or: plain(0x72),
  xor: plain(0x73),
  shl: plain(0x74),
  shrU: plain(0x76),
  truncSatF32U: (x: Code): Code => join([x], 0xfc, 0x01),
  truncSatF64U: (x: Code): Code => join([x], 0xfc, 0x03),
};

export const i64 = { load: memory([0x29], 3), store: memory([0x37], 3) };

export const f32 = {
  const: (value: number): Code => [0x43, ...float32(value)],
  load: memory([0x2a], 2),
  store: memory([0x38], 2),
  ne: plain(0x5c),
  add: plain(0x92),
  mul: plain(0x94),
  convertU: plain(0xb3),
  demoteF64: plain(0xb6),
};

export const f64 = { promoteF32: plain(0xbb) };

export const v128 = {
  load: simdMemory(0, 2),
  load16x4u: simdMemory(4, 2),
  /** Eight bytes as eight lanes of 16 bits. */
  load8x8u: simdMemory(2, 0),
  load32Splat: simdMemory(9, 2),
  store: simdMemory(11, 2),
  /** Eight bytes, then zeros. */
  load64Zero: simdMemory(93, 0),
  store32Lane: (offset: number, lane: number, address: Code, value: Code): Code =>
    join([simdMemory(90, 2)(offset, address, value)], lane),
  store64Lane: (offset: number, lane: number, address: Code, value: Code): Code =>
    join([simdMemory(91, 2)(offset, address, value)], lane),
  const: (lanes: Code): Code => [0xfd, 12, ...lanes],
  not: simd(77),
  and: simd(78),
  /** a and not b */
  andnot: simd(79),
  or: simd(80),
  xor: simd(81),
  /** (whenSet, whenClear, mask) */
  bitselect: simd(82),
  anyTrue: simd(83),
};

const repeat4 = (lane: Code): Code => [...lane, ...lane, ...lane, ...lane];

export const i8x16 = {
  splat: simd(15),
  add: simd(110),
  shuffle: (lanes: Code, a: Code, b: Code): Code => join([a, b], 0xfd, 13, ...lanes),
  swizzle: simd(14),
  bitmask: simd(100),
  narrowI16x8s: simd(101),
};

export const i16x8 = {
  splat: simd(16),
  narrowI32x4s: simd(133),
  bitmask: simd(132),
  add: simd(142),
};

export const i32x4 = {
  const: (value: number): Code => v128.const(repeat4(integer32(value))),
  /** Lanes 0 to 3 of `a` and 4 to 7 of `b`, in any order. */
  shuffle: (order: readonly number[], a: Code, b: Code): Code =>
    i8x16.shuffle(
      order.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
      a,
      b,
    ),
  lanes: (a: number, b: number, c: number, d: number): Code =>
    v128.const([...integer32(a), ...integer32(b), ...integer32(c), ...integer32(d)]),
  splat: simd(17),
  extract: (lane: number, value: Code): Code => join([value], 0xfd, 27, lane),
  eq: simd(55),
  bitmask: simd(164),
  extendLowI16x8u: simd(169),
  extendHighI16x8u: simd(170),
  shl: simd(171),
  shrS: simd(172),
  shrU: simd(173),
  add: simd(174),
  sub: simd(177),
  mul: simd(181),
  minU: simd(183),
  ltU: simd(58),
  truncSatF32x4s: simd(248),
};

export const f32x4 = {
  const: (value: number): Code => v128.const(repeat4(float32(value))),
  splat: simd(19),
  extract: (lane: number, value: Code): Code => join([value], 0xfd, 31, lane),
  replace: (lane: number, value: Code, by: Code): Code => join([value, by], 0xfd, 32, lane),
  eq: simd(65),
  ne: simd(66),
  lt: simd(67),
  gt: simd(68),
  le: simd(69),
  ge: simd(70),
  floor: simd(104),
  nearest: simd(106),
  abs: simd(224),
  neg: simd(225),
  sqrt: simd(227),
  add: simd(228),
  sub: simd(229),
  mul: simd(230),
  div: simd(231),
  min: simd(232),
  max: simd(233),
  /** b < a ? b : a, so NaN in `a` stays */
  pmin: simd(234),
  /** a < b ? b : a, so NaN in `a` stays */
  pmax: simd(235),
  /** a times b plus c, rounded once or twice: an engine uses whichever its processor is faster at. */
  relaxedMadd: simd(261),
  convertI32x4s: simd(250),
  convertI32x4u: simd(251),
};
