import { computedColumns, PANEL_COLUMNS, PANEL_ROW } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "./context.js";

/**
 * Copies the errors of a block of samples, for sums over the batch: panel after panel of 32 columns, each with the block's rows
 * end to end, those of a sample followed by their sum. The copy leaves the thread's cache in order, line by line, which the
 * adjoint scan itself could not do, and a panel of it lies on few pages.
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
    const source = f.let(TYPE.i32, block.sample(from, get(block.b0)));
    const panel = f.let(TYPE.i32, block.sample(to, get(block.b0)));
    const columns = computedColumns(from.width);
    const full = Math.floor(columns / PANEL_COLUMNS);
    const copy = (registers: number): void => {
      const sums = Array.from({ length: registers }, () => f.v128());
      const row = f.let(TYPE.i32, get(source));
      const target = f.let(TYPE.i32, get(panel));
      const value = f.v128();
      block.each(f, () => {
        for (const sum of sums) f.emit(set(sum, f32x4.const(0)));
        f.range(i32.const(0), i32.const(from.rows), 1, () => {
          sums.forEach((sum, j) => {
            f.emit(set(value, v128.load(16 * j, get(row))), v128.store(16 * j, get(target), get(value)));
            f.emit(set(sum, f32x4.add(get(sum), get(value))));
          });
          f.emit(set(row, i32.add(get(row), i32.const(from.rowBytes))));
          f.emit(set(target, i32.add(get(target), i32.const(PANEL_ROW))));
        });
        sums.forEach((sum, j) => {
          f.emit(v128.store(16 * j, get(target), get(sum)));
        });
        f.emit(set(target, i32.add(get(target), i32.const(PANEL_ROW))));
      });
      f.emit(set(source, i32.add(get(source), i32.const(PANEL_ROW))));
      f.emit(set(panel, i32.add(get(panel), i32.const(panelBytes))));
    };
    f.range(i32.const(0), i32.const(full), 1, () => copy(PANEL_ROW / 16));
    if (columns > full * PANEL_COLUMNS) copy((columns - full * PANEL_COLUMNS) / 4);
  });
}
