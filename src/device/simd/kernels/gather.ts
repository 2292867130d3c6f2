import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { branchIf, f32x4, get, i32, set, v128, whenElse } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type Block, columnOffset, type KernelContext, runSamples, sampleKernel, synapseKernel } from "./context.js";
import { eachSlice } from "./sparse-product.js";
import { type ListEnds, rowLists, SIGNS } from "./spike-list.js";

/** Columns that are added up at a time: the eight registers of four that a row of a panel fills. */
const COLUMNS = PANEL_COLUMNS;
/** Rows in a turn of the inner loop. */
const UNROLL = 4;
/** Registers that are loaded together: with them and the sums, all sixteen registers of x86 but one are in use. */
const TOGETHER = 4;
/** The same where the sign of a row takes a register too. */
const TOGETHER_SIGNED = 4;

interface Rows {
  /** Local with the address of the slice in row 0. */
  readonly base: number;
  readonly rowBytes: number;
}

/**
 * Adds rows to accumulators, or subtracts them: the rows whose numbers are listed, 16 bits each, from the address in local
 * `from` to the one in local `to`, in that order; `from` moves. Nothing is multiplied.
 */
function addListedRows(
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

/** The bit that tells a row to be subtracted from one to be added, in lists that hold both. */
export const SUBTRACT = 0x8000;

/** The same for a list of rows to be added and rows to be subtracted: the sums do not depend on how a list is cut in two. */
function addSignedRows(
  f: FunctionBuilder,
  sums: readonly number[],
  { from, to }: ListEnds,
  rows: Rows & { readonly shuffles: number },
): void {
  const entry = f.i32();
  const row = f.i32();
  const sign = f.v128();
  f.stride({ pointer: from, end: to, bytes: 2, unroll: UNROLL }, (k) => {
    f.emit(set(entry, i32.load16u(2 * k, get(from))));
    const index = i32.and(get(entry), i32.const(SUBTRACT - 1));
    f.emit(set(row, i32.add(get(rows.base), i32.mul(index, i32.const(rows.rowBytes)))));
    const minus = i32.and(i32.shrU(get(entry), i32.const(13)), i32.const(4));
    f.emit(set(sign, v128.load32Splat(rows.shuffles + SIGNS, minus)));
    sums.forEach((sum, j) => {
      if (j > 0 && j % TOGETHER_SIGNED === 0) f.emit(branchIf(1, i32.eq(get(row), i32.const(j))));
      f.emit(set(sum, f32x4.add(get(sum), v128.xor(get(sign), v128.load(16 * j, get(row))))));
    });
  });
}

/** Loads or stores the accumulators at the address in a local. */
const loadSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  sums.forEach((sum, j) => {
    f.emit(set(sum, v128.load(16 * j, get(at))));
  });
const storeSums = (f: FunctionBuilder, sums: readonly number[], at: number): void =>
  sums.forEach((sum, j) => {
    f.emit(v128.store(16 * j, get(at), get(sum)));
  });

/** Sets the accumulators to a slice of the bias, or to zero. */
function start(f: FunctionBuilder, sums: readonly number[], column: number, bias: TensorPlace | undefined): void {
  sums.forEach((sum, j) => {
    let value: Code = f32x4.const(0);
    if (bias?.columns === 1) value = v128.load32Splat(bias.address, i32.const(0));
    else if (bias !== undefined) value = v128.load(bias.address + 16 * j, get(column));
    f.emit(set(sum, value));
  });
}

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
  const offset = bias === undefined ? undefined : context.tensor(bias);
  sampleKernel(context, name, (f, block) => {
    eachSlice(f, matrix.columns, (column, registers) => {
      const sums = Array.from({ length: registers }, () => f.v128());
      const base = f.let(TYPE.i32, i32.add(i32.const(matrix.address), columnOffset(matrix, get(column))));
      block.each(f, (b) => {
        const counts = f.let(TYPE.i32, block.sample(input, get(b)));
        const list = f.let(TYPE.i32, i32.add(get(counts), i32.const(input.countsBytes)));
        const target = f.let(TYPE.i32, i32.add(block.sample(output, get(b)), get(column)));
        const rows = { base, rowBytes: PANEL_ROW };
        start(f, sums, column, offset);
        const habit = rowLists(
          f,
          input,
          i32.add(get(counts), i32.const(input.rows * 4)),
          i32.add(get(list), i32.const(input.rows * input.rowBytes)),
        );
        addListedRows(f, sums, habit.fired, rows);
        // The last row's place holds the sum of the habit until its own turn comes.
        const rest = f.let(TYPE.i32, i32.add(get(target), i32.const((input.rows - 1) * output.rowBytes)));
        storeSums(f, sums, rest);
        f.range(i32.const(0), i32.const(input.rows), 1, () => {
          const { fired, silent } = rowLists(f, input, get(counts), get(list));
          loadSums(f, sums, rest);
          addListedRows(f, sums, fired, rows);
          addListedRows(f, sums, silent, rows, "sub");
          storeSums(f, sums, target);
          f.emit(set(counts, i32.add(get(counts), i32.const(4))));
          f.emit(set(list, i32.add(get(list), i32.const(input.rowBytes))));
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
    addListedRows(f, sums, { from: entry, to }, { base, rowBytes: PANEL_ROW });
    sums.forEach((sum, j) => {
      f.emit(v128.store(16 * j, i32.add(get(target), get(column)), get(sum)));
    });
  });
}

/** Most inputs whose sums are worked on together: their slice of the gradient streams through the caches once a block. */
const INPUTS = 512;

/** Pieces of work of `spikeWeightGradient`: slices of columns, each in one or a few parts of the inputs. */
export const gradientPieces = ({ rows, columns }: Pick<TensorPlace, "rows" | "columns">): number =>
  Math.ceil(computedColumns(columns) / COLUMNS) * Math.ceil(rows / INPUTS);

/**
 * gradient[i, :] = the sum of the errors of the rows (sample and step) in which input i spiked; items are pieces (see
 * `gradientPieces`). Where firing is an input's habit, that is the sum of a sample's errors without those of the steps in which it
 * was silent. The lists are those that `transposeSpikes` left for every block of samples, the errors those that `packErrors` left;
 * each sum is taken by one thread in order of the rows.
 */
export function spikeWeightGradient(
  context: KernelContext,
  name: string,
  { lists, packed, to }: { lists: string; packed: string; to: string },
): void {
  const list = context.signal(lists);
  const errors = context.signal(packed);
  const matrix = context.tensor(to);
  const blockBytes = list.sampleBytes * context.blockSamples;
  const blockErrors = errors.sampleBytes * context.blockSamples;
  const panelBytes = context.blockSamples * errors.rows * PANEL_ROW;
  const parts = Math.ceil(matrix.rows / INPUTS);
  const inputs = Math.ceil(matrix.rows / parts);
  const columns = computedColumns(matrix.columns);
  const full = Math.floor(columns / COLUMNS);
  synapseKernel(context, name, (f, first, last) => {
    const allErrors = i32.mul(runSamples(), i32.const(errors.sampleBytes));
    f.range(get(first), get(last), 1, (item) => {
      const slice = f.let(TYPE.i32, i32.divU(get(item), i32.const(parts)));
      const input = f.let(TYPE.i32, i32.mul(i32.remU(get(item), i32.const(parts)), i32.const(inputs)));
      const count = f.let(TYPE.i32, i32.sub(i32.const(matrix.rows), get(input)));
      f.if(i32.gtU(get(count), i32.const(inputs)), () => f.emit(set(count, i32.const(inputs))));
      const corner = i32.add(
        i32.mul(get(slice), i32.const(matrix.panelBytes)),
        i32.mul(get(input), i32.const(PANEL_ROW)),
      );
      const firstRow = f.let(TYPE.i32, i32.add(i32.const(matrix.address), corner));
      const sum = (registers: number): void => {
        const sums = Array.from({ length: registers }, () => f.v128());
        const panel = i32.mul(get(slice), i32.const(panelBytes));
        const base = f.let(TYPE.i32, i32.add(i32.const(errors.address), panel));
        const end = f.let(TYPE.i32, i32.add(get(base), allErrors));
        const offsets = f.let(TYPE.i32, i32.add(i32.const(list.address), i32.shl(get(input), i32.const(2))));
        const entries = f.let(TYPE.i32, i32.const(list.address + list.countsBytes));
        const isFirst = f.let(TYPE.i32, i32.const(1));
        // Block by block, so that the slice of the block's errors stays in the first-level cache for all inputs.
        f.while(i32.ltU(get(base), get(end)), () => {
          const target = f.let(TYPE.i32, get(firstRow));
          const offset = f.let(TYPE.i32, get(offsets));
          f.range(i32.const(0), get(count), 1, () => {
            const from = f.let(TYPE.i32, i32.add(get(entries), i32.load(0, get(offset))));
            const to = f.let(TYPE.i32, i32.add(get(entries), i32.load(4, get(offset))));
            // Many inputs, the margins of an image above all, are in no list of a whole block.
            f.if(i32.or(get(isFirst), i32.ne(get(from), get(to))), () => {
              const zero = sums.flatMap((sum) => [...set(sum, f32x4.const(0))]);
              const present = f.capture(() => loadSums(f, sums, target));
              f.emit(whenElse(get(isFirst), zero, present));
              const rows = { base, rowBytes: PANEL_ROW, shuffles: context.shuffles };
              addSignedRows(f, sums, { from, to }, rows);
              storeSums(f, sums, target);
            });
            f.emit(set(target, i32.add(get(target), i32.const(PANEL_ROW))));
            f.emit(set(offset, i32.add(get(offset), i32.const(4))));
          });
          f.emit(set(isFirst, i32.const(0)));
          f.emit(set(offsets, i32.add(get(offsets), i32.const(blockBytes))));
          f.emit(set(entries, i32.add(get(entries), i32.const(blockBytes))));
          f.emit(set(base, i32.add(get(base), i32.const(blockErrors))));
        });
      };
      const whole = (): void => sum(COLUMNS / 4);
      const rest = (): void => sum((columns - full * COLUMNS) / 4);
      if (full * COLUMNS === columns) whole();
      else f.ifElse(i32.ltU(get(slice), i32.const(full)), whole, rest);
    });
  });
}

/** Where the transposed spikes of a block start. */
export const blockLists = (block: Block, context: KernelContext, lists: string): Code =>
  block.sample(context.signal(lists), get(block.b0));
