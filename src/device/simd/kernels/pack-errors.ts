import { computedColumns, PANEL_COLUMNS, PANEL_ROW } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { get, i32, set, v128 } from "../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "./context.js";

/**
 * Copies the errors of a block of samples, for sums over the batch: panel after panel of 32 columns, each with the block's rows
 * end to end. The copy leaves the thread's cache in order, line by line, which the adjoint scan itself could not do, and a
 * panel of it lies on few pages.
 */
export function packErrors(
  context: KernelContext,
  name: string,
  { error, packed }: { error: string; packed: string },
): void {
  const from = context.signal(error);
  const to = context.signal(packed);
  const panelBytes = context.blockSamples * to.rows * PANEL_ROW;
  sampleKernel(context, name, (f, block) => {
    const first = get(block.b0);
    const source = f.let(TYPE.i32, block.sample(from, first));
    const target = f.let(TYPE.i32, block.sample(to, first));
    const rows = i32.mul(i32.sub(get(block.b1), first), i32.const(from.rows));
    const size = f.let(TYPE.i32, i32.mul(rows, i32.const(PANEL_ROW)));
    const columns = computedColumns(from.width);
    const full = Math.floor(columns / PANEL_COLUMNS);
    const copy = (registers: number): void => {
      const row = f.let(TYPE.i32, get(source));
      f.range(get(target), i32.add(get(target), get(size)), PANEL_ROW, (at) => {
        for (let j = 0; j < registers; j++) f.emit(v128.store(16 * j, get(at), v128.load(16 * j, get(row))));
        f.emit(set(row, i32.add(get(row), i32.const(from.rowBytes))));
      });
      f.emit(set(source, i32.add(get(source), i32.const(PANEL_ROW))));
      f.emit(set(target, i32.add(get(target), i32.const(panelBytes))));
    };
    f.range(i32.const(0), i32.const(full), 1, () => copy(PANEL_ROW / 16));
    if (columns > full * PANEL_COLUMNS) copy((columns - full * PANEL_COLUMNS) / 4);
  });
}
