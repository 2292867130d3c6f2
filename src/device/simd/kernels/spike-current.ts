import { PANEL_ROW, type TensorPlace } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { get, i32, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { columnOffset, eachSlice, type KernelContext, sampleKernel } from "./context.js";
import { type Start, startOf } from "./gemm.js";
import { addListedRows, loadSums, storeSums, UNIT_NUMBERS } from "./listed-rows.js";
import { eachStep, habitList } from "./spike-list.js";

/**
 * to[b, t, :] = bias + the sum of the weight rows of the inputs that spiked: what the sample's habit adds up to, once, and for
 * every step what departs from it. Units that always fire cost nothing in a step.
 */
export function spikeCurrent(
  context: KernelContext,
  name: string,
  { from, weights, bias, to }: { from: string; weights: string; bias: string | undefined; to: string },
): void {
  const input = context.signal(from);
  const output = context.signal(to);
  const matrix = context.tensor(weights);
  const start: Start = bias === undefined ? "zero" : context.tensor(bias);
  sampleKernel(context, name, (f, block) => {
    eachSlice(f, matrix.columns, (column, registers) => {
      const sums = Array.from({ length: registers }, () => f.v128());
      const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
      block.each(f, (b) => {
        const spikes = f.let(TYPE.i32, block.sample(input, get(b)));
        const target = f.let(TYPE.i32, i32.add(block.sample(output, get(b)), get(column)));
        const rows = { base, rowBytes: PANEL_ROW, numbers: UNIT_NUMBERS };
        sums.forEach((sum, j) => {
          f.emit(set(sum, startOf(start, column, j)));
        });
        addListedRows(f, sums, habitList(f, input, spikes), rows);
        // The last row's place holds the sum of the habit until its own turn comes.
        const rest = f.let(TYPE.i32, i32.add(get(target), i32.const((input.rows - 1) * output.rowBytes)));
        storeSums(f, sums, rest);
        eachStep(f, spikes, { first: 0, last: input.rows }, ({ fired, silent }) => {
          loadSums(f, sums, rest);
          addListedRows(f, sums, fired, rows);
          addListedRows(f, sums, silent, rows, "sub");
          storeSums(f, sums, target);
          f.emit(set(target, i32.add(get(target), i32.const(output.rowBytes))));
        });
      });
    });
  });
}

/**
 * target row = source row + the sum of the matrix rows that a list names: the recurrent current of one step.
 * `source` and `target` are locals with addresses of rows, `from` and `to` locals with the ends of the list (`from` moves).
 */
export function addSpikes(
  f: FunctionBuilder,
  matrix: TensorPlace,
  { source, target, from, to }: { source: number; target: number; from: number; to: number },
): void {
  eachSlice(f, matrix.columns, (column, registers) => {
    const sums = Array.from({ length: registers }, () => f.v128());
    sums.forEach((sum, j) => {
      f.emit(set(sum, v128.load(16 * j, i32.add(get(source), get(column)))));
    });
    const entry = f.let(TYPE.i32, get(from));
    const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
    addListedRows(f, sums, { from: entry, to }, { base, rowBytes: PANEL_ROW, numbers: UNIT_NUMBERS });
    sums.forEach((sum, j) => {
      f.emit(v128.store(16 * j, i32.add(get(target), get(column)), get(sum)));
    });
  });
}
