import { chooseByConditions } from "../../equations/analysis/differentiate.js";
import { emitStatements } from "../../equations/kernels/emit-javascript.js";
import { drawFineUniform, drawUniform, type RowKey, rowKey } from "../../random/counter.js";
import {
  type ArrivalRing,
  arrivalRings,
  type CopiedState,
  isSent,
  type PopulationModel,
  type ProjectionModel,
  rowOf,
  type SimulationModel,
  spikeSlots,
  tablesOf,
} from "../model.js";
import type { InTransit } from "../state/in-transit.js";
import { wordsOf } from "../state/state-sections.js";
import { firstAtOrAfter, noiseKey } from "./event-schedule.js";
import { areSpikeLists, type Executor } from "./executor.js";

/** Runs one step of all neurons and lists those that fired; returns their number. */
type Update = (
  states: readonly Float64Array[],
  outputs: readonly Float64Array[],
  drives: readonly Float64Array[],
  offsets: readonly number[],
  keys: readonly RowKey[],
  fired: Uint32Array,
  time: number,
) => number;

interface Population {
  readonly model: PopulationModel;
  readonly states: readonly Float64Array[];
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly drives: readonly Float64Array[];
  readonly update: Update;
  /** Spikes of the last steps, a ring of `slots`; empty before the first step. */
  readonly fired: readonly Uint32Array[];
  readonly counts: Uint32Array;
  log: { steps: number[]; neurons: number[] };
}

interface Ring extends ArrivalRing {
  readonly sums: readonly Float64Array[];
}

/** The plain executor in double precision: the reference implementation for the fast one. */
export class JavaScriptExecutor implements Executor {
  readonly description = "JavaScript, double precision";
  readonly longest = 1024;
  readonly #model: SimulationModel;
  readonly #populations: readonly Population[];
  readonly #rings: readonly Ring[];
  #samples: number[][] = [];

