import { roundUp, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { append, type Numbers, STEP_ENDS } from "./index-lists.js";

/** Bytes of the bitmap of one step, eight units per byte. */
export const bitsRow = (width: number): number => roundUp(Math.ceil(width / 8), 16);

/** Bytes of the bitmap of one sample: a row per step, one for its baseline, one for the removed spikes of a step. */
export const bitsBytes = (width: number, steps: number): number => (steps + 2) * bitsRow(width);

/** The smallest number of spikes for a baseline of 1: from there on, listing the silent steps takes fewer entries. */
const baselineSpikes = (steps: number): number => Math.floor((steps + 1) / 2) + 1;

/** True if a unit with baseline 1 can be silent in a presentation of so many steps. */
export const canMissSpikes = (steps: number): boolean => baselineSpikes(steps) < steps;

interface Bits {
  /** Local with the address of the sample's bitmap. */
  readonly bits: number;
  /** Local with the address of the sample's lists. */
  readonly spikes: number;
  /** Groups of eight units that are in use. */
  readonly groups: Code;
  /** Prepares a pass through all groups: the result returns the numbers of the units of the next group. */
  units(): (group: number) => Numbers;
}

/** Converts the bitmap of a sample to its baseline list and delta lists, or to the lists of an image. */
export function listSpikes(
  f: FunctionBuilder,
  tables: number,
  layout: SignalLayout,
  { bits, spikes, groups, units }: Bits,
): void {
  const row = bitsRow(layout.width);
  const baseline = layout.rows * row;
  const removedRow = baseline + row;
  const last = f.let(TYPE.i32, groups);
  if (!layout.isImage) findBaseline(f, layout, bits, last);
  const byte = f.i32();
  const end = f.let(TYPE.i32, i32.add(get(spikes), i32.const(layout.endsBytes)));
  /** Lists the units whose bits are set in the row at the address in local `from`, plus an offset. */
  const list = (from: number, offset: number): void => {
    const next = units();
    f.range(i32.const(0), get(last), 1, (group) => {
      const numbers = next(group);
      f.emit(set(byte, i32.load8u(offset, i32.add(get(from), get(group)))));
      // Eight units of a group differ in their lower half only.
      const upper = layout.numberBytes === 4 ? { upper: i32.shrU(get(group), i32.const(13)) } : {};
      append(f, tables, { bits: byte, numbers, end, ...upper });
    });
  };
  const ends = f.let(TYPE.i32, get(spikes));
  const finish = (offset: number): void => f.emit(i32.store(offset, get(ends), i32.sub(get(end), get(spikes))));
  if (!layout.isImage) list(bits, baseline);
  finish(0);
  const source = f.let(TYPE.i32, get(bits));
  const next = (): void =>
    f.emit(set(source, i32.add(get(source), i32.const(row))), set(ends, i32.add(get(ends), i32.const(STEP_ENDS))));
  if (layout.isImage) {
    f.range(i32.const(0), i32.const(layout.rows), 1, () => {
      list(source, 0);
      finish(4);
      finish(8);
      next();
    });
    return;
  }
  const isBaseline = f.let(TYPE.i32, i32.gtU(i32.load(0, get(ends)), i32.const(layout.endsBytes)));
  const anyRemoved = f.v128();
  f.range(i32.const(0), i32.const(layout.rows), 1, () => {
    f.emit(set(anyRemoved, splat(0)));
    f.if(get(isBaseline), () => {
      f.range(i32.const(0), get(last), 16, (chunk) => {
        const at = f.let(TYPE.i32, i32.add(get(source), get(chunk)));
        const fixed = f.let(TYPE.i32, i32.add(get(bits), get(chunk)));
        const now = f.let(TYPE.v128, v128.load(0, get(at)));
        const expected = f.let(TYPE.v128, v128.load(baseline, get(fixed)));
        const removed = f.let(TYPE.v128, v128.andnot(get(expected), get(now)));
        f.emit(v128.store(0, get(at), v128.andnot(get(now), get(expected))));
        f.emit(
          v128.store(removedRow, get(fixed), get(removed)),
          set(anyRemoved, v128.or(get(anyRemoved), get(removed))),
        );
      });
    });
    list(source, 0);
    finish(4);
    f.if(v128.anyTrue(get(anyRemoved)), () => list(bits, removedRow));
    finish(8);
    next();
  });
}

/**
 * Writes the baseline bits after those of the steps. Every unit has a counter, and each of a few registers holds one
 * bit of 128 counters. A counter starts so far below its maximum that the spike that makes the baseline 1 overflows
 * it.
 */
function findBaseline(f: FunctionBuilder, layout: SignalLayout, bits: number, groups: number): void {
  const row = bitsRow(layout.width);
  const least = baselineSpikes(layout.rows);
  const planes = Math.ceil(Math.log2(least));
  const initial = 2 ** planes - least;
  const counter = Array.from({ length: planes }, () => f.v128());
  const carry = f.v128();
  const kept = f.v128();
  const baseline = f.v128();
  f.range(i32.const(0), get(groups), 16, (chunk) => {
    const start = f.let(TYPE.i32, i32.add(get(bits), get(chunk)));
    f.emit(set(baseline, splat(0)));
    counter.forEach((plane, k) => {
      f.emit(set(plane, splat((initial >> k) & 1 ? 255 : 0)));
    });
    const end = f.let(TYPE.i32, i32.add(get(start), i32.const(layout.rows * row)));
    if (least <= layout.rows) {
      const at = f.let(TYPE.i32, get(start));
      f.while(i32.ltU(get(at), get(end)), () => {
        f.emit(set(carry, v128.load(0, get(at))));
        for (const plane of counter) {
          f.emit(set(kept, v128.and(get(plane), get(carry))));
          f.emit(set(plane, v128.xor(get(plane), get(carry))));
          f.emit(set(carry, get(kept)));
        }
        f.emit(set(baseline, v128.or(get(baseline), get(carry))));
        f.emit(set(at, i32.add(get(at), i32.const(row))));
      });
    }
    f.emit(v128.store(0, get(end), get(baseline)));
  });
}

const splat = (byte: number): Code => v128.const(Array.from({ length: 16 }, () => byte));
