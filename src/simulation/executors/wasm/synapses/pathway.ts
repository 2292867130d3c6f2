import { type Code, TYPE } from "../../../../device/simd/wasm/encoding.js";
import { get, i32, set } from "../../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../../device/simd/wasm/module.js";
import { type Expression, type Formulas, freeSymbols, symbol } from "../../../../equations/language/expression.js";
import { atPresent, type Owner } from "../../event-driven/event-plan.js";
import { eachOwnSpike, eachSpike, wasSent } from "../spike-ring.js";
import { ownNumber } from "../threads/ranges.js";
import type { EventPathway, PathwayLayout } from "./layout.js";
import { type Elements, loadSignal, type Places, Prepared, type SynapseContext, SynapseLanes } from "./synapse-code.js";

/** Changes of the synapses and neurons of one pathway, sorted by the place where they are written. */
interface SortedChanges {
  /** Variables of the synapses. */
  readonly synapses: Formulas;
  /** States that the neuron of the spike has once for all its synapses. */
  readonly shared: Formulas;
  /** Values that are added to variables of neurons, and values that replace them. */
  readonly added: Formulas;
  readonly replaced: Formulas;
  /** True if a synapse reads what those before it have written. */
  readonly inOrder: boolean;
  /** Owners whose groups are written, so that the whole group must be advanced. */
  readonly advanced: readonly Owner[];
}

function sortChanges({ projection }: SynapseContext, { model: { side, changes } }: EventPathway): SortedChanges {
  const { plan, model } = projection;
  const ofNeurons = model.neurons.map(({ symbol }) => symbol);
  const isOwned = (name: string, owner: Owner): boolean => plan.owners.get(name) === owner;
  const pick = (from: Formulas, wanted: (name: string) => boolean): Record<string, Expression> =>
    Object.fromEntries(Object.entries(from).filter(([name]) => wanted(name)));
  const toNeurons = pick(changes, (name) => ofNeurons.includes(name));
  const increments = Object.entries(toNeurons).map(([name, e]) => [name, incrementOf(e, name)] as const);
  const isSum = increments.every(([, increment]) => increment !== undefined);
  const added = isSum ? Object.fromEntries(increments as readonly (readonly [string, Expression])[]) : {};
  const reads = freeSymbols([...Object.values(added), ...Object.values(pick(changes, (n) => !ofNeurons.includes(n)))]);
  const readsNeurons = reads.some((name) => ofNeurons.includes(name));
  const inOrder = Object.keys(toNeurons).length > 0 && (!isSum || readsNeurons);
  const advanced = (["synapse", side] as const).filter((owner) =>
    plan.groups[owner].some((name) => Object.hasOwn(changes, name)),
  );
  const withGroup = (owner: Owner): Formulas => ({
    ...(advanced.includes(owner) ? Object.fromEntries(plan.groups[owner].map((name) => [name, symbol(name)])) : {}),
    ...pick(changes, (name) => isOwned(name, owner)),
  });
  return {
    synapses: withGroup("synapse"),
    shared: withGroup(side),
    added: inOrder ? {} : added,
    replaced: inOrder ? toNeurons : {},
    inOrder,
    advanced,
  };
}

/** The term that a value adds to its variable. */
function incrementOf(e: Expression, name: string): Expression | undefined {
  if (e.kind !== "operation" || e.operator !== "add") return undefined;
  const [a, b] = e.operands as [Expression, Expression];
  const variable = symbol(name);
  return a === variable ? b : b === variable ? a : undefined;
}

/**
 * Processes the spikes of one side that act on synapses at this step, delay by delay.
 * @param range Numbers of the first delay, and of the one after the last.
 */
export function processSpikes(
  f: FunctionBuilder,
  step: number,
  context: SynapseContext,
  {
    pathway,
    layout,
    range,
  }: { pathway: EventPathway; layout: PathwayLayout | undefined; range: readonly [number, number] },
): void {
  const { side, delays, sent } = pathway.model;
  const population = context.firing[side];
  const { thread } = context;
  /** Number of the part of a row that ends at the thread's own neurons. */
  const part = (row: Code): Code =>
    thread.count === 1 ? row : i32.add(i32.mul(row, i32.const(thread.count)), ownNumber(thread));
  const write = spikeWriter(f, step, context, pathway);
  /** Runs the body for every spike that was sent so many steps ago, unless the synapses were at rest then. */
  const eachSent = (delay: Code, body: (neuron: number) => void): void => {
    const { slots } = population;
    const slot = i32.remU(i32.sub(i32.add(get(step), i32.const(slots)), delay), i32.const(slots));
    const [first, last] = [0, 4].map((at) => i32.load(context.layout.silent + at, i32.const(0))) as [Code, Code];
    const acts = i32.geU(i32.sub(i32.sub(get(step), delay), first), i32.sub(last, first));
    f.if(sent === undefined ? acts : i32.and(acts, wasSent(step, delay, sent)), () => {
      const from = slots === 1 ? i32.const(0) : slot;
      // All synapses of a postsynaptic neuron are those of one thread.
      if (side === "post") eachOwnSpike(f, population, from, thread, body);
      else eachSpike(f, population, from, thread.count, body);
    });
  };
  if (layout === undefined) {
    eachSent(i32.const(delays as number), (neuron) => {
      const at = f.let(TYPE.i32, i32.shl(part(get(neuron)), i32.const(2)));
      const { rows } = context.layout;
      write(neuron, { from: i32.load(rows, get(at)), to: i32.load(rows + 4, get(at)) }, undefined);
    });
    return;
  }
  const many = pathway.lists!.delays.length;
  f.range(i32.const(4 * range[0]), i32.const(4 * range[1]), 4, (delay) => {
    const steps = f.let(TYPE.i32, i32.load(layout.delays, get(delay)));
    eachSent(get(steps), (neuron) => {
      const list = i32.add(i32.mul(get(neuron), i32.const(many)), i32.shrU(get(delay), i32.const(2)));
      const at = f.let(TYPE.i32, i32.shl(side === "post" ? list : part(list), i32.const(2)));
      write(neuron, { from: i32.load(layout.start, get(at)), to: i32.load(layout.start + 4, get(at)) }, layout);
    });
  });
}

