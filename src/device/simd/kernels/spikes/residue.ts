import { PANEL_COLUMNS, PANEL_ROW } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import { validLanes } from "../codegen/formulas.js";
import { type KernelContext, synapseKernel } from "../codegen/kernel-context.js";

/**
 * A sum of a baseline from which rows are removed again can leave a residue of rounding where the exact sum is 0. What follows
 * tells where that may be: there the sum is taken directly instead, of the rows that count, so that a sum of zeros is 0.
 *
 * If all rows that count are 0, then every number that was added was removed again. With k rows removed whose sizes add up to s, there
 * were at most 3 k roundings, each of a number of at most s, so that the residue is below 3 k s 2^-24.
 */
const ROUNDINGS = 2 ** -22;

/** Bound on the residue of `count` removed rows, a local, that add up to at most 1. */
const residueOfSum = (count: number): Code => f32.mul(f32.convertU(get(count)), f32.const(ROUNDINGS));

/** Bound on the residue of as many removed rows as local `count` says, whose sizes add up to `sizes`. */
export const residueOfSizes = (sizes: Code, count: number): Code => f32x4.mul(sizes, f32x4.splat(residueOfSum(count)));

/** The same for rows of which the largest is `largest`. */
export const residueOfLargest = (largest: Code, count: number): Code =>
  f32x4.mul(largest, f32x4.splat(f32.mul(f32.convertU(get(count)), residueOfSum(count))));

/**
 * Lanes in which one of the sums is not 0 and no larger than `bound`, 0 or more. As whole numbers, sizes less one: what is 0 becomes
 * the largest of all.
 */
export function mayBeResidue(sums: readonly Code[], bound: Code): Code {
  const sizes = sums.map((sum) => i32x4.sub(i32x4.shl(sum, i32.const(1)), i32x4.const(1)));
  return i32x4.ltU(
    sizes.reduce((least, size) => i32x4.minU(least, size)),
    i32x4.shl(bound, i32.const(1)),
  );
}

/** Bytes that `largestWeights` leaves for each panel. */
export const PANEL_BOUND = 16;

/**
 * For every panel of weights, the item, the largest absolute weights of its columns 0, 4, 8 ..., of 1, 5, 9 ... and so on; zeros if no
 * weight is 0, for then a sum of zeros is a sum of nothing.
 */
export function largestWeights(context: KernelContext, name: string, weights: string, region: string): void {
  const matrix = context.tensor(weights);
  const full = Math.floor(matrix.columns / PANEL_COLUMNS);
  const rest = matrix.columns - full * PANEL_COLUMNS;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (panel) => {
      const start = i32.add(i32.const(matrix.address), i32.mul(get(panel), i32.const(matrix.panelBytes)));
      const from = f.let(TYPE.i32, start);
      const zeros = f.let(TYPE.v128, f32x4.const(0));
      const largest = f.let(TYPE.v128, f32x4.const(0));
      const look = (columns: number): void => {
        const eachRow = (body: (weights: Code, column: number) => void): void =>
          f.range(get(from), i32.add(get(from), i32.const(matrix.rows * PANEL_ROW)), PANEL_ROW, (row) => {
            for (let column = 0; column < columns; column += 4) body(v128.load(4 * column, get(row)), column);
          });
        eachRow((weights, column) => {
          const isZero = v128.and(f32x4.eq(weights, f32x4.const(0)), validLanes(columns, column));
          f.emit(set(zeros, v128.or(get(zeros), isZero)));
        });
        f.if(v128.anyTrue(get(zeros)), () =>
          eachRow((weights) => f.emit(set(largest, f32x4.pmax(get(largest), f32x4.abs(weights))))),
        );
      };
      if (rest === 0) look(PANEL_COLUMNS);
      else
        f.ifElse(
          i32.ltU(get(panel), i32.const(full)),
          () => look(PANEL_COLUMNS),
          () => look(rest),
        );
      const at = i32.mul(get(panel), i32.const(PANEL_BOUND));
      f.emit(v128.store(context.region(region), at, get(largest)));
    });
  });
}
