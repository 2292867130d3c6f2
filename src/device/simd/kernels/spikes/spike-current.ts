import { PANEL_ROW, type TensorLayout } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import { columnOffset, eachSlice, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { startOf } from "../products/gemm.js";
import { accumulateRows, loadSums, storeSums, UNIT_NUMBERS } from "./gather-rows.js";
import { baselineList, eachStep } from "./index-lists.js";
import { boundOffset, loadBound, mayBeResidue, residueOfLargest } from "./residue.js";

interface CurrentOperands {
  readonly from: string;
  readonly weights: string;
  readonly bias: string | undefined;
  readonly to: string;
  /** Region of the results of `largestWeights`, if units can be silent against a baseline of 1. */
  readonly bounds: string | undefined;
}

/**
 * to[b, t, :] = bias + the sum of the weight rows of the inputs that spiked: the sum of the sample's baseline,
 * computed once, plus the deltas of each step. Units that always fire cost nothing per step. If a result may be a
 * rounding residue of 0, the rows are summed directly.
 */
export function spikeCurrent(
  context: KernelContext,
  name: string,
  { from, weights, bias, to, bounds }: CurrentOperands,
): void {
  const input = context.signal(from);
  const output = context.signal(to);
  const matrix = context.tensor(weights);
  sampleKernel(context, name, (f, block) => {
    eachSlice(f, matrix.columns, (column, registers) => {
      const sums = Array.from({ length: registers }, () => f.v128());
      const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
      const region = bounds === undefined ? 0 : context.region(bounds);
      const bound = f.let(TYPE.i32, i32.add(i32.const(region), boundOffset(get(column))));
      const hasZeros = f.let(TYPE.i32, bounds === undefined ? i32.const(0) : v128.anyTrue(loadBound(0, get(bound))));
      block.each(f, (b) => {
        const spikes = f.let(TYPE.i32, block.sample(input, get(b)));
        const target = f.let(TYPE.i32, i32.add(block.sample(output, get(b)), get(column)));
        const rows = { base, rowBytes: PANEL_ROW, numbers: UNIT_NUMBERS };
        sums.forEach((sum) => {
          f.emit(set(sum, f32x4.const(0)));
        });
        const baseline = baselineList(f, input, spikes);
        const baselineFrom = f.let(TYPE.i32, get(baseline.from));
        accumulateRows(f, sums, baseline, rows);
        // The last row stores the sum of the baseline until its own step.
        const last = f.let(TYPE.i32, i32.add(get(target), i32.const((input.rows - 1) * output.rowBytes)));
        storeSums(f, sums, last);
        eachStep(f, spikes, { first: 0, last: input.rows }, ({ added, removed }) => {
          loadSums(f, sums, last);
          const [addedFrom, removedFrom] = [f.let(TYPE.i32, get(added.from)), f.let(TYPE.i32, get(removed.from))];
          accumulateRows(f, sums, added, rows);
          if (bounds !== undefined) {
            accumulateRows(f, sums, removed, rows, "sub");
            const isDirect = i32.eq(
              i32.sub(get(baseline.to), get(baselineFrom)),
              i32.sub(get(removed.to), get(removedFrom)),
            );
            const mayBeZero = i32.or(get(hasZeros), isDirect);
            f.if(i32.and(i32.ne(get(removedFrom), get(removed.to)), mayBeZero), () => {
              const lists = [baselineFrom, baseline.to, addedFrom, added.to, removedFrom, removed.to].map(get);
              storeSums(f, sums, target);
              f.emit(call(directFunction(context.module, registers), ...lists, get(base), get(bound), get(target)));
              loadSums(f, sums, target);
            });
          }
          // Added last, so that without input the current equals the bias.
          if (bias !== undefined) {
            sums.forEach((sum, j) => {
              f.emit(set(sum, f32x4.add(get(sum), startOf(context.tensor(bias), column, j))));
            });
          }
          storeSums(f, sums, target);
          f.emit(set(target, i32.add(get(target), i32.const(output.rowBytes))));
        });
      });
    });
  });
}

/**
 * Function (baseline from, to, added from, to, removed from, to, base, bound, target): if the whole baseline is
 * removed, or a sum at `target` may be a residue, sums the rows that count: the baseline rows that are not removed,
 * and the added rows.
 */
function directFunction(module: ModuleBuilder, registers: number): number {
  return module.once(`direct current ${registers}`, () => {
    const signature = { parameters: Array(9).fill(TYPE.i32), results: [] };
    return module.function(signature, (f, ...parameters) => {
      const [baselineFrom, baselineTo, addedFrom, addedTo, removedFrom, removedTo, base, bound, target] =
        parameters.map((p) => p!) as [number, number, number, number, number, number, number, number, number];
      const removedBytes = i32.sub(get(removedTo), get(removedFrom));
      const count = f.let(TYPE.i32, i32.shrU(removedBytes, i32.const(1)));
      const isDirect = f.let(TYPE.i32, i32.eq(i32.sub(get(baselineTo), get(baselineFrom)), removedBytes));
      const given = Array.from({ length: registers }, (_, j) => v128.load(16 * j, get(target)));
      const residue = mayBeResidue(f, given, residueOfLargest(loadBound(0, get(bound)), count));
      f.emit(set(isDirect, i32.or(get(isDirect), residue)));
      f.if(get(isDirect), () => {
        const sums = Array.from({ length: registers }, () => f.let(TYPE.v128, f32x4.const(0)));
        const rows = { base, rowBytes: PANEL_ROW, numbers: UNIT_NUMBERS };
        const next = f.i32();
        // Both lists are sorted by unit.
        f.range(get(baselineFrom), get(baselineTo), 2, (unit) => {
          const isRemoved = i32.eq(i32.load16u(0, get(removedFrom)), i32.load16u(0, get(unit)));
          f.ifElse(
            i32.and(i32.ltU(get(removedFrom), get(removedTo)), isRemoved),
            () => f.emit(set(removedFrom, i32.add(get(removedFrom), i32.const(2)))),
            () => {
              f.emit(set(next, get(unit)));
              accumulateRows(f, sums, { from: next, to: f.let(TYPE.i32, i32.add(get(unit), i32.const(2))) }, rows);
            },
          );
        });
        accumulateRows(f, sums, { from: addedFrom, to: addedTo }, rows);
        storeSums(f, sums, target);
      });
    });
  });
}

/**
 * target row = source row + the sum of the listed matrix rows: the recurrent current of one step. `source` and
 * `target` are locals with addresses of rows, `from` and `to` locals with the ends of the list (`from` moves).
 */
export function addSpikes(
  f: FunctionBuilder,
  matrix: TensorLayout,
  { source, target, from, to }: { source: number; target: number; from: number; to: number },
): void {
  eachSlice(f, matrix.columns, (column, registers) => {
    const sums = Array.from({ length: registers }, () => f.v128());
    sums.forEach((sum, j) => {
      f.emit(set(sum, v128.load(16 * j, i32.add(get(source), get(column)))));
    });
    const entry = f.let(TYPE.i32, get(from));
    const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
    accumulateRows(f, sums, { from: entry, to }, { base, rowBytes: PANEL_ROW, numbers: UNIT_NUMBERS });
    sums.forEach((sum, j) => {
      f.emit(v128.store(16 * j, i32.add(get(target), get(column)), get(sum)));
    });
  });
}
