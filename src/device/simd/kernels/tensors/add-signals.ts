import type { Add } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import { eachGroup, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";

/** to = scale times the sum of signals of values; one of one row per sample applies to every step. */
export function addSignals(context: KernelContext, name: string, { from, scale, to: target }: Omit<Add, "op">): void {
  const terms = from.map((term) => context.signal(term));
  const to = context.signal(target);
  sampleKernel(context, name, (f, block) => {
    const sums = [f.v128(), f.v128()];
    block.each(f, (b) => {
      const sources = terms.map((term) => f.let(TYPE.i32, block.sample(term, get(b))));
      const row = f.let(TYPE.i32, block.sample(to, get(b)));
      f.range(i32.const(0), i32.const(to.rows), 1, () => {
        eachGroup(f, to.width, (unit) => {
          const at = (address: number): number => f.let(TYPE.i32, i32.add(get(address), get(unit)));
          sources.map(at).forEach((address, index) => {
            sums.forEach((sum, half) => {
              const value = v128.load(16 * half, get(address));
              f.emit(set(sum, index === 0 ? value : f32x4.add(get(sum), value)));
            });
          });
          const result = at(row);
          for (const half of [1, 0]) {
            const sum = get(sums[half]!);
            f.emit(v128.store(16 * half, get(result), scale === 1 ? sum : f32x4.mul(sum, f32x4.const(scale))));
          }
        });
        terms.forEach(({ rows, rowBytes }, index) => {
          if (rows > 1) f.emit(set(sources[index]!, i32.add(get(sources[index]!), i32.const(rowBytes))));
        });
        f.emit(set(row, i32.add(get(row), i32.const(to.rowBytes))));
      });
    });
  });
}
