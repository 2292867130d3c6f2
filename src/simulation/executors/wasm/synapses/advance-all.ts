import { type Code, TYPE } from "../../../../device/simd/wasm/encoding.js";
import { drop, get, i32, select, set } from "../../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../../device/simd/wasm/module.js";
import { symbol } from "../../../../equations/language/expression.js";
import { atPresent, OWNERS, type Owner } from "../../event-driven/event-plan.js";
import { LONGEST_GAP } from "./layout.js";
import { loadSignal, Prepared, type SynapseContext, SynapseLanes } from "./synapse-code.js";

/** Advances every value that changes between events to this step, if its powers end here, or the signal changes. */
export function advanceAll(f: FunctionBuilder, step: number, context: SynapseContext): void {
  const { signal } = context.projection.model;
  const { usesSignal } = context.projection.plan;
  const isEnd = i32.eqz(i32.and(get(step), i32.const(LONGEST_GAP - 1)));
  const changes = usesSignal && signal.values.length > 1;
  const isDue = changes ? i32.or(isEnd, i32.eqz(i32.remU(get(step), i32.const(signal.stepsPerRow)))) : isEnd;
  const { thread, barrier } = context;
  // Synapses are shared out by their number here, and by their neuron everywhere else.
  const meet = (): void => {
    if (barrier !== undefined) f.emit(drop(barrier(thread)));
  };
  f.if(isDue, () => {
    meet();
    for (const owner of OWNERS) advanceOwner(f, step, context, owner);
    meet();
  });
}

/** The elements that a thread advances: those of its own copy, or a part of all. */
function rangeOf({ layout, thread }: SynapseContext, owner: Owner): { from: Code; to: Code } {
  const size = layout.sizes[owner];
  if (owner === "pre" || thread.count === 1) return { from: i32.const(0), to: i32.const(size) };
  const each = Math.ceil(size / thread.count);
  const start = (number: Code): Code => i32.mul(number, i32.const(each));
  const bounded = (at: Code): Code => select(at, i32.const(size), i32.ltU(at, i32.const(size)));
  return { from: bounded(start(get(thread.number))), to: bounded(start(i32.add(get(thread.number), i32.const(1)))) };
}

function advanceOwner(f: FunctionBuilder, step: number, context: SynapseContext, owner: Owner): void {
  const { plan } = context.projection;
  const group = plan.groups[owner];
  if (group.length === 0) return;
  const prepared = new Prepared(f);
  const formulas = prepared.formulas(atPresent(plan, Object.fromEntries(group.map((name) => [name, symbol(name)]))));
  const given = new Map<string, Code>(prepared.locals);
  if (plan.usesSignal) given.set("signal", loadSignal(f, context, get(step)));
  const { from, to } = rangeOf(context, owner);
  const element = f.let(TYPE.i32, from);
  const end = f.let(TYPE.i32, to);
  f.while(i32.ltU(get(element), get(end)), () => {
    const lanes = new SynapseLanes(f, context, { [owner]: { lanes: [element] } }, get(step), given);
    const values = Object.entries(formulas).map(
      ([name, e]) => [name, get(f.let(TYPE.v128, lanes.emitter.value(e)))] as const,
    );
    for (const [name, value] of values) f.emit(lanes.store(name, value));
    f.emit(lanes.storeLast(owner), set(element, i32.add(get(element), i32.const(1))));
  });
}
