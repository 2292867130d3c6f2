import { TYPE } from "../../wasm/encoding.js";
import { get, i32 } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { unitsInOrder } from "../spikes/index-lists.js";
import { listSpikes } from "../spikes/spike-deltas.js";

/** Lists the spikes of an input from the bits that the host has written. */
export function spikeInput(
  context: KernelContext,
  name: string,
  signals: { readonly bits: string; readonly to: string },
): void {
  const given = context.signal(signals.bits);
  const to = context.signal(signals.to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const bits = f.let(TYPE.i32, block.sample(given, get(b)));
      const spikes = f.let(TYPE.i32, block.sample(to, get(b)));
      const groups = i32.const(Math.ceil(to.width / 8));
      listSpikes(f, context.listTables, to, { bits, spikes, groups, units: () => unitsInOrder(f) });
    });
  });
}