  constructor(model: SimulationModel) {
    this.#model = model;
    this.#populations = model.populations.map((population, index) => ({
      model: population,
      states: population.states.map(() => new Float64Array(population.size)),
      outputs: Object.fromEntries(
        Object.keys(population.outputs ?? {}).map((name) => [name, new Float64Array(population.size)]),
      ),
      drives: population.drives.map(({ values, summed, copied }) => (summed || copied ? values.slice() : values)),
      update: compile(population),
      fired: Array.from({ length: spikeSlots(model, index) }, () => new Uint32Array(population.size)),
      counts: new Uint32Array(spikeSlots(model, index)),
      log: { steps: [], neurons: [] },
    }));
    this.#rings = arrivalRings(model).map((ring) => ({
      ...ring,
      sums: Array.from({ length: ring.slots }, () => new Float64Array(model.populations[ring.population]!.size)),
    }));
  }

  reset(initial: readonly (readonly Float64Array[])[]): void {
    this.#populations.forEach(({ states, counts }, p) => {
      states.forEach((state, s) => {
        state.set(initial[p]![s]!);
      });
      counts.fill(0);
    });
    for (const { sums } of this.#rings) for (const sum of sums) sum.fill(0);
  }

  advance(from: number, count: number, trial: number, arrived = false): number {
    for (const population of this.#populations) population.log = { steps: [], neurons: [] };
    this.#samples = this.#model.recorders.map(() => []);
    const cursors = this.#model.events.map(({ steps }) => firstAtOrAfter(steps, from));
    const given = this.#populations.map(({ model }) => firstAtOrAfter(model.given?.steps ?? [], from));
    for (let step = from; step < from + count; step++) {
      if (step > from || !arrived) this.#arrive(step, cursors);
      this.#record(step, "state");
      for (const population of this.#populations) this.#copy(population, "start");
      this.#populations.forEach((population, p) => {
        this.#update(population, p, step, trial, given);
      });
      this.#record(step, "output");
      for (const projection of this.#model.projections) this.#send(projection, step);
    }
    return count;
  }

  arrive(step: number): void {
    this.#arrive(
      step,
      this.#model.events.map(({ steps }) => firstAtOrAfter(steps, step)),
    );
  }

  #arrive(step: number, cursors: number[]): void {
    for (const { pre, post, state, rowStart, targets, weights, delays, active, sent } of this.#model.projections) {
      if (typeof delays !== "number" || step < delays || !active || !isSent(step - delays, sent)) continue;
      const { fired, counts } = this.#populations[pre]!;
      const slot = (step - delays) % fired.length;
      const into = this.#populations[post]!.states[state]!;
      for (let k = 0; k < counts[slot]!; k++) {
        const neuron = fired[slot]![k]!;
        for (let j = rowStart[neuron]!; j < rowStart[neuron + 1]!; j++) {
          into[targets[j]!]! += typeof weights === "number" ? weights : weights[j]!;
        }
      }
    }
    for (const { population, state, slots, sums } of this.#rings) {
      const sum = sums[step % slots]!;
      const into = this.#populations[population]!.states[state]!;
      for (let i = 0; i < sum.length; i++) into[i]! += sum[i]!;
      sum.fill(0);
    }
    this.#model.events.forEach(({ population, state, weight, steps, neurons }, e) => {
      const into = this.#populations[population]!.states[state]!;
      for (; steps[cursors[e]!] === step; cursors[e]!++) into[neurons[cursors[e]!]!]! += weight;
    });
  }

  #record(step: number, kind: "state" | "output"): void {
    this.#model.recorders.forEach(({ population, variable, neurons, every }, r) => {
      if (step % every !== 0 || !(kind in variable)) return;
      const { states, outputs } = this.#populations[population]!;
      const from = "state" in variable ? states[variable.state]! : outputs[variable.output]!;
      for (const neuron of neurons) this.#samples[r]!.push(from[neuron]!);
    });
  }

  #update(population: Population, index: number, step: number, trial: number, cursors: number[]): void {
    const { model, states, outputs, drives, fired, counts, log } = population;
    const slot = step % fired.length;
    const list = fired[slot]!;
    let count = 0;
    this.#copy(population, "update");
    if (!model.active) count = 0;
    else if (model.given) {
      const { steps, neurons } = model.given;
      for (; steps[cursors[index]!] === step; cursors[index]!++) list[count++] = neurons[cursors[index]!]!;
    } else {
      const offsets = model.drives.map((drive) => rowOf(step, drive) * drive.width);
      const keys = model.noise.map(({ counters }) => rowKey(...noiseKey(counters, trial, step)));
      const time = step * (model.time?.dt ?? 0);
      count = population.update(states, Object.values(outputs), drives, offsets, keys, list, time);
    }
    counts[slot] = count;
    if (!model.logged) return;
    for (let k = 0; k < count; k++) {
      log.steps.push(step);
      log.neurons.push(list[k]!);
    }
  }

  /** Writes the drives that are copies of states. */
  #copy({ model, drives }: Population, when: CopiedState["when"]): void {
    model.drives.forEach(({ copied }, d) => {
      if (copied?.when !== when) return;
      const { population, state, neurons } = copied;
      const [to, from] = [drives[d]!, this.#populations[population]!.states[state]!];
      for (let i = 0; i < to.length; i++) to[i] = from[neurons === undefined ? i : neurons[i]!]!;
    });
  }

  /** Synapses with different delays write their weights into the rings as soon as the spike occurs. */
  #send(projection: ProjectionModel, step: number): void {
    const { pre, post, state, rowStart, targets, weights, delays, active, sent } = projection;
    if (typeof delays === "number" || !active || !isSent(step, sent)) return;
    const { fired, counts } = this.#populations[pre]!;
    const slot = step % fired.length;
    const ring = this.#rings.find((r) => r.population === post && r.state === state)!;
    for (let k = 0; k < counts[slot]!; k++) {
      const neuron = fired[slot]![k]!;
      for (let j = rowStart[neuron]!; j < rowStart[neuron + 1]!; j++) {
        const sum = ring.sums[(step + delays[j]!) % ring.slots]!;
        sum[targets[j]!]! += typeof weights === "number" ? weights : weights[j]!;
      }
    }
  }

  spikes(population: number): { steps: Uint32Array; neurons: Uint32Array } {
    const { steps, neurons } = this.#populations[population]!.log;
    return { steps: Uint32Array.from(steps), neurons: Uint32Array.from(neurons) };
  }

  samples(recorder: number): Float64Array {
    return Float64Array.from(this.#samples[recorder] ?? []);
  }

  state(population: number, state: number): Float64Array {
    return this.#populations[population]!.states[state]!.slice();
  }

  live(population: number, state: number): Float64Array {
    return this.#populations[population]!.states[state]!;
  }

  drive(population: number, symbol: string): Float64Array {
    const { model, drives } = this.#populations[population]!;
    return drives[model.drives.findIndex((drive) => drive.symbol === symbol)]!;
  }

  /** Plastic synapses run step by step around this executor, as the reference for those that run from event to event. */
  readonly own: Executor["own"] = new Map();

  synapseSamples(): Float64Array {
    return new Float64Array();
  }

  setNow(): void {}

  get inTransit(): InTransit {
    return {
      spikes: this.#populations.map(({ counts, fired }) => ({ counts, lists: fired })),
      sums: this.#rings.map(({ population, state, sums }) => ({ population, state, slots: sums })),
    };
  }

  #stateArrays(): (Float64Array | Uint32Array)[] {
    return [
      ...this.#populations.flatMap(({ states, fired, counts }) => [...states, ...fired, counts]),
      ...this.#rings.flatMap(({ sums }) => sums),
    ];
  }

  save(): Uint8Array {
    const arrays = this.#stateArrays();
    const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
    let at = 0;
    for (const array of arrays) {
      bytes.set(new Uint8Array(array.buffer), at);
      at += array.byteLength;
    }
    return bytes;
  }

  restore(bytes: Uint8Array): boolean {
    const arrays = this.#stateArrays();
    if (bytes.length !== arrays.reduce((sum, array) => sum + array.byteLength, 0)) return false;
    let at = 0;
    for (const { states, fired, counts, model } of this.#populations) {
      at += states.reduce((sum, state) => sum + state.byteLength, 0);
      const words = wordsOf(bytes.subarray(at, at + 4 * (fired.length * model.size + counts.length)));
      if (!areSpikeLists(words.subarray(fired.length * model.size), words, model.size)) return false;
      at += words.byteLength;
    }
    at = 0;
    for (const array of arrays) {
      new Uint8Array(array.buffer).set(bytes.subarray(at, at + array.byteLength));
      at += array.byteLength;
    }
    return true;
  }
}

