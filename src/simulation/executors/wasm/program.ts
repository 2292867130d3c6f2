import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { call, get, i32, set } from "../../../device/simd/wasm/instructions.js";
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
import { update } from "./update.js";

/**
 * The WebAssembly of a simulation, including the loop over steps: one call runs as many steps as the logs have room
 * for. Every part of a step is a separate function, so that the engine can switch to its optimized code while the loop
 * is running. The exports `arrive` and `complete` are the two parts of one step.
 */
export function assemble(
  model: SimulationModel,
  layout: Layout,
  pages: number,
  events: readonly EventProjection[],
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const reals = new Set(layout.populations.map(({ formulas }) => formulas));
  if (events.length > 0) reals.add(DOUBLE);
  const emitters = new Map([...reals].map((real) => [real, real.emitters(module)] as const));
  const parts: number[] = [];
  const part = (write: (f: FunctionBuilder, step: number) => void): void => {
    parts.push(module.function({ parameters: [TYPE.i32], results: [] }, (f, step) => write(f, step!)));
  };
  const { populations, rings } = layout;
  const propagations = model.projections.map(
    (projection, p): Propagation => ({
      model: projection,
      layout: layout.projections[p]!,
      pre: populations[projection.pre]!,
      post: populations[projection.post]!,
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
    return { projection, layout: layout.synapses[e]!, ends, firing, emitter: emitters.get(DOUBLE)! };
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
  for (const ring of rings) part((f, step) => arrive(f, step, { ring, post: populations[ring.population]! }));
  model.events.forEach((events, e) => {
    part((f, step) =>
      applyEvents(f, step, {
        model: events,
        layout: layout.events[e]!,
        population: populations[events.population]!,
      }),
    );
  });
  const arrivals = parts.length;
  const recordEach = (kind: "state" | "output"): void => {
    model.recorders.forEach((recorder, r) => {
      if (!(kind in recorder.variable)) return;
      const population = populations[recorder.population]!;
      part((f, step) => record(f, step, { model: recorder, layout: layout.recorders[r]!, population }));
    });
  };
  recordEach("state");
  const copy = (f: FunctionBuilder, p: number, when: CopiedState["when"]): void => {
    const { formulas, drives, size } = populations[p]!;
    model.populations[p]!.drives.forEach(({ copied }, d) => {
      if (copied?.when !== when) return;
      const { address, neurons } = drives[d]!;
      const from = populations[copied.population]!.states[copied.state]!;
      copyState(f, { from, to: { address, real: formulas, size }, neurons });
    });
  };
  if (model.populations.some(({ drives }) => drives.some(({ copied }) => copied?.when === "start"))) {
    part((f) => {
      for (const p of model.populations.keys()) copy(f, p, "start");
    });
  }
  model.populations.forEach((population, p) => {
    const own = populations[p]!;
    part((f, step) => {
      copy(f, p, "update");
      if (!population.active) restSpikes(f, step, own);
      else if (own.given && population.given) giveSpikes(f, step, own, own.given, population.given.steps.length);
      else
        update(f, step, { emitter: emitters.get(own.formulas)!, model: population, layout: own, trial: layout.trial });
      logSpikes(f, step, own);
    });
  });
  recordEach("output");
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
  part((f, step) => f.emit(i32.store(layout.now, i32.const(0), i32.add(get(step), i32.const(1)))));
  const sequence = (name: string, indices: readonly number[]): void => {
    module.function(
      { parameters: [TYPE.i32], results: [] },
      (f, step) => {
        f.emit(...indices.map((index) => call(index, get(step!))));
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
      f.while(i32.and(i32.ltU(get(step), get(to!)), hasRoom(layout)), () => {
        f.emit(...parts.map((index) => call(index, get(step))));
        f.emit(set(step, i32.add(get(step), i32.const(1))));
      });
      f.emit(get(step));
    },
    "run",
  );
  return module.encode(pages, false);
}

/** Tells if every log has room for one spike of each neuron. */
function hasRoom({ populations }: Layout): Code {
  return populations.reduce<Code>((all, { log, size }) => {
    if (log === undefined) return all;
    return i32.and(all, i32.ltU(i32.load(log.count, i32.const(0)), i32.const(log.capacity - size + 1)));
  }, i32.const(1));
}
