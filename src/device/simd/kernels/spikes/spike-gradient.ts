import {
  computedColumns,
  PANEL_COLUMNS,
  PANEL_ROW,
  packedGroups,
  packedRows,
  type TensorLayout,
} from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, i32x4, leave, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { prefetch } from "../codegen/prefetch.js";
import { accumulateRows, loadSums, storeSums } from "./gather-rows.js";
import { loadBound, mayBeResidue, PANEL_BOUND, residueOfLargest, residueOfSizes, smallLanes } from "./residue.js";
import { listsOfUnit, rowNumbers, tableOf, UNIT_ENDS } from "./transposed-lists.js";

/** Work items of `spikeWeightGradient`: slices of columns. */
export const gradientSlices = ({ columns }: Pick<TensorLayout, "columns">): number =>
  Math.ceil(computedColumns(columns) / PANEL_COLUMNS);

interface GradientOperands {
  readonly from: string;
  /** Region of the lists of `transposedLists`. */
  readonly lists: string;
  /** Signal of the errors that `packErrors` copied. */
  readonly packed: string;
  /** Signal of the largest errors that `packErrors` found. */
  readonly largest: string;
  /** Region with one row per slice. */
  readonly sums: string;
  readonly to: string;
}

/**
 * gradient[i, :] = the sum of the errors of the rows (sample and step) in which input i spiked; items are slices of
 * columns. For each group of samples and each input, the listed rows are summed in registers: the errors of added
 * spikes are added, the errors of missing spikes are subtracted, and for a baseline of 1 the sum of the sample's
 * errors is added. If a result may be a rounding residue of 0, a function checks whether all errors of the steps with
 * a spike are 0.
 */
export function spikeWeightGradient(context: KernelContext, name: string, operands: GradientOperands): void {
  const matrix = context.tensor(operands.to);
  const columns = computedColumns(matrix.columns);
  const full = Math.floor(columns / PANEL_COLUMNS);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (slice) => {
      const whole = (): void => sumSlice(f, context, { ...operands, slice, registers: PANEL_COLUMNS / 4 });
      const registers = (columns - full * PANEL_COLUMNS) / 4;
      const rest = (): void => sumSlice(f, context, { ...operands, slice, registers });
      if (full * PANEL_COLUMNS === columns) whole();
      else f.ifElse(i32.ltU(get(slice), i32.const(full)), whole, rest);
    });
  });
}

interface SliceOperands extends GradientOperands {
  readonly slice: number;
  readonly registers: number;
}

function sumSlice(
  f: FunctionBuilder,
  context: KernelContext,
  { from, lists, packed, largest, sums: sumsRegion, to, slice, registers }: SliceOperands,
): void {
  const spikes = context.signal(from);
  const errors = context.signal(packed);
  const matrix = context.tensor(to);
  const panel = i32.mul(get(slice), i32.const(matrix.panelBytes));
  const gradient = f.let(TYPE.i32, i32.add(i32.const(matrix.address), panel));
  clearRows(f, gradient, matrix.rows, registers);

  const sums = Array.from({ length: registers }, () => f.v128());
  const { groupBytes, panelBytes } = packedGroups(errors);
  const start = i32.mul(get(slice), i32.const(panelBytes));
  const base = f.let(TYPE.i32, i32.add(i32.const(errors.address), start));
  const rows = { base, rowBytes: PANEL_ROW, numbers: rowNumbers(spikes.rows) };
  const bounds = context.signal(largest);
  const bound = f.v128();
  const kept = f.let(
    TYPE.i32,
    i32.add(i32.const(context.region(sumsRegion)), i32.mul(get(slice), i32.const(PANEL_ROW))),
  );
  const samples = f.let(TYPE.i32, runSamples());
  const count = i32.divU(i32.add(get(samples), i32.const(errors.together - 1)), i32.const(errors.together));
  f.range(i32.const(0), count, 1, (group) => {
    const ends = f.let(TYPE.i32, tableOf(context, lists, spikes, group));
    const row = f.let(TYPE.i32, get(gradient));
    const end = f.let(TYPE.i32, i32.mul(i32.add(get(group), i32.const(1)), i32.const(errors.together)));
    f.if(i32.gtU(get(end), get(samples)), () => f.emit(set(end, get(samples))));
    f.emit(set(bound, f32x4.const(0)));
    f.range(i32.mul(get(group), i32.const(errors.together)), get(end), 1, (b) => {
      const at = i32.add(i32.mul(get(b), i32.const(bounds.sampleBytes)), i32.mul(get(slice), i32.const(PANEL_BOUND)));
      f.emit(set(bound, f32x4.pmax(get(bound), loadBound(bounds.address, at))));
    });
    prefetch(f, base, panelBytes);
    f.range(get(ends), i32.add(get(ends), i32.const(spikes.width * UNIT_ENDS)), UNIT_ENDS, (unit) => {
      const { added, subtracted } = listsOfUnit(f, unit);
      f.if(i32.ne(get(added.from), get(subtracted.to)), () => {
        sums.forEach((sum) => {
          f.emit(set(sum, f32x4.const(0)));
        });
        accumulateRows(f, sums, added, rows, "add");
        f.if(i32.ne(get(subtracted.from), get(subtracted.to)), () => {
          const bytes = i32.sub(get(subtracted.to), get(subtracted.from));
          const removed = f.let(TYPE.i32, i32.shrU(bytes, i32.const(Math.log2(rows.numbers.bytes))));
          accumulateRows(f, sums, subtracted, rows, "sub");
          const residue = f.let(TYPE.v128, residueOfLargest(get(bound), removed));
          // In memory, since an engine could not pair a sum that may come from a call with its neighbor.
          f.if(mayBeResidue(f, sums.map(get), get(residue)), () => {
            storeSums(f, sums, kept);
            f.range(i32.const(0), i32.const(16 * registers), 16, (column) => {
              const at = f.let(TYPE.i32, i32.add(get(kept), get(column)));
              const sum = f.let(TYPE.v128, v128.load(0, get(at)));
              f.if(v128.anyTrue(smallLanes(get(sum), get(residue))), () => {
                const clear = clearFunction(context.module, spikes.rows);
                f.emit(v128.store(0, get(at), call(clear, get(unit), i32.add(get(base), get(column)), get(sum))));
              });
            });
            loadSums(f, sums, kept);
          });
        });
        sums.forEach((sum, j) => {
          f.emit(set(sum, f32x4.add(v128.load(16 * j, get(row)), get(sum))));
        });
        storeSums(f, sums, row);
      });
      f.emit(set(row, i32.add(get(row), i32.const(PANEL_ROW))));
    });
    f.emit(set(base, i32.add(get(base), i32.const(groupBytes))));
  });
}

