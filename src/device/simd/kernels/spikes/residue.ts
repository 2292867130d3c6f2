import { PANEL_COLUMNS, PANEL_ROW } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i16x8, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { validLanes } from "../codegen/formulas.js";
import { type KernelContext, synapseKernel } from "../codegen/kernel-context.js";
import { storeSums } from "./gather-rows.js";

/**
 * If rows of a baseline sum are subtracted again, rounding can leave a residue where the exact sum is 0. The functions
 * below detect sums that may be a residue, so that a sum of zeros is exactly 0.
 *
 * If all rows that count are 0, every number that was added was subtracted again. With k rows subtracted whose
 * absolute values add up to s, there were at most 3 k roundings, each of a number of at most s, so the residue is
 * below 3 k s 2^-24.
 */
const ROUNDINGS = 2 ** -22;

/** Bound on the residue of `count` subtracted rows (a local) whose absolute values add up to at most 1. */
const residueOfSum = (count: number): Code => f32.mul(f32.convertU(get(count)), f32.const(ROUNDINGS));

/** Bound on the residue of `count` subtracted rows (a local) whose absolute values add up to `sizes`. */
export const residueOfSizes = (sizes: Code, count: number): Code => f32x4.mul(sizes, f32x4.splat(residueOfSum(count)));

/** Bound on the residue of `count` subtracted rows (a local), the largest of which is `largest`. */
export const residueOfLargest = (largest: Code, count: number): Code =>
  f32x4.mul(largest, f32x4.splat(f32.mul(f32.convertU(get(count)), residueOfSum(count))));

/** Absolute values as integers, minus one: 0 becomes the largest integer. */
const sizeOf = (sum: Code): Code => i32x4.sub(i32x4.shl(sum, i32.const(1)), i32x4.const(1));

/** Upper limit of `sizeOf` for numbers up to `bound`, which is 0 or more. */
const limitOf = (bound: Code): Code => i32x4.shl(bound, i32.const(1));

/** Lanes in which a sum is not 0 and at most `bound`. */
export const smallLanes = (sum: Code, bound: Code): Code => i32x4.ltU(sizeOf(sum), limitOf(bound));

/**
 * Tests whether any lane of the sums, an even number of them, is not 0 and at most `bound`. Even and odd sums are
 * compared side by side, and their masks are narrowed into one, so that an engine can merge the instructions into
 * 256-bit ones.
 */
export function mayBeResidue(f: FunctionBuilder, sums: readonly Code[], bound: Code): Code {
  const limit = f.let(TYPE.v128, limitOf(bound));
  const [even, odd] = [0, 1].map((side) => {
    const sizes = sums.filter((_, j) => j % 2 === side).map(sizeOf);
    return i32x4.ltU(
      sizes.reduce((least, size) => i32x4.minU(least, size)),
      get(limit),
    );
  }) as [Code, Code];
  return v128.anyTrue(i16x8.narrowI32x4s(even, odd));
}

/**
 * Bytes of the bounds of a panel: the largest absolute values of its columns 0, 8, 16 ..., of 1, 9, 17 ... and so on.
 */
export const PANEL_BOUND = 32;

/** Offset of the bounds of the panel that contains a column, given by its byte offset in a row of numbers. */
export const boundOffset = (column: Code): Code =>
  i32.mul(i32.shrU(column, i32.const(Math.log2(PANEL_ROW))), i32.const(PANEL_BOUND));

/** Loads the bounds of a panel at an address, as the largest absolute values of columns 0, 4, 8 ... and so on. */
export const loadBound = (address: number, offset: Code): Code =>
  f32x4.pmax(v128.load(address, offset), v128.load(address + 16, offset));

/**
 * Computes the bounds of each panel of weights; items are panels. They are zeros if no weight is 0, since a sum is
 * then 0 only without any spike.
 */
export function largestWeights(context: KernelContext, name: string, weights: string, region: string): void {
  const matrix = context.tensor(weights);
  const full = Math.floor(matrix.columns / PANEL_COLUMNS);
  const rest = matrix.columns - full * PANEL_COLUMNS;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (panel) => {
      const start = i32.add(i32.const(matrix.address), i32.mul(get(panel), i32.const(matrix.panelBytes)));
      const from = f.let(TYPE.i32, start);
      const zeros = [0, 1].map(() => f.let(TYPE.v128, f32x4.const(0)));
      const largest = zeros.map(() => f.let(TYPE.v128, f32x4.const(0)));
      const look = (columns: number): void => {
        const quads = Array.from({ length: Math.ceil(columns / 4) }, (_, quad) => quad);
        const eachRow = (body: (weights: Code, quad: number) => void): void =>
          f.range(get(from), i32.add(get(from), i32.const(matrix.rows * PANEL_ROW)), PANEL_ROW, (row) => {
            for (const quad of quads) body(v128.load(16 * quad, get(row)), quad);
          });
        const zero = f.let(TYPE.v128, f32x4.splat(f32.const(0)));
        eachRow((weights, quad) => {
          const isZero = v128.and(f32x4.eq(weights, get(zero)), validLanes(columns, 4 * quad));
          f.emit(set(zeros[quad % 2]!, v128.or(get(zeros[quad % 2]!), isZero)));
        });
        f.if(v128.anyTrue(i16x8.narrowI32x4s(get(zeros[0]!), get(zeros[1]!))), () =>
          eachRow((weights, quad) =>
            f.emit(set(largest[quad % 2]!, f32x4.pmax(get(largest[quad % 2]!), f32x4.abs(weights)))),
          ),
        );
      };
      if (rest === 0) look(PANEL_COLUMNS);
      else
        f.ifElse(
          i32.ltU(get(panel), i32.const(full)),
          () => look(PANEL_COLUMNS),
          () => look(rest),
        );
      const at = f.let(
        TYPE.i32,
        i32.add(i32.const(context.region(region)), i32.mul(get(panel), i32.const(PANEL_BOUND))),
      );
      storeSums(f, largest, at);
    });
  });
}
