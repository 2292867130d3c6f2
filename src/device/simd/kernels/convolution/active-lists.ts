import type { Convolution } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { KernelContext } from "../codegen/kernel-context.js";
import { type ActiveUnitTest, eachEight } from "../output-sparse/active-units.js";
import { append, laneBits, unitsInOrder } from "../spikes/index-lists.js";
import { bitsRow } from "../spikes/spike-deltas.js";
import { type ActivePlanes, ENTRY_BYTES, TILE_ENTRIES } from "./active-planes.js";
import { cellBytes } from "./sparse-planes.js";

/** A bitmap of active units: a local with its address. Units and steps are those of `output`. */
interface Bitmap {
  readonly output: SignalLayout;
  readonly bits: number;
}

/** Writes the bitmap of the active units of a sample, a row per step, and returns a local with their number. */
export function findActive(
  f: FunctionBuilder,
  context: KernelContext,
  test: ActiveUnitTest,
  { output, bits, stored }: Bitmap & { stored(signal: string): Code },
): number {
  const { rows, rowBytes, width } = output;
  const row = bitsRow(width);
  const count = f.let(TYPE.i32, i32.const(0));
  const byte = f.i32();
  eachEight(f, context, test, { output, stored, from: i32.const(0), to: i32.const(width * 4) }, (unit, isActive) => {
    const at = f.let(TYPE.i32, i32.add(get(bits), i32.shrU(get(unit), i32.const(5))));
    f.range(i32.const(0), i32.const(rows * rowBytes), rowBytes, (step) => {
      f.emit(set(byte, laneBits(...isActive(step))));
      f.emit(i32.store8(0, get(at), get(byte)), set(at, i32.add(get(at), i32.const(row))));
      f.emit(set(count, i32.add(get(count), i32.popcnt(get(byte)))));
    });
  });
  return count;
}

interface Group extends Bitmap {
  /** Locals with the first step of the group and the step after its last, and with the address of the workspace. */
  readonly first: number;
  readonly last: number;
  readonly workspace: number;
}

/**
 * Lists the active units of a group of steps, a list per band of rows and channel. The lists are padded to whole tiles
 * with copies of their last entry.
 */
export function listActive(
  f: FunctionBuilder,
  context: KernelContext,
  convolution: Convolution,
  planes: ActivePlanes,
  group: Group,
): void {
  const { output, first, last, workspace } = group;
  const { channels, width } = convolution.input;
  const at = (offset: number): number => f.let(TYPE.i32, i32.add(get(workspace), i32.const(offset)));
  const table = at(planes.table);
  const entries = at(planes.entries);
  const tableEnd = f.let(TYPE.i32, i32.add(get(table), i32.const(4 * (planes.keys + 1))));
  f.range(get(table), get(tableEnd), 16, (four) => f.emit(v128.store(0, get(four), f32x4.const(0))));
  const eachUnit = (body: (unit: number, entry: number, step: number) => void): void => {
    const step = f.let(TYPE.i32, i32.const(0));
    f.range(get(first), get(last), 1, (t) => {
      const units = at(planes.units);
      const end = listUnits(f, context, { ...group, t, units });
      f.range(get(units), get(end), 4, (number) => {
        const unit = f.let(TYPE.i32, i32.load(0, get(number)));
        const pixel = f.let(TYPE.i32, i32.divU(get(unit), i32.const(channels)));
        const channel = i32.sub(get(unit), i32.mul(get(pixel), i32.const(channels)));
        const band = i32.divU(get(pixel), i32.const(width * planes.bandRows));
        const key = i32.add(i32.mul(band, i32.const(channels)), channel);
        body(unit, f.let(TYPE.i32, i32.add(get(table), i32.shl(key, i32.const(2)))), step);
      });
      f.emit(set(step, i32.add(get(step), i32.const(1))));
    });
  };
  eachUnit((_, entry) => f.emit(i32.store(4, get(entry), i32.add(i32.load(4, get(entry)), i32.const(1)))));
  // The word after that of a list holds the end of the list while it grows.
  const count = f.i32();
  const start = f.let(TYPE.i32, get(entries));
  const next = f.let(TYPE.i32, i32.add(get(table), i32.const(4)));
  f.emit(i32.store(0, get(table), get(start)));
  f.range(get(next), get(tableEnd), 4, (word) => {
    f.emit(set(count, i32.load(0, get(word))), i32.store(0, get(word), get(start)));
    const tiles = i32.shrU(i32.add(get(count), i32.const(TILE_ENTRIES - 1)), i32.const(Math.log2(TILE_ENTRIES)));
    f.emit(set(start, i32.add(get(start), i32.mul(tiles, i32.const(TILE_ENTRIES * ENTRY_BYTES)))));
  });
  const bytes = cellBytes(planes.channels, 0);
  eachUnit((unit, entry, step) => {
    const pixel = f.let(TYPE.i32, i32.divU(get(unit), i32.const(channels)));
    const skipped = i32.mul(i32.divU(get(pixel), i32.const(width)), i32.const(planes.pitch - width));
    const image = i32.mul(get(step), i32.const(planes.imageRows * planes.pitch));
    const cell = i32.add(i32.add(get(pixel), skipped), image);
    const to = i32.add(i32.shl(get(unit), i32.const(2)), i32.mul(get(step), i32.const(output.rowBytes)));
    const place = f.let(TYPE.i32, i32.load(4, get(entry)));
    f.emit(i32.store(0, get(place), i32.mul(cell, i32.const(bytes))), i32.store(4, get(place), to));
    f.emit(i32.store(4, get(entry), i32.add(get(place), i32.const(ENTRY_BYTES))));
  });
  // The end of a list is rounded up to that of its last tile.
  const before = f.let(TYPE.i32, get(entries));
  const [end, whole] = [f.i32(), f.i32()];
  f.range(get(next), get(tableEnd), 4, (word) => {
    f.emit(set(end, i32.load(0, get(word))));
    const used = i32.sub(get(end), get(before));
    const mask = TILE_ENTRIES * ENTRY_BYTES - 1;
    f.emit(set(whole, i32.add(get(before), i32.and(i32.add(used, i32.const(mask)), i32.const(~mask)))));
    f.while(i32.ltU(get(end), get(whole)), () => {
      f.emit(v128.store64Lane(0, 0, get(end), v128.load64Zero(0, i32.sub(get(end), i32.const(ENTRY_BYTES)))));
      f.emit(set(end, i32.add(get(end), i32.const(ENTRY_BYTES))));
    });
    f.emit(i32.store(0, get(word), get(whole)), set(before, get(whole)));
  });
}

/** Lists the active units of step `t`, in 32 bits each, from the address in local `units`; returns a local with the end. */
function listUnits(
  f: FunctionBuilder,
  { listTables }: KernelContext,
  { output: { width }, bits, t, units }: Bitmap & { t: number; units: number },
): number {
  const end = f.let(TYPE.i32, get(units));
  const row = f.let(TYPE.i32, i32.add(get(bits), i32.mul(get(t), i32.const(bitsRow(width)))));
  const numbers = unitsInOrder(f);
  const byte = f.i32();
  f.range(i32.const(0), i32.const(Math.ceil(width / 8)), 1, (group) => {
    const inOrder = numbers();
    f.emit(set(byte, i32.load8u(0, i32.add(get(row), get(group)))));
    append(f, listTables, { bits: byte, numbers: inOrder, end, upper: i32.shrU(get(group), i32.const(13)) });
  });
  return end;
}
