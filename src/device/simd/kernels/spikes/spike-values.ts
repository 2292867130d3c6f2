import { TYPE } from "../../wasm/encoding.js";
import { f32, get, i32, set } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { clear } from "../tensors/clear.js";
import { baselineList, eachSpike, eachStep, type ListEnds } from "./index-lists.js";

/** Writes spikes as values, 0 and 1. */
export function spikeValues(context: KernelContext, name: string, { from, to }: { from: string; to: string }): void {
  const source = context.signal(from);
  const target = context.signal(to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const spikes = f.let(TYPE.i32, block.sample(source, get(b)));
      const row = f.let(TYPE.i32, block.sample(target, get(b)));
      const write = (list: ListEnds, value: number): void =>
        eachSpike(f, source, list, (unit) => {
          f.emit(f32.store(0, i32.add(get(row), i32.shl(get(unit), i32.const(2))), f32.const(value)));
        });
      const baseline = baselineList(f, source, spikes);
      eachStep(f, spikes, { first: 0, last: source.rows }, ({ added, removed }) => {
        clear(f, row, target.rowBytes);
        write(baseline, 1);
        write(added, 1);
        write(removed, 0);
        f.emit(set(row, i32.add(get(row), i32.const(target.rowBytes))));
      });
    });
  });
}
