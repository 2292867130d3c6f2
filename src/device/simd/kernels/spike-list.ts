import type { SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { get, i8x16, i16x8, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";

/** Eight numbers from `first` on, in 16 bits each. */
const iotaFrom = (first: number): Code => v128.const([0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [first + n, 0]));
const IOTA = iotaFrom(0);
const IOTA_BEFORE = v128.const([-8, -7, -6, -5, -4, -3, -2, -1].flatMap((n) => [256 + n, 255]));

/** Bytes of the table of shuffles. */
export const SHUFFLE_BYTES = 256 * 16;

/** For every set of eight lanes, the byte shuffle that moves its 16-bit lanes to the front and clears the rest. */
export function shuffleTable(): Uint8Array {
  const table = new Uint8Array(SHUFFLE_BYTES).fill(0x80);
  for (let bits = 0; bits < 256; bits++) {
    let at = bits * 16;
    for (let lane = 0; lane < 8; lane++) {
      if ((bits & (1 << lane)) === 0) continue;
      table[at++] = 2 * lane;
      table[at++] = 2 * lane + 1;
    }
  }
  return table;
}

/** The lane masks of eight units as eight bits, of which the first `valid` may be set. */
export function laneBits(low: Code, high: Code, valid = 8): Code {
  const bits = i16x8.bitmask(i16x8.narrowI32x4s(low, high));
  return valid >= 8 ? bits : i32.and(bits, i32.const((1 << valid) - 1));
}

/** The lane masks of sixteen units as sixteen bits, of which the first `valid` may be set. */
export function sixteenBits(masks: readonly Code[], valid: number): Code {
  const [a, b, c, d] = masks as [Code, Code, Code, Code];
  const bits = i8x16.bitmask(i8x16.narrowI16x8s(i16x8.narrowI32x4s(a, b), i16x8.narrowI32x4s(c, d)));
  return valid >= 16 ? bits : i32.and(bits, i32.const((1 << valid) - 1));
}

/**
 * The indices of eight units that follow each other, `ahead` units behind the one whose byte offset in a row of numbers is in
 * local `unit`.
 */
export const unitIndices = (unit: number, ahead = 0): Code =>
  i16x8.add(i16x8.splat(i32.shrU(get(unit), i32.const(2))), ahead === 0 ? IOTA : iotaFrom(ahead));

/** Goes through the groups of eight units that follow each other from unit 0 on. */
export function unitsInOrder(f: FunctionBuilder): () => Code {
  const next = f.let(TYPE.v128, IOTA_BEFORE);
  return () => {
    f.emit(set(next, i16x8.add(get(next), i16x8.splat(i32.const(8)))));
    return get(next);
  };
}

/**
 * Writes those of eight indices whose bit is set to the list at the address in local `end` and moves `end` behind them.
 * Always stores 16 bytes; a list has room for them as long as no unit is listed twice.
 */
export function appendIndices(
  f: FunctionBuilder,
  shuffles: number,
  { bits, indices, end }: { bits: number; indices: Code; end: number },
): void {
  const shuffle = v128.load(shuffles, i32.shl(get(bits), i32.const(4)));
  f.emit(v128.store(0, get(end), i8x16.swizzle(indices, shuffle)));
  f.emit(set(end, i32.add(get(end), i32.shl(i32.popcnt(get(bits)), i32.const(1)))));
}

/** The ends of a list of spikes, in locals. */
export interface ListEnds {
  readonly from: number;
  readonly to: number;
}

/** The two lists of one step: units that fired against habit, and units that were silent against it. */
export interface StepLists {
  readonly fired: ListEnds;
  readonly silent: ListEnds;
}

/** The habit of the sample whose spikes start at the address in local `spikes`. */
export function habitList(f: FunctionBuilder, { endsBytes }: SignalPlace, spikes: number): ListEnds {
  const from = f.let(TYPE.i32, i32.add(get(spikes), i32.const(endsBytes)));
  return { from, to: f.let(TYPE.i32, i32.add(get(spikes), i32.load(0, get(spikes)))) };
}

/** Bytes of the table of ends that belong to one step. */
export const STEP_ENDS = 8;

/** The lists of a step: `ends` is a local with the address where the table has the end of the list before them. */
export function stepLists(f: FunctionBuilder, spikes: number, ends: number): StepLists {
  const at = (offset: number): number => f.let(TYPE.i32, i32.add(get(spikes), i32.load(offset, get(ends))));
  const [from, middle, to] = [at(0), at(4), at(8)];
  return { fired: { from, to: middle }, silent: { from: f.let(TYPE.i32, get(middle)), to } };
}

/** Runs the body for the lists of steps `first` .. `last` - 1 of the sample whose spikes start at the address in local `spikes`. */
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

/** Begins the lists of a sample that has no habit. */
export const beginLists = (f: FunctionBuilder, { endsBytes }: SignalPlace, spikes: number): void =>
  f.emit(i32.store(0, get(spikes), i32.const(endsBytes)));

/** Begins the lists of step `t` (a local), which follow those of the step before. */
export function beginStep(f: FunctionBuilder, spikes: number, t: number): void {
  const ends = f.let(TYPE.i32, i32.add(get(spikes), i32.mul(get(t), i32.const(STEP_ENDS))));
  for (const offset of [4, 8]) f.emit(i32.store(offset, get(ends), i32.load(0, get(ends))));
}

/**
 * Appends to who fired at step `t` (a local), the last that has been begun: for every entry of `groups` those of its eight indices whose
 * bit is set. Without a branch, for nobody can foresee who fires.
 */
export function appendToStep(
  f: FunctionBuilder,
  shuffles: number,
  { spikes, t, groups }: { spikes: number; t: number; groups: readonly { bits: number; indices: Code }[] },
): void {
  const ends = f.let(TYPE.i32, i32.add(get(spikes), i32.mul(get(t), i32.const(STEP_ENDS))));
  const end = f.let(TYPE.i32, i32.add(get(spikes), i32.load(8, get(ends))));
  for (const { bits, indices } of groups) appendIndices(f, shuffles, { bits, indices, end });
  for (const offset of [4, 8]) f.emit(i32.store(offset, get(ends), i32.sub(get(end), get(spikes))));
}
