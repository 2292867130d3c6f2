import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { call, get, i32, leave, set } from "../../../device/simd/wasm/instructions.js";
import { type FunctionBuilder, ModuleBuilder } from "../../../device/simd/wasm/module.js";
import type { CopiedState, SimulationModel } from "../../model.js";
import { copyState } from "./copied-states.js";
import type { Layout } from "./memory-layout.js";
import { arrive, deliver, type Propagation, send } from "./propagate.js";
import { DOUBLE } from "./real.js";
import { applyEvents, record } from "./recording.js";
import { giveSpikes, logSpikes, restSpikes } from "./spike-ring.js";
import { advanceAll } from "./synapses/advance-all.js";
import type { EventProjection } from "./synapses/layout.js";
import { processSpikes } from "./synapses/pathway.js";
import { recordSynapses } from "./synapses/record-synapses.js";
import type { SynapseContext } from "./synapses/synapse-code.js";
import { addBarrier } from "./threads/barrier.js";
import { CONTROL, FAILED } from "./threads/control.js";
import type { Thread } from "./threads/ranges.js";
import { update } from "./update.js";

/** A function with the step as its parameter, and the number of the thread; or a place where all threads meet. */
type Part = number | "meeting";

/**
 * The WebAssembly of a simulation, including the loop over steps: one call runs as many steps as the logs have room
 * for. Every part of a step is a separate function, so that the engine can switch to its optimized code while the loop
 * is running. With one thread, the exports `arrive` and `complete` are the two parts of one step.
 *
 * With several threads, each computes its own neurons and all synapses that end at them, so nothing is added up in another
 * order than with one. They meet once in a step, when the spikes of all are listed.
 */
export function assemble(
  model: SimulationModel,
  layout: Layout,
  pages: number,
  events: readonly EventProjection[],
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const { populations, rings, threads } = layout;
  const reals = new Set(populations.map(({ formulas }) => formulas));
  if (events.length > 0) reals.add(DOUBLE);
  const emitters = new Map([...reals].map((real) => [real, real.emitters(module)] as const));
  const thread: Thread = { number: 1, count: threads };
  const barrier = threads === 1 ? undefined : addBarrier(module, threads);
  const parts: Part[] = [];
  const part = (write: (f: FunctionBuilder, step: number) => void): void => {
    parts.push(module.function({ parameters: [TYPE.i32, TYPE.i32], results: [] }, (f, step) => write(f, step!)));
  };
  const meet = (): void => {
    if (threads > 1) parts.push("meeting");
  };
  const propagations = model.projections.map(
    (projection, p): Propagation => ({
      model: projection,
      layout: layout.projections[p]!,
      pre: populations[projection.pre]!,
      post: populations[projection.post]!,
      thread,
    }),
  );
  const contexts = events.map((projection, e): SynapseContext => {
    const end = (p: number) => ({
      population: populations[p]!,
      drives: model.populations[p]!.drives.map(({ symbol }) => symbol),
    });
    const { pre, post, spikes } = projection.model;
    const ends = { pre: end(pre), post: end(post) };
    const firing = { pre: populations[spikes.pre]!, post: populations[spikes.post]! };
    const meeting = barrier === undefined ? {} : { barrier };
    return {
      projection,
      layout: layout.synapses[e]!,
      ends,
      firing,
      emitter: emitters.get(DOUBLE)!,
      thread,
      ...meeting,
    };
  });
  const acting = contexts.filter(({ projection }) => projection.model.active);
  /** Spikes of the pathways that act before the neurons' step, or after it. */
  const spikes = (before: boolean): void => {
    for (const context of acting) {
      context.projection.pathways.forEach((pathway, p) => {
        const { side, delays } = pathway.model;
        const all = pathway.lists?.delays ?? [delays as number];
        const first = all.findIndex((delay) => delay > 0);
        const late = side === "post" ? all.length : first < 0 ? all.length : first;
        const range = before ? ([late, all.length] as const) : ([0, late] as const);
        if (range[0] === range[1]) return;
        part((f, step) => processSpikes(f, step, context, { pathway, layout: context.layout.pathways[p], range }));
      });
    }
  };
  for (const context of acting) part((f, step) => advanceAll(f, step, context));
  spikes(true);
  const active = propagations.filter((propagation) => propagation.model.active);
  // Former delays have sent all their spikes.
  const varied = active.filter(
    ({ model: { delays, sent } }) => typeof delays !== "number" && sent?.before === undefined,
  );
  for (const propagation of active) {
    if (typeof propagation.model.delays === "number") part((f, step) => deliver(f, step, propagation));
  }
  for (const ring of rings) part((f, step) => arrive(f, step, { ring, post: populations[ring.population]!, thread }));
  model.events.forEach((events, e) => {
    const population = populations[events.population]!;
    part((f, step) => applyEvents(f, step, { model: events, layout: layout.events[e]!, population, thread }));
  });
  const arrivals = parts.length;
  const recordEach = (kind: "state" | "output"): void => {
    model.recorders.forEach((recorder, r) => {
      if (!(kind in recorder.variable)) return;
      const population = populations[recorder.population]!;
      part((f, step) => record(f, step, { model: recorder, layout: layout.recorders[r]!, population, thread }));
    });
  };
  recordEach("state");
  const copied = (p: number, when: CopiedState["when"]): boolean =>
    model.populations[p]!.drives.some((drive) => drive.copied?.when === when);
  const copy = (p: number, when: CopiedState["when"]): void => {
    const { drives, formulas, ...own } = populations[p]!;
    part((f) => {
      model.populations[p]!.drives.forEach(({ copied }, d) => {
        if (copied?.when !== when) return;
        const { address, neurons } = drives[d]!;
        const from = populations[copied.population]!.states[copied.state]!;
        copyState(f, { from, to: { ...own, address, real: formulas }, neurons, thread });
      });
    });
  };
  const early = [...model.populations.keys()].filter((p) => copied(p, "start"));
  if (early.length > 0) {
    // A copy reads neurons of other threads.
    meet();
    for (const p of early) copy(p, "start");
    meet();
  }
  model.populations.forEach((population, p) => {
    const own = populations[p]!;
    if (copied(p, "update")) {
      meet();
      copy(p, "update");
      meet();
    }
    part((f, step) => {
      if (!population.active) restSpikes(f, step, own, thread);
      else if (own.given && population.given)
        giveSpikes(f, step, own, own.given, population.given.steps.length, thread);
      else {
        const emitter = emitters.get(own.formulas)!;
        update(f, step, { emitter, model: population, layout: own, trial: layout.trial, thread });
      }
      if (threads === 1) logSpikes(f, step, threads, own);
    });
  });
  recordEach("output");
  if (threads > 1) {
    part((f, step) => decideStop(f, step, thread, layout));
    meet();
    const log = (f: FunctionBuilder, step: number): void => {
      for (const own of populations) logSpikes(f, step, threads, own);
    };
    part((f, step) => onFirst(f, thread, () => log(f, step)));
  }
  for (const propagation of varied) {
    const { post, state } = propagation.model;
    const ring = rings.find((r) => r.population === post && r.state === state)!;
    part((f, step) => send(f, step, propagation, ring));
  }
  spikes(false);
  for (const context of contexts) {
    context.projection.recorders.forEach((_, r) => {
      part((f, step) => recordSynapses(f, step, context, r));
    });
  }
  part((f, step) =>
    onFirst(f, thread, () => f.emit(i32.store(layout.now, i32.const(0), i32.add(get(step), i32.const(1))))),
  );
  if (barrier === undefined) runAlone(module, parts as readonly number[], arrivals, layout);
  else runTogether(module, parts, thread, barrier);
  return module.encode(pages, threads > 1);
}

