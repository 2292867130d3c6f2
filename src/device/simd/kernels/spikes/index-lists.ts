import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i8x16, i16x8, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/**
 * Offsets of the tables for building lists: per set of eight lanes a shuffle of 16 bytes, then per such set 8
 * positions, then per set of four lanes a shuffle.
 */
const SHUFFLE = 16;
const POSITIONS = 8;
const POSITIONS_AT = 256 * SHUFFLE;
const QUADS_AT = POSITIONS_AT + 256 * POSITIONS;
export const TABLE_BYTES = QUADS_AT + 16 * SHUFFLE;

/**
 * The tables. A shuffle moves the set lanes, of 16 bits or of 32, to the front and clears the rest. Positions are the
 * indices of the set lanes, then zeros.
 */
export function listTables(): Uint8Array {
  const tables = new Uint8Array(TABLE_BYTES).fill(0x80);
  const lanesOf = (bits: number): number[] => [...Array(8).keys()].filter((lane) => (bits & (1 << lane)) !== 0);
  const bytesOf = (lane: number, size: number): number[] => [...Array(size).keys()].map((byte) => lane * size + byte);
  for (let bits = 0; bits < 256; bits++) {
    const lanes = lanesOf(bits);
    tables.set([...lanes, ...Array(8 - lanes.length).fill(0)], POSITIONS_AT + bits * POSITIONS);
    const shuffle = (size: number): number[] => lanes.flatMap((lane) => bytesOf(lane, size));
    tables.set(shuffle(2), bits * SHUFFLE);
    if (bits < 16) tables.set(shuffle(4), QUADS_AT + bits * SHUFFLE);
  }
  return tables;
}

/** The shuffle that moves those of four lanes of 32 bits to the front whose bit is set in local `bits`. */
export const quadShuffle = (tables: number, bits: number): Code =>
  v128.load(tables + QUADS_AT, i32.mul(get(bits), i32.const(SHUFFLE)));

/** The indices of the set bits of the byte in local `bits`, a byte each, in order; then zeros. */
export const positionsOf = (tables: number, bits: number): Code =>
  v128.load64Zero(tables + POSITIONS_AT, i32.mul(get(bits), i32.const(POSITIONS)));

/**
 * Returns eight lanes of 16 bits: the numbers that belong to the set bits of the byte in local `bits`, in order. The
 * remaining lanes are undefined.
 */
export type Numbers = (tables: number, bits: number) => Code;

/** Selects those of eight numbers whose bit is set. */
export const numbersOf =
  (indices: Code): Numbers =>
  (tables, bits) =>
    i8x16.swizzle(indices, v128.load(tables, i32.mul(get(bits), i32.const(SHUFFLE))));

/** Selects consecutive numbers; `first` holds the first one in every lane. */
const numbersFrom =
  (first: Code): Numbers =>
  (tables, bits) =>
    i16x8.add(first, v128.load8x8u(tables + POSITIONS_AT, i32.mul(get(bits), i32.const(POSITIONS))));

/** The lane masks of eight units as eight bits; only the first `valid` units exist. */
export function laneBits(low: Code, high: Code, valid = 8): Code {
  const bits = i16x8.bitmask(i16x8.narrowI32x4s(low, high));
  return valid >= 8 ? bits : i32.and(bits, i32.const((1 << valid) - 1));
}

/** The lane masks of sixteen units as sixteen bits; only the first `valid` units exist. */
export function sixteenBits(masks: readonly Code[], valid: number): Code {
  const [a, b, c, d] = masks as [Code, Code, Code, Code];
  const mixed = i8x16.narrowI16x8s(i16x8.narrowI32x4s(a, c), i16x8.narrowI32x4s(b, d));
  const bits = i8x16.bitmask(i8x16.shuffle([0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15], mixed, mixed));
  return valid >= 16 ? bits : i32.and(bits, i32.const((1 << valid) - 1));
}

const firstUnit = (unit: number): Code => i16x8.splat(i32.shrU(get(unit), i32.const(2)));

/** Indices of eight units, starting at the one whose byte offset in a row of numbers is in local `unit`. */
export const unitIndices = (unit: number): Code =>
  i16x8.add(firstUnit(unit), v128.const([0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [n, 0])));

/**
 * Numbers of eight units, starting `offset` units after the one whose byte offset in a row of numbers is in local
 * `unit`.
 */
export const unitNumbers = (unit: number, offset = 0): Numbers =>
  numbersFrom(offset === 0 ? firstUnit(unit) : i16x8.add(firstUnit(unit), i16x8.splat(i32.const(offset))));

/** Numbers of consecutive groups of eight units, from unit 0. */
export function unitsInOrder(f: FunctionBuilder): () => Numbers {
  const first = f.let(TYPE.v128, i16x8.splat(i32.const(-8)));
  return () => {
    f.emit(set(first, i16x8.add(get(first), i16x8.splat(i32.const(8)))));
    return numbersFrom(get(first));
  };
}

