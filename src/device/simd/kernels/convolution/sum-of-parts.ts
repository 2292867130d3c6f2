import { computedColumns, PANEL_COLUMNS, PANEL_ROW } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import { type KernelContext, synapseKernel } from "../codegen/kernel-context.js";

/** A tensor as the sum of its parts in a region, in order; items are panels of 32 columns. */
export function sumOfParts(
  context: KernelContext,
  name: string,
  { partial, to, parts }: { partial: string; to: string; parts: number },
): void {
  const { address, rows, columns, panelBytes } = context.tensor(to);
  const panels = Math.ceil(computedColumns(columns) / PANEL_COLUMNS);
  const bytes = rows * PANEL_ROW;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (panel) => {
      const source = i32.add(i32.const(context.region(partial)), i32.mul(get(panel), i32.const(bytes)));
      const part = f.let(TYPE.i32, source);
      const target = f.let(TYPE.i32, i32.add(i32.const(address), i32.mul(get(panel), i32.const(panelBytes))));
      const sum = f.v128();
      f.range(i32.const(0), i32.const(bytes), 16, () => {
        f.emit(set(sum, v128.load(0, get(part))));
        for (let k = 1; k < parts; k++) {
          f.emit(set(sum, f32x4.add(get(sum), v128.load(k * panels * bytes, get(part)))));
        }
        f.emit(v128.store(0, get(target), get(sum)));
        f.emit(set(part, i32.add(get(part), i32.const(16))), set(target, i32.add(get(target), i32.const(16))));
      });
    });
  });
}