/** Runs the body on the first thread. */
function onFirst(f: FunctionBuilder, { number, count }: Thread, body: () => void): void {
  if (count === 1) body();
  else f.if(i32.eqz(get(number)), body);
}

/** The exports of one thread. */
function runAlone(module: ModuleBuilder, parts: readonly number[], arrivals: number, layout: Layout): void {
  const sequence = (name: string, indices: readonly number[]): void => {
    module.function(
      { parameters: [TYPE.i32], results: [] },
      (f, step) => {
        f.emit(...indices.map((index) => call(index, get(step!), i32.const(0))));
      },
      name,
    );
  };
  sequence("arrive", parts.slice(0, arrivals));
  sequence("complete", parts.slice(arrivals));
  module.function(
    { parameters: [TYPE.i32, TYPE.i32], results: [TYPE.i32] },
    (f, from, to) => {
      const step = f.let(TYPE.i32, get(from!));
      f.while(i32.and(i32.ltU(get(step), get(to!)), hasRoom(layout, 1)), () => {
        f.emit(...parts.map((index) => call(index, get(step), i32.const(0))));
        f.emit(set(step, i32.add(get(step), i32.const(1))));
      });
      f.emit(get(step));
    },
    "run",
  );
}

/** The export of several threads; its result is `FAILED` if one of them has failed. */
function runTogether(
  module: ModuleBuilder,
  parts: readonly Part[],
  { count }: Thread,
  barrier: (thread: Thread) => Code,
): void {
  module.function(
    { parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [TYPE.i32] },
    (f, from, to, number) => {
      const step = f.let(TYPE.i32, get(from!));
      const meet = (): void => f.if(barrier({ number: number!, count }), () => f.emit(leave(i32.const(FAILED))));
      const more = f.let(TYPE.i32, i32.ltU(get(step), get(to!)));
      f.while(get(more), () => {
        for (const index of parts) {
          if (index === "meeting") meet();
          else f.emit(call(index, get(step), get(number!)));
        }
        f.emit(set(more, i32.eqz(i32.load(CONTROL.stop, stopOf(step)))));
        f.emit(set(step, i32.add(get(step), i32.const(1))));
        f.emit(set(more, i32.and(get(more), i32.ltU(get(step), get(to!)))));
      });
      meet();
      f.emit(get(step));
    },
    "run",
  );
}

/** Offset of the word that tells if a call ends after a step; a thread that is ahead writes the other one. */
const stopOf = (step: number): Code => i32.shl(i32.and(get(step), i32.const(1)), i32.const(2));

/** The first thread decides for all if a call ends after this step, whose spikes are not in the logs yet. */
function decideStop(f: FunctionBuilder, step: number, thread: Thread, layout: Layout): void {
  onFirst(f, thread, () => f.emit(i32.store(CONTROL.stop, stopOf(step), i32.eqz(hasRoom(layout, 2)))));
}

/** Tells if every log has room for some spikes of each neuron. */
function hasRoom({ populations }: Layout, spikes: number): Code {
  return populations.reduce<Code>((all, { log, size }) => {
    if (log === undefined) return all;
    const most = log.capacity - spikes * size + 1;
    return i32.and(all, i32.ltU(i32.load(log.count, i32.const(0)), i32.const(most)));
  }, i32.const(1));
}
