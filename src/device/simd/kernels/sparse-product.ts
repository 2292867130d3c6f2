import { computedColumns, PANEL_COLUMNS, PANEL_ROW, roundUp, type SignalPlace, type TensorPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { branchIf, f32x4, get, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { columnOffset, eachGroup } from "./context.js";
import { appendIndices, laneBits, unitIndices } from "./spike-list.js";

/**
 * Products of values many of which are 0: those that are not are listed, each with where its row of the matrix starts, and only
 * they are multiplied.
 */

/** Units that are summed before the next row is taken, so that their slice of the matrix stays in the first-level cache. */
const DEPTH = 128;
const UNROLL = 4;
/** Registers of the matrix that are loaded together: see `addListedRows`. */
const TOGETHER = 4;
/** Bytes of an entry: the offset of the matrix row, then the value. */
const ENTRY = 8;
const ROW_ENTRIES = DEPTH * ENTRY;
/** Share of the values that may be listed; with more, the dense product is faster. */
const WORTH_IT = 0.65;

const endsBytes = ({ rows }: Pick<SignalPlace, "rows">): number => roundUp(rows * 4, 16);
const UNITS_BYTES = DEPTH * 2 + 16;

/** Bytes of working memory of one sample: for every row the end of its entries; a list of units; the entries of a slice of units. */
export const sparseBytes = (shape: Pick<SignalPlace, "rows">): number =>
  endsBytes(shape) + UNITS_BYTES + shape.rows * ROW_ENTRIES;

interface Operands {
  readonly input: SignalPlace;
  readonly output: SignalPlace;
  readonly matrix: TensorPlace;
  readonly shuffles: number;
  /** Locals with the addresses of the sample's rows, and of its working memory. */
  readonly from: number;
  readonly to: number;
  readonly working: number;
}

/** Runs one of two bodies: `sparse` where enough of a sample's values are 0, else `dense`. */
export function whereSparse(
  f: FunctionBuilder,
  { input, from }: Pick<Operands, "input" | "from">,
  { sparse, dense }: { sparse: () => void; dense: () => void },
): void {
  const listed = f.let(TYPE.i32, i32.const(0));
  eachRow(f, input, from, (row) => {
    eachGroup(f, input.width, (unit, valid) => {
      f.emit(set(listed, i32.add(get(listed), i32.popcnt(present(f, row, unit, valid)))));
    });
  });
  const most = Math.floor(WORTH_IT * input.rows * input.width);
  f.ifElse(i32.ltU(get(listed), i32.const(most)), sparse, dense);
}

/** to[t, :] = from[t, :] times the matrix, for all rows of a sample. */
export function sparseProduct(f: FunctionBuilder, operands: Operands): void {
  for (let first = 0; first < operands.input.width; first += DEPTH) {
    listEntries(f, operands, first);
    addEntries(f, operands, first > 0);
  }
}

/** Lists the entries of every row for the units from `first` on. */
function listEntries(f: FunctionBuilder, { input, shuffles, from, working }: Operands, first: number): void {
  const units = f.let(TYPE.i32, i32.add(get(working), i32.const(endsBytes(input))));
  const start = f.let(TYPE.i32, i32.add(get(units), i32.const(UNITS_BYTES)));
  const ends = f.let(TYPE.i32, get(working));
  eachRow(f, input, from, (row) => {
    const end = f.let(TYPE.i32, get(units));
    eachGroup(f, Math.min(DEPTH, input.width - first), (group, valid) => {
      const unit = f.let(TYPE.i32, i32.add(get(group), i32.const(first * 4)));
      const bits = f.let(TYPE.i32, present(f, row, unit, valid));
      appendIndices(f, shuffles, { bits, indices: unitIndices(unit), end });
    });
    const entry = f.let(TYPE.i32, get(start));
    f.range(get(units), get(end), 2, (at) => {
      const unit = f.let(TYPE.i32, i32.load16u(0, get(at)));
      f.emit(i32.store(0, get(entry), i32.mul(get(unit), i32.const(PANEL_ROW))));
      f.emit(i32.store(4, get(entry), i32.load(0, i32.add(get(row), i32.shl(get(unit), i32.const(2))))));
      f.emit(set(entry, i32.add(get(entry), i32.const(ENTRY))));
    });
    f.emit(i32.store(0, get(ends), get(entry)), set(ends, i32.add(get(ends), i32.const(4))));
    f.emit(set(start, i32.add(get(start), i32.const(ROW_ENTRIES))));
  });
}

/** Multiplies what has been listed, to new rows or on top of what is there. */
function addEntries(f: FunctionBuilder, { input, output, matrix, to, working }: Operands, onTop: boolean): void {
  const entries = f.let(TYPE.i32, i32.add(get(working), i32.const(endsBytes(input) + UNITS_BYTES)));
  const slice = (column: number, registers: number): void => {
    const sums = Array.from({ length: registers }, () => f.v128());
    const value = f.v128();
    const row = f.i32();
    const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
    const start = f.let(TYPE.i32, get(entries));
    const ends = f.let(TYPE.i32, get(working));
    eachRow(f, output, f.let(TYPE.i32, i32.add(get(to), get(column))), (target) => {
      sums.forEach((sum, j) => {
        f.emit(set(sum, onTop ? v128.load(16 * j, get(target)) : f32x4.const(0)));
      });
      const entry = f.let(TYPE.i32, get(start));
      const end = f.let(TYPE.i32, i32.load(0, get(ends)));
      f.stride({ pointer: entry, end, bytes: ENTRY, unroll: UNROLL }, (k) => {
        f.emit(set(row, i32.add(get(base), i32.load(ENTRY * k, get(entry)))));
        f.emit(set(value, v128.load32Splat(ENTRY * k + 4, get(entry))));
        sums.forEach((sum, j) => {
          if (j > 0 && j % TOGETHER === 0) f.emit(branchIf(1, i32.eqz(get(row))));
          f.emit(set(sum, f32x4.add(get(sum), f32x4.mul(get(value), v128.load(16 * j, get(row))))));
        });
      });
      sums.forEach((sum, j) => {
        f.emit(v128.store(16 * j, get(target), get(sum)));
      });
      f.emit(set(start, i32.add(get(start), i32.const(ROW_ENTRIES))));
      f.emit(set(ends, i32.add(get(ends), i32.const(4))));
    });
  };
  const columns = computedColumns(output.width);
  const full = Math.floor(columns / PANEL_COLUMNS) * PANEL_COLUMNS;
  if (full > 0) f.range(i32.const(0), i32.const(full * 4), PANEL_ROW, (column) => slice(column, PANEL_ROW / 16));
  if (columns > full) slice(f.let(TYPE.i32, i32.const(full * 4)), (columns - full) / 4);
}

/** Units of a group, as eight bits, whose value in the row at the address in a local is not 0. */
function present(f: FunctionBuilder, row: number, unit: number, valid: number): Code {
  const at = f.let(TYPE.i32, i32.add(get(row), get(unit)));
  const isThere = (offset: number): Code => f32x4.ne(v128.load(offset, get(at)), f32x4.const(0));
  return laneBits(isThere(0), isThere(16), valid);
}

/** Runs the body for every row, with its address, from the address in local `start` on. */
function eachRow(
  f: FunctionBuilder,
  { rows, rowBytes }: SignalPlace,
  start: number,
  body: (row: number) => void,
): void {
  const row = f.let(TYPE.i32, get(start));
  f.range(i32.const(0), i32.const(rows), 1, () => {
    body(row);
    f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
  });
}
