import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorPlace } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, whenElse } from "../wasm/instructions.js";
import { type KernelContext, runSamples, synapseKernel } from "./context.js";
import { addSignedRows, loadSums, storeSums } from "./listed-rows.js";

/** Most inputs whose sums are worked on together: their slice of the gradient streams through the caches once a block. */
const INPUTS = 512;

/** Pieces of work of `spikeWeightGradient`: slices of columns, each in one or a few parts of the inputs. */
export const gradientPieces = ({ rows, columns }: Pick<TensorPlace, "rows" | "columns">): number =>
  Math.ceil(computedColumns(columns) / PANEL_COLUMNS) * Math.ceil(rows / INPUTS);

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
  const full = Math.floor(columns / PANEL_COLUMNS);
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
      const whole = (): void => sum(PANEL_COLUMNS / 4);
      const rest = (): void => sum((columns - full * PANEL_COLUMNS) / 4);
      if (full * PANEL_COLUMNS === columns) whole();
      else f.ifElse(i32.ltU(get(slice), i32.const(full)), whole, rest);
    });
  });
}
