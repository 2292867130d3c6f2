import { STREAM } from "../../../../random/counter.js";
import type { DropoutMask } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, v128 } from "../../wasm/instructions.js";
import { keepValid } from "../codegen/formulas.js";
import { eachGroup, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { draw, epoch, rowKeys, sampleId, seed } from "../codegen/random.js";
import { unitIndices } from "../spikes/index-lists.js";

/** Dropout mask: its value with probability `keep`, else 0, per unit of a sample. */
export function dropoutMask(context: KernelContext, name: string, operation: DropoutMask): void {
  const to = context.signal(operation.to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      const layer = i32.const(operation.layer);
      const keys = rowKeys(f, [seed(), i32.const(STREAM.dropout), epoch(), sampleId(context, b), layer]);
      eachGroup(f, to.width, (unit, valid) => {
        const units = unitIndices(unit);
        for (const half of [0, 1] as const) {
          const u = draw(f, keys, units, half);
          const value = v128.and(
            f32x4.const(operation.value ?? 1 / operation.keep),
            f32x4.lt(u, f32x4.const(operation.keep)),
          );
          const kept = keepValid(value, valid, 4 * half);
          f.emit(v128.store(16 * half, i32.add(get(target), get(unit)), kept));
        }
      });
    });
  });
}
