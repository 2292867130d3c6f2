import { chooseByConditions } from "../../../../equations/analysis/differentiate.js";
import { freeSymbols } from "../../../../equations/language/expression.js";
import type { Encode } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { portableLanes } from "../codegen/portable-lanes.js";
import { hoist, keepConstants } from "../codegen/unit-groups.js";
import { unitsInOrder } from "../spikes/index-lists.js";
import { listSpikes } from "../spikes/spike-deltas.js";
import {
  eachPixelGroup,
  eachStep,
  type Group,
  groupEncoder,
  parameterCodes,
  spikeWriter,
  stepKeys,
  valueWriter,
} from "./groups.js";

/**
 * Encodes pixels that change from step to step. Formulas are evaluated like those of `encode`. `bits` names the
 * workspace for spikes.
 */
export function encodeInTime(context: KernelContext, name: string, encoding: Encode, bits: string | undefined): void {
  const { encoder } = encoding;
  const from = context.signal(encoding.from);
  const to = context.signal(encoding.to);
  const given = encoding.before === undefined ? undefined : context.signal(encoding.before);
  const formula = chooseByConditions(encoder.formulas).value!;
  const used = freeSymbols([formula]);
  const remembers = used.includes("x_before");
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const pixels = f.let(TYPE.i32, block.sample(from, get(b)));
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      const bitmap = bits === undefined ? undefined : f.let(TYPE.i32, block.sample(context.signal(bits), get(b)));
      const write = bitmap === undefined ? valueWriter(f, to, target) : spikeWriter(f, to, bitmap);
      const constants = keepConstants(f, context, [formula], portableLanes(context.portable));
      const fixed = hoist(f, context, parameterCodes(encoder), [formula], constants);
      const encodeGroup = groupEncoder(f, context, { formula, to, write });
      // Without given values, the first step reads its own and clears them.
      const before = f.let(TYPE.i32, given === undefined ? get(pixels) : block.sample(given, get(b)));
      const exists = f.let(TYPE.v128, i32x4.splat(i32.const(given === undefined ? 0 : -1)));
      const withBefore = (group: Group): Group => {
        const address = i32.add(get(before), get(group.at));
        const [low, high] = [0, 16].map((offset) => v128.and(v128.load(offset, address), get(exists)));
        return { ...group, before: [low!, high!] };
      };
      eachStep(f, to, (at) => {
        const keys = used.includes("u") ? stepKeys(f, context, encoding.stream, b, at) : undefined;
        eachPixelGroup(f, from.width, pixels, (group) =>
          encodeGroup(at, remembers ? withBefore(group) : group, [fixed, fixed], keys),
        );
        f.emit(set(before, get(pixels)), set(exists, i32x4.splat(i32.const(-1))));
        f.emit(set(pixels, i32.add(get(pixels), i32.const(from.rowBytes))));
      });
      if (bitmap === undefined) return;
      const groups = i32.const(Math.ceil(to.width / 8));
      listSpikes(f, context.listTables, to, { bits: bitmap, spikes: target, groups, units: () => unitsInOrder(f) });
    });
  });
}
