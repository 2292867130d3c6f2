import { f64, f64x2 } from "../../../../device/simd/wasm/doubles.js";
import { TYPE } from "../../../../device/simd/wasm/encoding.js";
import { get, i32, set } from "../../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../../device/simd/wasm/module.js";
import { symbol } from "../../../../equations/language/expression.js";
import { atPresent } from "../../event-driven/event-plan.js";
import { isOwn, ownNumber } from "../threads/ranges.js";
import { loadSignal, Prepared, type SynapseContext, SynapseLanes } from "./synapse-code.js";

/** Records the part of a row of a variable of synapses that ends at the thread's own neurons, if this step is due. Nothing is advanced, so that recording changes nothing. */
export function recordSynapses(f: FunctionBuilder, step: number, context: SynapseContext, recorder: number): void {
  const { projection } = context;
  const { variable, synapses, every } = projection.recorders[recorder]!.model;
  const to = context.layout.recorders[recorder]!;
  const { derived } = projection.model.kernel;
  const shown = Object.hasOwn(derived, variable) ? derived[variable]! : symbol(variable);
  f.if(i32.eqz(i32.remU(get(step), i32.const(every))), () => {
    const prepared = new Prepared(f);
    const { value } = prepared.formulas(atPresent(projection.plan, { value: shown }));
    const given = new Map(prepared.locals);
    if (projection.plan.usesSignal) given.set("signal", loadSignal(f, context, get(step)));
    const { thread } = context;
    const own = i32.shl(ownNumber(thread), i32.const(2));
    const rows = f.let(TYPE.i32, i32.load(to.rows, own));
    const end = f.let(TYPE.i32, i32.mul(get(rows), i32.const(8 * synapses.length)));
    f.range(i32.const(0), i32.const(4 * synapses.length), 4, (at) => {
      const element = (address: number) => ({ lanes: [f.let(TYPE.i32, i32.load(address, get(at)))] });
      const places = { synapse: element(to.synapse), pre: element(to.pre), post: element(to.post) };
      const write = (): void => {
        const lanes = new SynapseLanes(f, context, places, get(step), given);
        f.emit(f64.store(to.values, get(end), f64x2.extract(0, lanes.emitter.value(value!))));
      };
      const isRecorded = isOwn(get(places.post.lanes[0]!), thread, context.ends.post.population);
      if (isRecorded === undefined) write();
      else f.if(isRecorded, write);
      f.emit(set(end, i32.add(get(end), i32.const(8))));
    });
    f.emit(i32.store(to.rows, own, i32.add(get(rows), i32.const(1))));
  });
}
