import type { Code } from "../../wasm/encoding.js";
import { branchIf, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { inPairs, upperFirst } from "../codegen/unit-groups.js";
import type { ListEnds } from "./index-lists.js";

/** Rows per iteration of the inner loop. */
const UNROLL = 4;
/** Registers that are loaded together: with them and the sums, nearly all sixteen registers of x86 are in use. */
const TOGETHER = 4;

export interface Rows {
  /** Local with the address of the slice in row 0. */
  readonly base: number;
  readonly rowBytes: number;
  /** Offset of each accumulator's columns in a row; default: they lie side by side. */
  readonly offset?: (register: number) => number;
  /** Encoding of row numbers in a list. */
  readonly numbers: { readonly bytes: number; readonly load: (offset: number, address: Code) => Code };
}

/** Unit numbers, which are below 2^16. */
export const UNIT_NUMBERS = { bytes: 2, load: i32.load16u } as const;

/**
 * Adds rows to accumulators, or subtracts them: the rows whose numbers are listed from the address in local `from` to
 * the one in local `to`, in that order; `from` moves. Nothing is multiplied.
 */
export function accumulateRows(
  f: FunctionBuilder,
  sums: readonly number[],
  { from, to }: ListEnds,
  { base, rowBytes, offset = (register) => 16 * register, numbers }: Rows,
  combine: "add" | "sub" = "add",
): void {
  const row = f.i32();
  f.stride({ pointer: from, end: to, bytes: numbers.bytes, unroll: UNROLL }, (k) => {
    const number = numbers.load(numbers.bytes * k, get(from));
    f.emit(set(row, i32.add(get(base), i32.mul(number, i32.const(rowBytes)))));
    sums.forEach((sum, j) => {
      // Engines load everything that a straight stretch of code needs before they add any of it. An address is never
      // 0, so this early exit is never taken, but it ends the stretch while registers are left.
      if (j > 0 && j % TOGETHER === 0) f.emit(branchIf(1, i32.eqz(get(row))));
      f.emit(set(sum, f32x4[combine](get(sum), v128.load(offset(j), get(row)))));
    });
  });
}

/** Load or store the accumulators at the address in a local. */
export const loadSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  sums.forEach((sum, j) => {
    f.emit(set(sum, v128.load(16 * j, get(at))));
  });
export const storeSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  inPairs(sums, (pair, first) => {
    upperFirst(pair, (sum, i) => f.emit(v128.store(16 * (first + i), get(at), get(sum))));
  });