/**
 * Writes the numbers of the set bits to the list at the address in local `end` and moves `end` past them. Always
 * stores eight numbers; a list has capacity for them if no unit is listed twice. Numbers of 32 bits have the upper half
 * `upper`, the same for all eight.
 */
export function append(
  f: FunctionBuilder,
  tables: number,
  { bits, numbers, end, upper }: { bits: number; numbers: Numbers; end: number; upper?: Code },
): void {
  if (upper === undefined) f.emit(v128.store(0, get(end), numbers(tables, bits)));
  else {
    const lower = f.let(TYPE.v128, numbers(tables, bits));
    const above = f.let(TYPE.v128, i32x4.splat(i32.shl(upper, i32.const(16))));
    f.emit(v128.store(0, get(end), v128.or(get(above), i32x4.extendLowI16x8u(get(lower)))));
    f.emit(v128.store(16, get(end), v128.or(get(above), i32x4.extendHighI16x8u(get(lower)))));
  }
  const shift = upper === undefined ? 1 : 2;
  f.emit(set(end, i32.add(get(end), i32.shl(i32.popcnt(get(bits)), i32.const(shift)))));
}

/** Start and end of a list of spikes, in locals. */
export interface ListEnds {
  readonly from: number;
  readonly to: number;
}

/** The delta lists of one step: added spikes and removed spikes. */
export interface StepLists {
  readonly added: ListEnds;
  readonly removed: ListEnds;
}

/** The baseline list of the sample whose spikes start at the address in local `spikes`. */
export function baselineList(f: FunctionBuilder, { endsBytes }: SignalLayout, spikes: number): ListEnds {
  const from = f.let(TYPE.i32, i32.add(get(spikes), i32.const(endsBytes)));
  return { from, to: f.let(TYPE.i32, i32.add(get(spikes), i32.load(0, get(spikes)))) };
}

/** Bytes of the table of ends that belong to one step. */
export const STEP_ENDS = 8;

/** The lists of a step; `ends` is a local with the address in the table of the end of the list before them. */
export function stepLists(f: FunctionBuilder, spikes: number, ends: number): StepLists {
  const at = (offset: number): number => f.let(TYPE.i32, i32.add(get(spikes), i32.load(offset, get(ends))));
  const [from, middle, to] = [at(0), at(4), at(8)];
  return { added: { from, to: middle }, removed: { from: f.let(TYPE.i32, get(middle)), to } };
}

/**
 * Runs the body for the lists of steps `first` .. `last` - 1 of the sample whose spikes start at the address in local
 * `spikes`.
 */
export function eachStep(
  f: FunctionBuilder,
  spikes: number,
  { first, last }: { first: number; last: number },
  body: (lists: StepLists) => void,
): void {
  const start = i32.add(get(spikes), i32.const(first * STEP_ENDS));
  f.range(start, i32.add(get(spikes), i32.const(last * STEP_ENDS)), STEP_ENDS, (ends) =>
    body(stepLists(f, spikes, ends)),
  );
}

/** Loads the number of a unit in a list of spikes. */
export const loadNumber = ({ numberBytes }: Pick<SignalLayout, "numberBytes">): typeof i32.load =>
  numberBytes === 4 ? i32.load : i32.load16u;

/** Runs the body for every entry of a list of spikes, in order: local `unit` has the unit's number. */
export function eachSpike(
  f: FunctionBuilder,
  layout: Pick<SignalLayout, "numberBytes">,
  { from, to }: ListEnds,
  body: (unit: number) => void,
): void {
  const unit = f.i32();
  f.range(get(from), get(to), layout.numberBytes, (entry) => {
    f.emit(set(unit, loadNumber(layout)(0, get(entry))));
    body(unit);
  });
}

/** Starts the lists of a sample without a baseline. */
export const beginLists = (f: FunctionBuilder, { endsBytes }: SignalLayout, spikes: number): void =>
  f.emit(i32.store(0, get(spikes), i32.const(endsBytes)));

/** Starts the lists of step `t` (a local), which follow those of the step before. */
export function beginStep(f: FunctionBuilder, spikes: number, t: number): void {
  const ends = f.let(TYPE.i32, i32.add(get(spikes), i32.mul(get(t), i32.const(STEP_ENDS))));
  for (const offset of [4, 8]) f.emit(i32.store(offset, get(ends), i32.load(0, get(ends))));
}

/**
 * Appends to the spikes of step `t` (a local), the last one started: for every entry of `groups` the numbers of its
 * set bits. Without a branch, since spikes are unpredictable.
 */
export function appendToStep(
  f: FunctionBuilder,
  tables: number,
  { spikes, t, groups }: { spikes: number; t: number; groups: readonly { bits: number; numbers: Numbers }[] },
): void {
  const ends = f.let(TYPE.i32, i32.add(get(spikes), i32.mul(get(t), i32.const(STEP_ENDS))));
  const end = f.let(TYPE.i32, i32.add(get(spikes), i32.load(8, get(ends))));
  for (const { bits, numbers } of groups) append(f, tables, { bits, numbers, end });
  for (const offset of [4, 8]) f.emit(i32.store(offset, get(ends), i32.sub(get(end), get(spikes))));
}
