import { branchIf, f32x4, get, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import type { ListEnds } from "./spike-list.js";

/** Rows in a turn of the inner loop. */
const UNROLL = 4;
/** Registers that are loaded together: with them and the sums, nearly all sixteen registers of x86 are in use. */
const TOGETHER = 4;

export interface Rows {
  /** Local with the address of the slice in row 0. */
  readonly base: number;
  readonly rowBytes: number;
}

/**
 * Adds rows to accumulators, or subtracts them: the rows whose numbers are listed, 16 bits each, from the address in local
 * `from` to the one in local `to`, in that order; `from` moves. Nothing is multiplied.
 */
export function addListedRows(
  f: FunctionBuilder,
  sums: readonly number[],
  { from, to }: ListEnds,
  rows: Rows,
  combine: "add" | "sub" = "add",
): void {
  const row = f.i32();
  f.stride({ pointer: from, end: to, bytes: 2, unroll: UNROLL }, (k) => {
    f.emit(set(row, i32.add(get(rows.base), i32.mul(i32.load16u(2 * k, get(from)), i32.const(rows.rowBytes)))));
    sums.forEach((sum, j) => {
      // Engines load everything that a straight stretch of code needs before they add any of it. An address is never 0, so
      // this way out is never taken, but it ends the stretch while there are registers left.
      if (j > 0 && j % TOGETHER === 0) f.emit(branchIf(1, i32.eqz(get(row))));
      f.emit(set(sum, f32x4[combine](get(sum), v128.load(16 * j, get(row)))));
    });
  });
}

/** The other way round: adds registers to the listed rows, or subtracts them. */
export function addToListedRows(
  f: FunctionBuilder,
  values: readonly number[],
  { from, to }: ListEnds,
  rows: Rows,
  combine: "add" | "sub",
): void {
  const row = f.i32();
  const sums = values.slice(0, TOGETHER).map(() => f.v128());
  f.stride({ pointer: from, end: to, bytes: 2, unroll: UNROLL }, (k) => {
    f.emit(set(row, i32.add(get(rows.base), i32.mul(i32.load16u(2 * k, get(from)), i32.const(rows.rowBytes)))));
    for (let first = 0; first < values.length; first += TOGETHER) {
      const some = values.slice(first, first + TOGETHER);
      some.forEach((value, j) => {
        f.emit(set(sums[j]!, f32x4[combine](v128.load(16 * (first + j), get(row)), get(value))));
      });
      some.forEach((_, j) => {
        f.emit(v128.store(16 * (first + j), get(row), get(sums[j]!)));
      });
    }
  });
}

/** Loads or stores the accumulators at the address in a local. */
export const loadSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  sums.forEach((sum, j) => {
    f.emit(set(sum, v128.load(16 * j, get(at))));
  });
export const storeSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  sums.forEach((sum, j) => {
    f.emit(v128.store(16 * j, get(at), get(sum)));
  });
