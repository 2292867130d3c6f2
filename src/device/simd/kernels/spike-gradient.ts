import { computedColumns, PANEL_COLUMNS, PANEL_ROW, packedGroups, type TensorPlace } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "./context.js";
import { addListedRows, loadSums, storeSums } from "./listed-rows.js";
import { prefetch } from "./prefetch.js";
import { listsOfUnit, rowNumbers, tableOf, UNIT_ENDS } from "./unit-lists.js";

/** Pieces of work of `spikeWeightGradient`: slices of columns. */
export const gradientSlices = ({ columns }: Pick<TensorPlace, "columns">): number =>
  Math.ceil(computedColumns(columns) / PANEL_COLUMNS);

interface GradientOperands {
  readonly from: string;
  /** What `unitLists` made of the spikes. */
  readonly lists: string;
  /** What `packErrors` left of the errors. */
  readonly packed: string;
  readonly to: string;
}

/**
 * gradient[i, :] = the sum of the errors of the rows (sample and step) in which input i spiked; items are slices of columns.
 * Group after group of samples, and input after input, the rows that its lists name are added up in registers: errors of
 * steps at which it fired against its habit are added, those at which it was silent against it are subtracted, and where its habit is to
 * fire, the sum of the sample's errors is added.
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
  { from, lists, packed, to, slice, registers }: SliceOperands,
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
  const count = i32.divU(i32.add(runSamples(), i32.const(errors.together - 1)), i32.const(errors.together));
  f.range(i32.const(0), count, 1, (group) => {
    const ends = f.let(TYPE.i32, tableOf(context, lists, spikes, group));
    const row = f.let(TYPE.i32, get(gradient));
    prefetch(f, base, panelBytes);
    f.range(get(ends), i32.add(get(ends), i32.const(spikes.width * UNIT_ENDS)), UNIT_ENDS, (unit) => {
      const { added, subtracted } = listsOfUnit(f, unit);
      f.if(i32.ne(get(added.from), get(subtracted.to)), () => {
        loadSums(f, sums, row);
        addListedRows(f, sums, added, rows, "add");
        addListedRows(f, sums, subtracted, rows, "sub");
        storeSums(f, sums, row);
      });
      f.emit(set(row, i32.add(get(row), i32.const(PANEL_ROW))));
    });
    f.emit(set(base, i32.add(get(base), i32.const(groupBytes))));
  });
}

/** Sets the slice of every row, from the address in local `base` on, to zero. */
function clearRows(f: FunctionBuilder, base: number, rows: number, registers: number): void {
  f.range(get(base), i32.add(get(base), i32.const(rows * PANEL_ROW)), PANEL_ROW, (row) => {
    for (let j = 0; j < registers; j++) f.emit(v128.store(16 * j, get(row), f32x4.const(0)));
  });
}
