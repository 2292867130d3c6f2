import {
  computedColumns,
  PANEL_COLUMNS,
  PANEL_ROW,
  packedGroups,
  packedRows,
  type TensorLayout,
} from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, leave, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { prefetch } from "../codegen/prefetch.js";
import { accumulateRows, storeSums } from "./gather-rows.js";
import { mayBeResidue, PANEL_BOUND, residueOfLargest, residueOfSizes } from "./residue.js";
import { listsOfUnit, rowNumbers, tableOf, UNIT_ENDS } from "./transposed-lists.js";

/** Pieces of work of `spikeWeightGradient`: slices of columns. */
export const gradientSlices = ({ columns }: Pick<TensorLayout, "columns">): number =>
  Math.ceil(computedColumns(columns) / PANEL_COLUMNS);

interface GradientOperands {
  readonly from: string;
  /** What `transposedLists` made of the spikes. */
  readonly lists: string;
  /** What `packErrors` left of the errors. */
  readonly packed: string;
  /** What it found to be the largest errors. */
  readonly largest: string;
  readonly to: string;
}

/**
 * gradient[i, :] = the sum of the errors of the rows (sample and step) in which input i spiked; items are slices of columns.
 * Group after group of samples, and input after input, the rows that its lists name are added up in registers: errors of
 * steps at which it fired against its baseline are added, those at which it was silent against it are subtracted, and where its baseline is to
 * fire, the sum of the sample's errors is added. Where that may leave a residue of rounding instead of 0, the errors of the steps
 * at which it fired are summed up directly.
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
  { from, lists, packed, largest, to, slice, registers }: SliceOperands,
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
      f.emit(set(bound, f32x4.pmax(get(bound), v128.load(bounds.address, at))));
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
          f.if(v128.anyTrue(mayBeResidue(sums.map(get), get(residue))), () => {
            const direct = directFunction(context.module, spikes.rows);
            sums.forEach((sum, j) => {
              const column = i32.add(get(base), i32.const(16 * j));
              const isSmall = v128.anyTrue(mayBeResidue([get(sum)], get(residue)));
              f.if(isSmall, () => f.emit(set(sum, call(direct, get(unit), column, get(sum)))));
            });
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
 * Function (unit, base, sum): the sum, for the four columns at `base`, of the errors of the steps at which a unit fired, whose place in
 * the table of lists is at the address `unit`; of a sample in which it has the baseline of firing, the steps at which it was not silent.
 * The `sum` itself where it is too large, next to what was removed from it, to be a residue.
 */
function directFunction(module: ModuleBuilder, steps: number): number {
  return module.once(`direct gradient ${steps}`, () => {
    const signature = { parameters: [TYPE.i32, TYPE.i32, TYPE.v128], results: [TYPE.v128] };
    return module.function(signature, (f, ...parameters) => {
      const [unit, base, given] = parameters as [number, number, number];
      const { added, subtracted } = listsOfUnit(f, unit);
      const { bytes, load } = rowNumbers(steps);
      const sum = f.let(TYPE.v128, f32x4.const(0));
      const row = f.i32();
      const rowOf = (number: Code): Code => i32.add(get(base), i32.mul(number, i32.const(PANEL_ROW)));
      const removed = f.let(TYPE.v128, f32x4.const(0));
      f.range(get(subtracted.from), get(subtracted.to), bytes, (entry) => {
        f.emit(set(removed, f32x4.add(get(removed), f32x4.abs(v128.load(0, rowOf(load(0, get(entry))))))));
      });
      const listed = i32.sub(get(subtracted.to), get(subtracted.from));
      const count = f.let(TYPE.i32, i32.shrU(listed, i32.const(Math.log2(bytes))));
      const isSmall = v128.anyTrue(mayBeResidue([get(given)], residueOfSizes(get(removed), count)));
      f.if(i32.eqz(isSmall), () => f.emit(leave(get(given))));
      const add = (): void => {
        f.emit(
          set(sum, f32x4.add(get(sum), v128.load(0, get(row)))),
          set(row, i32.add(get(row), i32.const(PANEL_ROW))),
        );
      };
      /** Adds the rows from `row` to before the one at the address in a local. */
      const addTo = (end: number): void => f.while(i32.ltU(get(row), get(end)), add);
      // What is subtracted is listed from the last to the first.
      const silent = f.let(TYPE.i32, i32.sub(get(subtracted.to), i32.const(bytes)));
      f.range(get(added.from), get(added.to), bytes, (entry) => {
        const number = f.let(TYPE.i32, load(0, get(entry)));
        f.emit(set(row, rowOf(get(number))));
        const isSum = i32.eq(i32.remU(get(number), i32.const(packedRows(steps))), i32.const(steps));
        const steady = (): void => {
          f.emit(set(row, i32.sub(get(row), i32.const(steps * PANEL_ROW))));
          const isSilent = i32.and(
            i32.geU(get(silent), get(subtracted.from)),
            i32.ltU(load(0, get(silent)), get(number)),
          );
          f.while(isSilent, () => {
            const gap = f.let(TYPE.i32, rowOf(load(0, get(silent))));
            addTo(gap);
            f.emit(set(row, i32.add(get(gap), i32.const(PANEL_ROW))));
            f.emit(set(silent, i32.sub(get(silent), i32.const(bytes))));
          });
          addTo(f.let(TYPE.i32, rowOf(get(number))));
        };
        f.ifElse(isSum, steady, add);
      });
      f.emit(get(sum));
    });
  });
}

/** Sets the slice of every row, from the address in local `base` on, to zero. */
function clearRows(f: FunctionBuilder, base: number, rows: number, registers: number): void {
  f.range(get(base), i32.add(get(base), i32.const(rows * PANEL_ROW)), PANEL_ROW, (row) => {
    for (let j = 0; j < registers; j++) f.emit(v128.store(16 * j, get(row), f32x4.const(0)));
  });
}
