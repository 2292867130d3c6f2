import { PANEL_ROW, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { branchIf, f32x4, get, i8x16, i32, i32x4, set, v128, whenElse } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { columnOffset, eachGroup, eachSlice } from "../codegen/kernel-context.js";
import { storeSums } from "../spikes/gather-rows.js";
import { laneBits, quadShuffle } from "../spikes/index-lists.js";
import { type Start, startOf } from "./gemm.js";

/**
 * Input-sparse products: the non-zero values are listed, each with the offset of its matrix row, and only they are
 * multiplied. Sums are in the order of the dense product, so the results are bit-identical.
 */

/**
 * Units that are summed before the next row starts, so that their slice of the matrix stays in the first-level cache.
 */
const DEPTH = 128;
const UNROLL = 4;
/** Registers of the matrix that are loaded together: see `accumulateRows` in gather-rows.ts. */
const TOGETHER = 4;
/** Bytes of an entry: the offset of the matrix row, then the value. */
export const ENTRY = 8;
/** Largest fraction of non-zero values at which the sparse product is used; above it, the dense product is faster. */
export const WORTH_LISTING = 0.65;

/** Bytes of the workspace per row: the end of its entries, and the entries of some units. */
const ROW_BYTES = 16 + DEPTH * ENTRY;

/** Bytes of the workspace for `rows` rows. */
export const sparseBytes = (rows: number): number => rows * ROW_BYTES;

export interface RowOperands {
  readonly input: SignalLayout;
  readonly output: SignalLayout;
  readonly matrix: TensorLayout;
  readonly start: Start;
  /** Locals with the number of rows and their addresses. */
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

interface SparseOperands extends RowOperands {
  readonly listTables: number;
  /** Local with the address of the workspace. */
  readonly workspace: number;
}

/** Runs one of two bodies: `sparse` if enough of the values are 0, else `dense`. */
export function whereSparse(
  f: FunctionBuilder,
  { input, rows, from }: Pick<RowOperands, "input" | "rows" | "from">,
  { sparse, dense }: { sparse: () => void; dense: () => void },
): void {
  const listed = f.let(TYPE.i32, i32.const(0));
  eachRow(f, get(rows), input, from, (row) => {
    eachGroup(f, input.width, (unit, valid) => {
      f.emit(set(listed, i32.add(get(listed), i32.popcnt(present(f, row, unit, valid)))));
    });
  });
  const most = i32.mul(get(rows), i32.const(Math.floor(WORTH_LISTING * input.width)));
  f.ifElse(i32.ltU(get(listed), most), sparse, dense);
}

/** to[t, :] = start + from[t, :] times the matrix, for some adjacent rows. */
export function sparseProduct(f: FunctionBuilder, operands: SparseOperands): void {
  f.range(i32.const(0), i32.const(operands.input.width * 4), DEPTH * 4, (first) => {
    listEntries(f, operands, first);
    addEntries(f, operands, first);
  });
}

/** Lists the entries of every row for the units from the one with byte offset `first`. */
function listEntries(f: FunctionBuilder, operands: SparseOperands, first: number): void {
  const { input, listTables, rows, from, workspace } = operands;
  const whole = Math.floor(input.width / 4) * 16;
  const last = f.let(TYPE.i32, i32.add(get(first), i32.const(DEPTH * 4)));
  const isLast = f.let(TYPE.i32, i32.gtU(get(last), i32.const(whole)));
  f.if(get(isLast), () => f.emit(set(last, i32.const(whole))));
  const list = f.let(TYPE.i32, get(workspace));
  const entry = f.i32();
  eachRow(f, get(rows), input, from, (row) => {
    f.emit(set(entry, i32.add(get(list), i32.const(16))));
    f.range(get(first), get(last), 16, (unit) => listQuad(f, listTables, { row, unit, valid: 4, entry }));
    const rest = input.width % 4;
    if (rest > 0) {
      const unit = f.let(TYPE.i32, i32.const(whole));
      f.if(get(isLast), () => listQuad(f, listTables, { row, unit, valid: rest, entry }));
    }
    f.emit(i32.store(0, get(list), get(entry)), set(list, i32.add(get(list), i32.const(ROW_BYTES))));
  });
}

/**
 * Appends the entries of four units, of which the first `valid` exist. Locals: the row, the units' byte offset, the
 * end of the entries.
 */
function listQuad(
  f: FunctionBuilder,
  tables: number,
  { row, unit, valid, entry }: { row: number; unit: number; valid: number; entry: number },
): void {
  const values = f.let(TYPE.v128, v128.load(0, i32.add(get(row), get(unit))));
  const there = i32x4.bitmask(f32x4.ne(get(values), f32x4.const(0)));
  const bits = f.let(TYPE.i32, valid === 4 ? there : i32.and(there, i32.const((1 << valid) - 1)));
  const shuffle = f.let(TYPE.v128, quadShuffle(tables, bits));
  const step = PANEL_ROW / 4;
  const lanes = i32x4.lanes(0, PANEL_ROW, 2 * PANEL_ROW, 3 * PANEL_ROW);
  const offsets = i32x4.add(i32x4.splat(i32.mul(get(unit), i32.const(step))), lanes);
  const [at, value] = [
    f.let(TYPE.v128, i8x16.swizzle(offsets, get(shuffle))),
    f.let(TYPE.v128, i8x16.swizzle(get(values), get(shuffle))),
  ];
  f.emit(v128.store(0, get(entry), interleave(0, get(at), get(value))));
  f.emit(v128.store(16, get(entry), interleave(2, get(at), get(value))));
  f.emit(set(entry, i32.add(get(entry), i32.mul(i32.popcnt(get(bits)), i32.const(ENTRY)))));
}

/** Lanes `first` and `first` + 1 of two vectors of 32-bit lanes, interleaved. */
export const interleave = (first: number, a: Code, b: Code): Code =>
  i32x4.shuffle([first, 4 + first, first + 1, 5 + first], a, b);

/** Multiplies the listed entries, into new rows for the first units, else on top of the values in memory. */
function addEntries(f: FunctionBuilder, operands: SparseOperands, first: number): void {
  const { output, matrix, start, rows, to, workspace } = operands;
  eachSlice(f, output.width, (column, registers) => {
    const sums = Array.from({ length: registers }, () => f.v128());
    const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
    const list = f.let(TYPE.i32, get(workspace));
    eachRow(f, get(rows), output, f.let(TYPE.i32, i32.add(get(to), get(column))), (target) => {
      const fresh = sums.flatMap((sum, j) => [...set(sum, startOf(start, column, j))]);
      const present = sums.flatMap((sum, j) => [...set(sum, v128.load(16 * j, get(target)))]);
      f.emit(whenElse(get(first), present, fresh));
      const entry = f.let(TYPE.i32, i32.add(get(list), i32.const(16)));
      addMultiples(f, sums, { entry, end: f.let(TYPE.i32, i32.load(0, get(list))), base });
      storeSums(f, sums, target);
      f.emit(set(list, i32.add(get(list), i32.const(ROW_BYTES))));
    });
  });
}

interface Multiples {
  /** Locals with the addresses of the first entry, which moves, and of the end of the entries. */
  readonly entry: number;
  readonly end: number;
  /** Local with the address that the offsets of entries count from. */
  readonly base: number;
  /** Offset of each accumulator's columns in a row; default: they lie side by side. */
  readonly offset?: (register: number) => number;
}

/** Adds multiples of the listed rows to accumulators. An entry is the offset of a row and a factor. */
export function addMultiples(
  f: FunctionBuilder,
  sums: readonly number[],
  { entry, end, base, offset = (register) => 16 * register }: Multiples,
): void {
  const value = f.v128();
  const row = f.i32();
  f.stride({ pointer: entry, end, bytes: ENTRY, unroll: UNROLL }, (k) => {
    f.emit(set(row, i32.add(get(base), i32.load(ENTRY * k, get(entry)))));
    f.emit(set(value, v128.load32Splat(ENTRY * k + 4, get(entry))));
    sums.forEach((sum, j) => {
      if (j > 0 && j % TOGETHER === 0) f.emit(branchIf(1, i32.eqz(get(row))));
      f.emit(set(sum, f.multiplyAdd(get(value), v128.load(offset(j), get(row)), get(sum))));
    });
  });
}

/** Eight bits: the units of a group whose value in the row at the address in a local is not 0. */
function present(f: FunctionBuilder, row: number, unit: number, valid: number): Code {
  const at = f.let(TYPE.i32, i32.add(get(row), get(unit)));
  const isThere = (offset: number): Code => f32x4.ne(v128.load(offset, get(at)), f32x4.const(0));
  return laneBits(isThere(0), isThere(16), valid);
}

/** Runs the body for every row, with its address, from the address in local `start`. */
function eachRow(
  f: FunctionBuilder,
  rows: Code,
  { rowBytes }: SignalLayout,
  start: number,
  body: (row: number) => void,
): void {
  const row = f.let(TYPE.i32, get(start));
  f.range(i32.const(0), rows, 1, () => {
    body(row);
    f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
  });
}
