import type { SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { get, i8x16, i16x8, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";

/** Eight numbers from `first` on, in 16 bits each. */
const iotaFrom = (first: number): Code => v128.const([0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [first + n, 0]));
const IOTA = iotaFrom(0);
const IOTA_BEFORE = v128.const([-8, -7, -6, -5, -4, -3, -2, -1].flatMap((n) => [256 + n, 255]));

/** Bytes of the table of shuffles, and of the two signs behind it. */
export const SHUFFLE_BYTES = 256 * 16 + 8;
/** Offset in the table of the sign bit of nothing and of a negative number, four bytes each. */
export const SIGNS = 256 * 16;

/** For every set of eight lanes, the byte shuffle that moves its 16-bit lanes to the front and clears the rest; then signs. */
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
  table.set([0, 0, 0, 0, 0, 0, 0, 0x80], SIGNS);
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

/**
 * Appends to the list of row `t` (a local) of the sample whose spikes start at the address in local `spikes`: for every entry of
 * `groups` those of its eight indices whose bit is set. Without a branch, for nobody can foresee who fires. The sample must have
 * no habit.
 */
export function appendToRow(
  f: FunctionBuilder,
  shuffles: number,
  place: SignalPlace,
  { spikes, t, groups }: { spikes: number; t: number; groups: readonly { bits: number; indices: Code }[] },
): void {
  const counter = f.let(TYPE.i32, i32.add(get(spikes), i32.shl(get(t), i32.const(2))));
  const count = i32.load(0, get(counter));
  const row = i32.add(i32.add(get(spikes), i32.mul(get(t), i32.const(place.rowBytes))), i32.const(place.countsBytes));
  const start = f.let(TYPE.i32, row);
  const end = f.let(TYPE.i32, i32.add(get(start), i32.shl(count, i32.const(1))));
  for (const { bits, indices } of groups) appendIndices(f, shuffles, { bits, indices, end });
  f.emit(i32.store(0, get(counter), i32.shrU(i32.sub(get(end), get(start)), i32.const(1))));
}

/** The ends of a list of spikes, in locals. */
export interface ListEnds {
  readonly from: number;
  readonly to: number;
}

/** The two lists of one row: units that fired against habit, and units that were silent against it. */
export interface RowLists {
  readonly fired: ListEnds;
  readonly silent: ListEnds;
}

/**
 * The lists of the row whose counts are at the address `count` and whose first list starts at the address `list`. The row
 * behind the last step is the habit itself, with nothing in its second list.
 */
export function rowLists(f: FunctionBuilder, { rowBytes }: SignalPlace, count: Code, list: Code): RowLists {
  const both = f.let(TYPE.i32, i32.load(0, count));
  const start = f.let(TYPE.i32, list);
  const ends = (offset: number, length: Code): ListEnds => {
    const from = f.let(TYPE.i32, i32.add(get(start), i32.const(offset)));
    return { from, to: f.let(TYPE.i32, i32.add(get(from), i32.shl(length, i32.const(1)))) };
  };
  return {
    fired: ends(0, i32.and(get(both), i32.const(0xffff))),
    silent: ends(rowBytes / 2, i32.shrU(get(both), i32.const(16))),
  };
}

/** The habit of the sample whose spikes start at the address `spikes`. */
export function habitList(f: FunctionBuilder, place: SignalPlace, spikes: Code): ListEnds {
  const { rows, rowBytes, countsBytes } = place;
  const list = i32.add(spikes, i32.const(countsBytes + rows * rowBytes));
  return rowLists(f, place, i32.add(spikes, i32.const(rows * 4)), list).fired;
}

/** Empties all lists of the sample whose spikes start at the address in local `spikes`, that of its habit included. */
export function clearCounts(f: FunctionBuilder, place: SignalPlace, spikes: number): void {
  f.range(get(spikes), i32.add(get(spikes), i32.const(place.countsBytes)), 16, (at) => {
    f.emit(v128.store(0, get(at), v128.const(Array.from({ length: 16 }, () => 0))));
  });
}
