import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, v128 } from "../../wasm/instructions.js";
import { eachGroup, type KernelContext, sampleKernel, synapseKernel } from "../codegen/kernel-context.js";

/**
 * Copies of tensors [1, columns] that hold one value per unit, for tensors with a value per channel: unit n has the value
 * of column n % columns. By name, the region of the copy and its number of units.
 */
export type RepeatedTensors = ReadonlyMap<string, { readonly region: string; readonly width: number }>;

/** The context in which a kernel finds the copies in place of their tensors. */
export const withRepeated = (context: KernelContext, repeated: RepeatedTensors): KernelContext => ({
  ...context,
  tensor(name) {
    const copy = repeated.get(name);
    if (copy === undefined) return context.tensor(name);
    return { address: context.region(copy.region), rows: 1, columns: copy.width, panelBytes: 0 };
  },
});

/** Copies a tensor of one row over and over into a region; items are copies. */
export function repeatTensor(context: KernelContext, name: string, tensor: string, region: string): void {
  const { address, columns } = context.tensor(tensor);
  const to = context.region(region);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (copy) => {
      const start = f.let(TYPE.i32, i32.mul(get(copy), i32.const(columns * 4)));
      f.range(i32.const(0), i32.const(columns * 4), 4, (column) => {
        f.emit(f32.store(to, i32.add(get(start), get(column)), f32.load(address, get(column))));
      });
    });
  });
}

/** Adds a tensor of one value per unit to every row of a signal. */
export function addPerUnit(context: KernelContext, name: string, to: string, tensor: string): void {
  const layout = context.signal(to);
  const { address: values } = context.tensor(tensor);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const sample = f.let(TYPE.i32, block.sample(layout, get(b)));
      const end: Code = i32.add(get(sample), i32.const(layout.rows * layout.rowBytes));
      f.range(get(sample), end, layout.rowBytes, (row) => {
        eachGroup(f, layout.width, (unit) => {
          const at = f.let(TYPE.i32, i32.add(get(row), get(unit)));
          for (const half of [16, 0]) {
            f.emit(v128.store(half, get(at), f32x4.add(v128.load(half, get(at)), v128.load(values + half, get(unit)))));
          }
        });
      });
    });
  });
}
