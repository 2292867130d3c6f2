import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorPlace } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "./context.js";
import { addToListedRows, loadSums } from "./listed-rows.js";
import { eachStep, habitList, type ListEnds } from "./spike-list.js";

/** Pieces of work of `spikeWeightGradient`: slices of columns. */
export const gradientSlices = ({ columns }: Pick<TensorPlace, "columns">): number =>
  Math.ceil(computedColumns(columns) / PANEL_COLUMNS);

interface GradientOperands {
  readonly from: string;
  /** What `packErrors` left of the errors. */
  readonly packed: string;
  readonly to: string;
  /** Whether the spikes of step t meet the error of step t + 1. */
  readonly delayed: boolean;
}

/**
 * gradient[i, :] = the sum of the errors of the rows (sample and step) in which input i spiked; items are slices of columns.
 * Row after row, the slice of its error is held in registers and added to those of the inputs that fired against their habit,
 * and subtracted from those that were silent against it; inputs whose habit it is to fire get the sum of the sample's errors.
 * Each sum is taken by one thread in order of the rows.
 */
export function spikeWeightGradient(context: KernelContext, name: string, operands: GradientOperands): void {
  const matrix = context.tensor(operands.to);
  const columns = computedColumns(matrix.columns);
  const full = Math.floor(columns / PANEL_COLUMNS);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (slice) => {
      const whole = (): void => sumSlice(f, context, operands, slice, PANEL_COLUMNS / 4);
      const rest = (): void => sumSlice(f, context, operands, slice, (columns - full * PANEL_COLUMNS) / 4);
      if (full * PANEL_COLUMNS === columns) whole();
      else f.ifElse(i32.ltU(get(slice), i32.const(full)), whole, rest);
    });
  });
}

function sumSlice(
  f: FunctionBuilder,
  context: KernelContext,
  { from, packed, to, delayed }: GradientOperands,
  slice: number,
  registers: number,
): void {
  const spikes = context.signal(from);
  const errors = context.signal(packed);
  const matrix = context.tensor(to);
  const panelBytes = context.blockSamples * errors.rows * PANEL_ROW;
  const panel = i32.mul(get(slice), i32.const(matrix.panelBytes));
  const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), panel));
  clearRows(f, base, matrix.rows, registers);

  const error = Array.from({ length: registers }, () => f.v128());
  const add = (list: ListEnds, combine: "add" | "sub"): void =>
    addToListedRows(f, error, list, { base, rowBytes: PANEL_ROW }, combine);
  const sample = f.let(TYPE.i32, i32.const(spikes.address));
  const end = f.let(TYPE.i32, i32.add(get(sample), i32.mul(runSamples(), i32.const(spikes.sampleBytes))));
  const block = f.let(TYPE.i32, i32.add(i32.const(errors.address), i32.mul(get(slice), i32.const(panelBytes))));
  f.while(i32.ltU(get(sample), get(end)), () => {
    const row = f.let(TYPE.i32, get(block));
    f.range(i32.const(0), i32.const(context.blockSamples), 1, () => {
      // The last block may have fewer samples.
      f.if(i32.ltU(get(sample), get(end)), () => {
        const sum = f.let(TYPE.i32, i32.add(get(row), i32.const(spikes.rows * PANEL_ROW)));
        loadSums(f, error, sum);
        if (delayed) {
          // The first step's error meets nothing, but is part of the sum.
          error.forEach((local, j) => {
            f.emit(set(local, f32x4.sub(get(local), v128.load(16 * j, get(row)))));
          });
        }
        add(habitList(f, spikes, sample), "add");
        if (delayed) f.emit(set(row, i32.add(get(row), i32.const(PANEL_ROW))));
        eachStep(f, sample, { first: 0, last: delayed ? spikes.rows - 1 : spikes.rows }, ({ fired, silent }) => {
          loadSums(f, error, row);
          add(fired, "add");
          add(silent, "sub");
          f.emit(set(row, i32.add(get(row), i32.const(PANEL_ROW))));
        });
        f.emit(set(row, i32.add(get(sum), i32.const(PANEL_ROW))));
        f.emit(set(sample, i32.add(get(sample), i32.const(spikes.sampleBytes))));
      });
    });
    f.emit(set(block, i32.add(get(block), i32.const(errors.sampleBytes * context.blockSamples))));
  });
}

/** Sets the slice of every row, from the address in local `base` on, to zero. */
function clearRows(f: FunctionBuilder, base: number, rows: number, registers: number): void {
  f.range(get(base), i32.add(get(base), i32.const(rows * PANEL_ROW)), PANEL_ROW, (row) => {
    for (let j = 0; j < registers; j++) f.emit(v128.store(16 * j, get(row), f32x4.const(0)));
  });
}