/** The formulas of a population as one loop over its neurons. */
function compile(model: PopulationModel): Update {
  const { size, states, next, loops = [], spike, outputs = {}, drives, noise, time } = model;
  const code = new Map<string, string>();
  states.forEach((name, s) => {
    code.set(name, `s${s}`);
  });
  drives.forEach(({ symbol, width }, d) => {
    code.set(symbol, `drives[${d}][offsets[${d}]${width === 1 ? "" : " + i"}]`);
  });
  noise.forEach(({ symbol }, n) => {
    code.set(symbol, `u${n}`);
  });
  if (time !== undefined) code.set(time.symbol, "time");
  const shown = Object.entries(outputs);
  const formulas = {
    ...next,
    ...(spike === undefined ? {} : { spike__now: spike }),
    ...Object.fromEntries(shown.map(([, formula], o) => [`output__${o}`, formula])),
  };
  const symbol = (name: string): string => code.get(name)!;
  const rounds = loops.flatMap((loop, l) => {
    const names = Object.keys(loop.start);
    const first = emitStatements(chooseByConditions(loop.start), { symbol, prefix: `f${l}_` });
    names.forEach((name, v) => {
      code.set(name, `l${l}_${v}`);
    });
    const round = { ...loop.next, goes__on: loop.goesOn };
    const again = emitStatements(chooseByConditions(round), { symbol, prefix: `r${l}_` });
    return [
      ...first.statements,
      ...names.map((name) => `let ${code.get(name)} = ${first.results[name]};`),
      "for (;;) {",
      ...again.statements,
      `if (${again.results.goes__on} === 0) break;`,
      ...names.map((name) => `${code.get(name)} = ${again.results[name]};`),
      "}",
    ];
  });
  const { statements, results } = emitStatements(chooseByConditions(formulas), { symbol });
  const body = [
    "let count = 0;",
    ...states.map((_, s) => `const S${s} = states[${s}];`),
    `for (let i = 0; i < ${size}; i++) {`,
    ...states.map((_, s) => `const s${s} = S${s}[i];`),
    ...noise.map(({ fine, shared = false }, n) => {
      const of = `keys[${n}], ${shared ? "0" : "i"}`;
      const draw = fine === undefined ? `draw(${of})` : `drawFine(${of}, ${fine === "mirrored"})`;
      return `const u${n} = ${draw};`;
    }),
    ...rounds,
    ...statements,
    ...states.map((name, s) => `S${s}[i] = ${results[name]};`),
    ...shown.map((_, o) => `outputs[${o}][i] = ${results[`output__${o}`]};`),
    spike === undefined ? "" : `if (${results.spike__now} > 0) fired[count++] = i;`,
    "}",
    "return count;",
  ].join("\n");
  const make = new Function(
    "draw",
    "drawFine",
    "tables",
    `"use strict"; return (states, outputs, drives, offsets, keys, fired, time) => {\n${body}\n};`,
  );
  return make(drawUniform, drawFineUniform, tablesOf(model)) as Update;
}
