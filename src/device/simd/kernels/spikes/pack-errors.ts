import { computedColumns, PANEL_COLUMNS, PANEL_ROW, packedGroups } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { inPairs, upperFirst } from "../codegen/unit-groups.js";
import { storeSums } from "./gather-rows.js";
import { boundOffset } from "./residue.js";

/**
 * Copies the errors of a block of samples, for sums over the batch: by group of samples (see `transposedLists`), in it
 * by panel of 32 columns, and in it the rows of the group's samples, contiguous, each sample followed by its sum. The
 * copy leaves the thread's cache in sequential order, which the adjoint scan itself could not achieve, and a panel of
 * it covers few pages. `largest` receives, per sample and panel, the largest absolute errors of columns 0, 8, 16 ...,
 * of 1, 9, 17 ... and so on.
 */
export function packErrors(
  context: KernelContext,
  name: string,
  { error, packed, largest }: { error: string; packed: string; largest: string },
): void {
  const from = context.signal(error);
  const to = context.signal(packed);
  const bounds = context.signal(largest);
  const { groupBytes, panelBytes, sampleBytes } = packedGroups(to);
  sampleKernel(context, name, (f, block) => {
    const columns = computedColumns(from.width);
    const full = Math.floor(columns / PANEL_COLUMNS);
    const panel = f.let(TYPE.i32, i32.const(to.address));
    const column = f.let(TYPE.i32, i32.const(0));
    const copy = (registers: number): void => {
      block.each(f, (b) => {
        const sums = Array.from({ length: registers }, () => f.let(TYPE.v128, f32x4.const(0)));
        const group = i32.mul(i32.divU(get(b), i32.const(to.together)), i32.const(groupBytes));
        const within = i32.mul(i32.remU(get(b), i32.const(to.together)), i32.const(sampleBytes));
        const target = f.let(TYPE.i32, i32.add(get(panel), i32.add(group, within)));
        const row = f.let(TYPE.i32, i32.add(block.sample(from, get(b)), get(column)));
        const values = [f.v128(), f.v128()];
        const most = values.map(() => f.let(TYPE.v128, f32x4.const(0)));
        f.range(i32.const(0), i32.const(from.rows), 1, () => {
          inPairs(sums, (pair, first) => {
            pair.forEach((_, i) => {
              f.emit(set(values[i]!, v128.load(16 * (first + i), get(row))));
            });
            upperFirst(pair, (_, i) => f.emit(v128.store(16 * (first + i), get(target), get(values[i]!))));
            pair.forEach((sum, i) => {
              f.emit(set(sum, f32x4.add(get(sum), get(values[i]!))));
              f.emit(set(most[i]!, f32x4.pmax(get(most[i]!), f32x4.abs(get(values[i]!)))));
            });
          });
          f.emit(set(row, i32.add(get(row), i32.const(from.rowBytes))));
          f.emit(set(target, i32.add(get(target), i32.const(PANEL_ROW))));
        });
        storeSums(f, sums, target);
        const at = f.let(TYPE.i32, i32.add(block.sample(bounds, get(b)), boundOffset(get(column))));
        storeSums(f, most, at);
      });
      f.emit(set(column, i32.add(get(column), i32.const(PANEL_ROW))));
      f.emit(set(panel, i32.add(get(panel), i32.const(panelBytes))));
    };
    f.range(i32.const(0), i32.const(full), 1, () => copy(PANEL_ROW / 16));
    if (columns > full * PANEL_COLUMNS) copy((columns - full * PANEL_COLUMNS) / 4);
  });
}
