import type { Convolution } from "../../../contract.js";
import { PANEL_COLUMNS, PANEL_ROW, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { branchIf, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { keepValid } from "../codegen/formulas.js";
import type { KernelContext } from "../codegen/kernel-context.js";
import { sumsOfLanes } from "../output-sparse/output-sparse-product.js";
import { listActive } from "./active-lists.js";
import { type ActivePlanes, ENTRY_BYTES, TILE_ENTRIES } from "./active-planes.js";
import { cellBytes } from "./sparse-planes.js";

/** Bytes for the sums of a tile. */
export const SUMS_BYTES = 2 * 16 * TILE_ENTRIES;

interface Operands {
  readonly convolution: Convolution;
  readonly planes: ActivePlanes;
  readonly input: SignalLayout;
  readonly output: SignalLayout;
  readonly weights: TensorLayout;
  /** Locals with the addresses of the sample's rows and of the bitmap of active units. */
  readonly from: number;
  readonly to: number;
  readonly bits: number;
  /** Locals with the addresses of the workspace of `activePlanes` and of the sums of a tile. */
  readonly workspace: number;
  readonly sums: number;
}

/**
 * The input gradient of a convolution of stride 1, for active units only; that of other units is 0. All units of one
 * channel have the same weights, so a tile of four of them, at any pixels and steps, shares the loads of weights.
 */
export function activeProduct(f: FunctionBuilder, context: KernelContext, operands: Operands): void {
  const { convolution, planes, output, to, bits, workspace } = operands;
  f.range(get(to), i32.add(get(to), i32.const(output.rows * output.rowBytes)), 16, (at) =>
    f.emit(v128.store(0, get(at), f32x4.const(0))),
  );
  const target = f.let(TYPE.i32, get(to));
  const source = f.let(TYPE.i32, get(operands.from));
  f.range(i32.const(0), i32.const(output.rows), planes.together, (first) => {
    const last = f.let(TYPE.i32, i32.add(get(first), i32.const(planes.together)));
    f.if(i32.gtU(get(last), i32.const(output.rows)), () => f.emit(set(last, i32.const(output.rows))));
    listActive(f, context, convolution, planes, { output, bits, first, last, workspace });
    copyErrors(f, operands, { first, last, source });
    for (let slice = 0; slice < planes.slices; slice++) sumSlice(f, operands, slice, target);
    f.emit(set(target, i32.add(get(target), i32.const(planes.together * output.rowBytes))));
  });
}

/** Copies the errors of a group of steps to planes; `source` is a local with the address of the first row, and moves. */
function copyErrors(
  f: FunctionBuilder,
  { convolution, planes, input, workspace }: Operands,
  { first, last, source }: { first: number; last: number; source: number },
): void {
  const { channels, cells, border, pitch } = planes;
  const { height, width } = convolution.output;
  const start = f.let(TYPE.i32, i32.add(get(workspace), i32.const(planes.planes)));
  const clear = (target: number, bytes: number): void => {
    if (bytes === 0) return;
    const end = f.let(TYPE.i32, i32.add(get(target), i32.const(bytes)));
    f.range(get(target), get(end), 16, (at) => f.emit(v128.store(0, get(at), f32x4.const(0))));
    f.emit(set(target, get(end)));
  };
  for (let slice = 0; slice < planes.slices; slice++) {
    const bytes = cellBytes(channels, slice);
    const column = slice * cellBytes(channels, 0);
    const valid = channels - slice * PANEL_COLUMNS;
    const target = f.let(TYPE.i32, i32.add(get(start), i32.const(cells * column)));
    clear(target, (border[1] + border[0] * pitch) * bytes);
    const row = f.let(TYPE.i32, i32.add(get(source), i32.const(column)));
    f.range(get(first), get(last), 1, () => {
      const pixel = f.let(TYPE.i32, get(row));
      f.range(i32.const(0), i32.const(height), 1, () => {
        f.range(i32.const(0), i32.const(width), 1, () => {
          for (let quad = 0; quad < bytes / 16; quad++) {
            const value = 4 * quad < valid ? v128.load(16 * quad, get(pixel)) : f32x4.const(0);
            f.emit(v128.store(16 * quad, get(target), keepValid(value, valid, 4 * quad)));
          }
          f.emit(set(pixel, i32.add(get(pixel), i32.const(4 * channels))));
          f.emit(set(target, i32.add(get(target), i32.const(bytes))));
        });
        clear(target, border[1] * bytes);
      });
      clear(target, border[0] * pitch * bytes);
      f.emit(set(row, i32.add(get(row), i32.const(input.rowBytes))));
    });
  }
  f.emit(set(source, i32.add(get(source), i32.mul(i32.sub(get(last), get(first)), i32.const(input.rowBytes)))));
}

/** The part of the errors of one slice of the channels above, added to those of the slices before. */
function sumSlice(f: FunctionBuilder, operands: Operands, slice: number, target: number): void {
  const { convolution, planes, weights, workspace } = operands;
  const { input, size, padding, dilation } = convolution;
  const bytes = cellBytes(planes.channels, slice);
  const inside = ([0, 1] as const).map((axis) => Math.max(0, padding[axis] - (size[axis] - 1) * dilation[axis]));
  const origin =
    cellBytes(planes.channels, 0) * slice * planes.cells + (inside[0]! * planes.pitch + inside[1]!) * bytes;
  const errors = f.let(TYPE.i32, i32.add(get(workspace), i32.const(planes.planes + origin)));
  const table = f.let(TYPE.i32, i32.add(get(workspace), i32.const(planes.table)));
  const entry = f.let(TYPE.i32, i32.load(0, get(table)));
  // The last position of the window meets the first error.
  const lastTap = (size[0] * size[1] - 1) * input.channels * PANEL_ROW;
  const panel = i32.const(weights.address + slice * weights.panelBytes + lastTap);
  f.range(i32.const(0), i32.const(planes.bands), 1, () => {
    const channelWeights = f.let(TYPE.i32, panel);
    f.range(i32.const(0), i32.const(input.channels), 1, () => {
      const end = f.let(TYPE.i32, i32.load(4, get(table)));
      f.while(i32.ltU(get(entry), get(end)), () => {
        multiplyTile(f, operands, { slice, entry, errors, weights: channelWeights, target });
        f.emit(set(entry, i32.add(get(entry), i32.const(TILE_ENTRIES * ENTRY_BYTES))));
      });
      f.emit(set(table, i32.add(get(table), i32.const(4))));
      f.emit(set(channelWeights, i32.add(get(channelWeights), i32.const(PANEL_ROW))));
    });
  });
}

interface Tile {
  readonly slice: number;
  /** Locals with the addresses of the entries, of the errors of a slice, of the weights at the last position of the window. */
  readonly entry: number;
  readonly errors: number;
  readonly weights: number;
  /** Local with the address of the rows of the result. */
  readonly target: number;
}

function multiplyTile(
  f: FunctionBuilder,
  { convolution, planes, sums: sumsAt }: Operands,
  { slice, entry, errors, weights, target }: Tile,
): void {
  const { input, size, dilation } = convolution;
  const bytes = cellBytes(planes.channels, slice);
  const scale = cellBytes(planes.channels, 0) / bytes;
  const rows = [...Array(TILE_ENTRIES).keys()];
  const offsetOf = (row: number): Code => {
    const offset = i32.load(ENTRY_BYTES * row, get(entry));
    // Offsets count whole slices; the last slice may be narrower.
    return scale === 1 ? offset : i32.mul(i32.divU(offset, i32.const(cellBytes(planes.channels, 0))), i32.const(bytes));
  };
  const windows = rows.map((row) => f.let(TYPE.i32, i32.add(get(errors), offsetOf(row))));
  const sums = rows.map(() => [f.let(TYPE.v128, f32x4.const(0)), f.let(TYPE.v128, f32x4.const(0))] as const);
  const tap = f.let(TYPE.i32, get(weights));
  const weight = f.v128();
  f.range(i32.const(0), i32.const(size[0]), 1, () => {
    f.range(i32.const(0), i32.const(size[1]), 1, () => {
      for (let j = 0; j < bytes / 16; j++) {
        // Early exits that are never taken (see `accumulateRows`).
        if (j > 0) f.emit(branchIf(1, i32.eq(get(tap), i32.const(j))));
        f.emit(set(weight, v128.load(16 * j, get(tap))));
        for (const row of rows) {
          const sum = sums[row]![j % 2]!;
          f.emit(set(sum, f.multiplyAdd(get(weight), v128.load(16 * j, get(windows[row]!)), get(sum))));
        }
      }
      f.emit(set(tap, i32.sub(get(tap), i32.const(input.channels * PANEL_ROW))));
      for (const window of windows) f.emit(set(window, i32.add(get(window), i32.const(dilation[1] * bytes))));
    });
    const nextRow = (dilation[0] * planes.pitch - size[1] * dilation[1]) * bytes;
    for (const window of windows) f.emit(set(window, i32.add(get(window), i32.const(nextRow))));
  });
  const totals = f.let(TYPE.v128, sumsOfLanes(f, sumsAt, sums));
  const units = rows.map((row) => f.let(TYPE.i32, i32.add(get(target), i32.load(ENTRY_BYTES * row + 4, get(entry)))));
  // A unit that is listed twice in a tile is loaded before any is stored.
  const present = slice === 0 ? [] : units.map((unit) => get(f.let(TYPE.v128, v128.load32Splat(0, get(unit)))));
  for (const row of rows) {
    const total = slice === 0 ? get(totals) : f32x4.add(get(totals), present[row]!);
    f.emit(v128.store32Lane(0, row, get(units[row]!), total));
  }
}