/**
 * Function (unit, base, sum): the sum of the four columns at `base` for the unit whose entry in the table of lists is
 * at the address `unit`, set to 0 if all errors of the steps with a spike are 0. The check adds the bits of the errors
 * as integers, which leaves no residue. Only a sum as small as a residue is replaced, so other errors whose bits add
 * up to 0 cause at most a rounding error.
 */
function clearFunction(module: ModuleBuilder, steps: number): number {
  return module.once(`clear residue ${steps}`, () => {
    const signature = { parameters: [TYPE.i32, TYPE.i32, TYPE.v128], results: [TYPE.v128] };
    return module.function(signature, (f, ...parameters) => {
      const [unit, base, given] = parameters as [number, number, number];
      const { added, subtracted } = listsOfUnit(f, unit);
      const { bytes, load } = rowNumbers(steps);
      const rowOf = (number: Code): Code => i32.add(get(base), i32.mul(number, i32.const(PANEL_ROW)));
      const error = f.v128();
      const bits = f.let(TYPE.v128, i32x4.const(0));
      const removed = f.let(TYPE.v128, f32x4.const(0));
      // Twice the bits, so that 0 and -0 are equal.
      const twice = i32x4.shl(get(error), i32.const(1));
      f.range(get(subtracted.from), get(subtracted.to), bytes, (entry) => {
        f.emit(set(error, v128.load(0, rowOf(load(0, get(entry))))));
        f.emit(set(removed, f32x4.add(get(removed), f32x4.abs(get(error)))));
        f.emit(set(bits, i32x4.sub(get(bits), twice)));
      });
      const listed = i32.sub(get(subtracted.to), get(subtracted.from));
      const count = f.let(TYPE.i32, i32.shrU(listed, i32.const(Math.log2(bytes))));
      const small = f.let(TYPE.v128, smallLanes(get(given), residueOfSizes(get(removed), count)));
      f.if(i32.eqz(v128.anyTrue(get(small))), () => f.emit(leave(get(given))));
      const addRow = (row: Code): void => f.emit(set(error, v128.load(0, row)), set(bits, i32x4.add(get(bits), twice)));
      f.range(get(added.from), get(added.to), bytes, (entry) => {
        const number = f.let(TYPE.i32, load(0, get(entry)));
        const row = f.let(TYPE.i32, rowOf(get(number)));
        const isSum = i32.eq(i32.remU(get(number), i32.const(packedRows(steps))), i32.const(steps));
        f.ifElse(
          isSum,
          () => f.range(i32.sub(get(row), i32.const(steps * PANEL_ROW)), get(row), PANEL_ROW, (at) => addRow(get(at))),
          () => addRow(get(row)),
        );
      });
      const isZero = v128.and(get(small), i32x4.eq(get(bits), i32x4.const(0)));
      f.emit(v128.andnot(get(given), isZero));
    });
  });
}

/** Sets the slice of every row, from the address in local `base`, to zero. */
function clearRows(f: FunctionBuilder, base: number, rows: number, registers: number): void {
  f.range(get(base), i32.add(get(base), i32.const(rows * PANEL_ROW)), PANEL_ROW, (row) => {
    for (let j = 0; j < registers; j++) f.emit(v128.store(16 * j, get(row), f32x4.const(0)));
  });
}