/** Writes the code for one spike: changes of its synapses, then of what the neuron has once for all of them. */
function spikeWriter(f: FunctionBuilder, step: number, context: SynapseContext, pathway: EventPathway) {
  const { projection } = context;
  const { plan, model } = projection;
  const { side } = pathway.model;
  const sorted = sortChanges(context, pathway);
  const prepared = new Prepared(f);
  const ofNeuron = [...plan.owners].flatMap(([name, owner]) => (owner === side ? [name] : []));
  // Values of the neuron of the spike are computed once, before its synapses.
  const readOnce = prepared.formulas(atPresent(plan, Object.fromEntries(ofNeuron.map((name) => [name, symbol(name)]))));
  const others = {
    ...plan,
    now: new Map([...plan.now].filter(([e]) => !(e.kind === "symbol" && ofNeuron.includes(e.name)))),
  };
  const [synapses, added, replaced] = [sorted.synapses, sorted.added, sorted.replaced].map((formulas) =>
    prepared.formulas(atPresent(others, formulas)),
  ) as [Formulas, Formulas, Formulas];
  const shared = prepared.formulas(sorted.shared);
  const used = freeSymbols([synapses, added, replaced, shared].flatMap((formulas) => Object.values(formulas)));
  const constants = new Map(prepared.locals);
  if (plan.usesSignal) constants.set("signal", loadSignal(f, context, get(step)));

  return (neuron: number, { from, to }: { from: Code; to: Code }, lists: PathwayLayout | undefined): void => {
    const once = new SynapseLanes(f, context, { [side]: { lanes: [neuron] } }, get(step), constants);
    const given = new Map(constants);
    for (const name of ofNeuron) {
      if (used.includes(name)) given.set(name, once.emitter.value(readOnce[name]!));
    }
    const body = (places: Places): void => {
      const lanes = new SynapseLanes(f, context, places, get(step), given);
      const values = [synapses, added, replaced].map((formulas) =>
        Object.entries(formulas).map(([name, e]) => [name, get(f.let(TYPE.v128, lanes.emitter.value(e)))] as const),
      );
      for (const [name, value] of values[0]!) f.emit(lanes.store(name, value));
      if (sorted.advanced.includes("synapse")) f.emit(lanes.storeLast("synapse"));
      for (const [k, adds] of [
        [1, true],
        [2, false],
      ] as const) {
        for (const [name, value] of values[k]!) {
          lanes.storeNeuron(model.neurons.find(({ symbol }) => symbol === name)!, value, adds);
        }
      }
    };
    if ([synapses, added, replaced].some((formulas) => Object.keys(formulas).length > 0)) {
      eachSynapse(f, { context, side, neuron, from, to, lists, most: sorted.inOrder ? 1 : 2 }, body);
    }
    const after = new SynapseLanes(f, context, { [side]: { lanes: [neuron] } }, get(step), given);
    const results = Object.entries(shared).map(
      ([name, e]) => [name, get(f.let(TYPE.v128, after.emitter.value(e)))] as const,
    );
    for (const [name, value] of results) f.emit(after.store(name, value));
    if (sorted.advanced.includes(side)) f.emit(after.storeLast(side));
  };
}

/** Runs the body for the synapses of a row or a list, two at a time. */
function eachSynapse(
  f: FunctionBuilder,
  {
    context: { layout },
    side,
    neuron,
    from,
    to,
    lists,
    most,
  }: {
    context: SynapseContext;
    side: "pre" | "post";
    neuron: number;
    from: Code;
    to: Code;
    lists: PathwayLayout | undefined;
    most: 1 | 2;
  },
  body: (places: Places) => void,
): void {
  const at = f.let(TYPE.i32, from);
  const end = f.let(TYPE.i32, to);
  const word = (address: number, lane: number): number =>
    f.let(TYPE.i32, i32.load(address + 4 * lane, i32.shl(get(at), i32.const(2))));
  const next = (lane: number): number => f.let(TYPE.i32, i32.add(get(at), i32.const(lane)));
  const target = (lane: number): number => {
    const { targets, targetBytes } = layout;
    if (targetBytes === 4) return word(targets, lane);
    return f.let(TYPE.i32, i32.load16u(targets + 2 * lane, i32.shl(get(at), i32.const(1))));
  };
  const some = (count: number): void => {
    const lanes = Array.from({ length: count }, (_, lane) => lane);
    const synapse: Elements =
      lists === undefined
        ? { lanes: lanes.map((lane) => (lane === 0 ? at : next(lane))), adjacent: count === 2 }
        : { lanes: lanes.map((lane) => word(lists.synapses, lane)) };
    const other = lanes.map((lane) => (lists === undefined ? target(lane) : word(lists.others, lane)));
    const own = { lanes: lanes.map(() => neuron) };
    body(
      side === "pre" ? { synapse, pre: own, post: { lanes: other } } : { synapse, post: own, pre: { lanes: other } },
    );
    f.emit(set(at, i32.add(get(at), i32.const(count))));
  };
  if (most === 2) f.while(i32.ltU(i32.add(get(at), i32.const(1)), get(end)), () => some(2));
  f.while(i32.ltU(get(at), get(end)), () => some(1));
}
