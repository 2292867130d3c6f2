import type { Formulas } from "../../../equations/language/expression.js";
import { freeSymbols } from "../../../equations/language/expression.js";
import { rowKey } from "../../../random/counter.js";
import { unstableSynapse } from "../../checks/unstable-synapse.js";
import type { PlasticModel } from "../../model.js";
import type { InTransit } from "../../state/in-transit.js";
import { synapseNoise } from "../../streams.js";
import type { EventSynapses } from "../event-driven/event-synapses.js";
import { listSynapses } from "../event-driven/synapse-lists.js";
import { Pathway } from "./pathway.js";
import { rowOfEach } from "./row-of-each.js";
import {
  changingOf,
  compileLoop,
  compileRead,
  compileStiffness,
  compileSum,
  type Loop,
  type NeuronValues,
  type SynapseMemory,
  variablesOf,
} from "./synapse-loops.js";

/** The synapses of one plastic projection while they run, in double precision. */
export class PlasticSynapses {
  readonly model: PlasticModel;
  readonly #dt: number;
  readonly #size: number;
  readonly #seed: number;
  readonly #number: number;
  /** Values of each variable, one per synapse. */
  readonly #rows: readonly Float64Array[];
  /** Values of the neurons' states: the memory itself, and as they were at the beginning of the step. */
  readonly #live: readonly NeuronValues[];
  readonly #before: readonly NeuronValues[];
  readonly #pathways: readonly Pathway[];
  readonly #start: Loop;
  readonly #step: Loop;
  readonly #sums: readonly ((sums: Float64Array, neurons: readonly NeuronValues[]) => void)[];
  readonly #stiffness: ReturnType<typeof compileStiffness>;
  readonly #reads = new Map<string, ReturnType<typeof compileRead>>();

  /**
   * @param post Size of the postsynaptic population.
   * @param live Memory of each of `model.neurons`.
   * @param draws Seed of the simulation, and number of the projection among the plastic ones.
   */
  constructor(
    model: PlasticModel,
    post: number,
    dt: number,
    live: readonly NeuronValues[],
    draws: { readonly seed: number; readonly number: number },
  ) {
    const { kernel, targets, rowStart, neurons, sums } = model;
    this.model = model;
    this.#dt = dt;
    this.#seed = draws.seed;
    this.#number = draws.number;
    this.#size = targets.length;
    this.#live = live;
    this.#rows = variablesOf(kernel).map((name) => model.parameters[name] ?? new Float64Array(this.#size));
    const usesPre = [...neurons, ...sums].some(({ side }) => side === "pre");
    const ends = { pre: usesPre ? rowOfEach(rowStart) : new Uint32Array(), post: targets };
    const memory: SynapseMemory = { kernel, rows: this.#rows, neurons, ends };
    const column = model.pathways.some(({ side }) => side === "post") ? listSynapses(targets, post, 0) : undefined;
    this.#pathways = model.pathways.map((pathway) => new Pathway(pathway, memory, { rowStart, column }));
    this.#start = compileLoop(memory, kernel.initial, false);
    this.#step = compileLoop(memory, kernel.step, false);
    this.#sums = sums.map(({ term, side }) => compileSum(memory, term, side));
    this.#stiffness = compileStiffness(memory);
    const shown = { ...kernel.derived, ...kernel.summed };
    for (const [name, value] of Object.entries(shown)) this.#reads.set(name, compileRead(memory, value));
    const read = freeSymbols([kernel.step, kernel.stiffness, shown].flatMap((f: Formulas) => Object.values(f)));
    // Only these need their old values.
    this.#before = neurons.map(({ symbol }, n) => (read.includes(symbol) ? live[n]!.slice() : live[n]!));
    this.reset();
  }

  reset(): void {
    const { kernel, weights, initial } = this.model;
    if (typeof weights === "number") this.#rows[0]!.fill(weights);
    else this.#rows[0]!.set(weights);
    // Initial values may read them.
    for (const row of this.#sumRows) row.fill(0);
    this.#start(0, this.#size, [], 0, this.#live);
    kernel.states.forEach((state, s) => {
      if (Object.hasOwn(initial, state)) this.#rows[s + 1]!.set(initial[state]!);
    });
    for (const pathway of this.#pathways) pathway.clear();
  }

  /** The memory of a variable or a parameter that differs between the synapses. */
  row(variable: string): Float64Array {
    return this.#rows[variablesOf(this.model.kernel).indexOf(variable)]!;
  }

  /** The memory of parameters that are sums over other synapses. */
  get #sumRows(): readonly Float64Array[] {
    return this.model.summedParameters.map((parameter) => this.row(parameter));
  }

  /** Everything that changes, apart from spikes in flight. */
  get #kept(): readonly Float64Array[] {
    return [...this.variables, ...this.#sumRows];
  }

  /** Tells the formulas the time of a step. */
  setTime(step: number): void {
    this.model.neurons.forEach((value, n) => {
      if ("clock" in value) this.#live[n]![0] = step * this.#dt;
    });
  }

  /** Processes the presynaptic spikes that arrive at a step. */
  arrive(step: number): void {
    this.setTime(step);
    for (const pathway of this.#pathways) if (pathway.side === "pre") pathway.arrive(step, this.#live);
  }

  /** Drops the spikes that would arrive at a step. */
  skip(step: number): void {
    for (const pathway of this.#pathways) pathway.skip(step);
  }

  /** Keeps the neurons' states as they are at the beginning of the step. */
  lookAtNeurons(): void {
    for (let n = 0; n < this.#live.length; n++) {
      if (this.#before[n] !== this.#live[n]) this.#before[n]!.set(this.#live[n]!);
    }
  }

  /** Adds the terms of a sum of the model to the values of the neurons. */
  addUp(sum: number, into: Float64Array): void {
    this.#sums[sum]!(into, this.#live);
  }

  /** Sends the spikes of a step, and processes those that act at its end. */
  fire(step: number, pre: Uint32Array, post: Uint32Array): void {
    for (const pathway of this.#pathways) {
      pathway.send(step, pathway.side === "pre" ? pre : post, this.#live);
      if (pathway.endsStep) pathway.arrive(step, this.#live);
    }
  }

  /** Advances all synapses to the next step. */
  advance(step: number, trial: number): void {
    const { kernel, integrator, signal } = this.model;
    const keys = kernel.noise.map((_, n) => rowKey(...synapseNoise(this.#seed, this.#number, n, trial, step)));
    const drive = signal.values[Math.min(Math.floor(step / signal.stepsPerRow), signal.values.length - 1)]!;
    this.#stiffness(this.#size, drive, this.#before).forEach((stiffness, i) => {
      if (!(stiffness >= 1)) return;
      throw unstableSynapse(kernel, i, stiffness, { integrator, dt: this.#dt, t: step * this.#dt, signal: drive });
    });
    this.#step(0, this.#size, [], drive, this.#before, keys);
  }

  /** The arrays of each variable that changes, one value per synapse. */
  get variables(): readonly Float64Array[] {
    return this.#rows.slice(0, changingOf(this.model.kernel).length);
  }

  /**
   * The current values of a variable of some synapses.
   * @param now True for the current values of the neurons, false for those at the beginning of the step.
   */
  read(variable: string, list: Uint32Array, now: boolean): Float64Array {
    const own = variablesOf(this.model.kernel).indexOf(variable);
    if (own >= 0) return Float64Array.from(list, (synapse) => this.#rows[own]![synapse]!);
    const out = new Float64Array(list.length);
    this.#reads.get(variable)!(list, out, now ? this.#live : this.#before);
    return out;
  }

  /** The values of all variables that change, and the spikes in flight of each pathway that delays them. */
  save(): Uint8Array[] {
    const waiting = this.#pathways.flatMap((pathway) => (pathway.delayed ? [pathway.save()] : []));
    return [...this.#kept, ...waiting].map((array) => new Uint8Array(array.buffer).slice());
  }

  /** Continues from the synapses as they were before a change of the model. */
  continueFrom(before: PlasticSynapses): void {
    for (const name of [...changingOf(before.model.kernel), ...before.model.summedParameters]) {
      this.row(name).set(before.row(name));
    }
    for (const pathway of this.#pathways) {
      const { name, delays, sent = { from: 0 } } = pathway.model;
      const same = before.#pathways.find(
        ({ model }) => model.name === name && model.delays === delays && (model.sent?.from ?? 0) === sent.from,
      );
      if (same?.delayed === true) pathway.restore(new Uint8Array(same.save().buffer), this.#size);
    }
  }

  /**
   * Continues from synapses that another executor ran from event to event.
   * @param spikes Rings of the spikes of each population in the last steps.
   * @param arrived True if the spikes that arrive at this step have acted.
   */
  takeOver(before: EventSynapses, spikes: InTransit["spikes"], step: number, arrived: boolean): void {
    for (const name of changingOf(before.model.kernel)) this.row(name).set(before.all(name));
    const { pre, post } = this.model.spikes;
    for (const pathway of this.#pathways) {
      const firstArrival = arrived ? step + 1 : step;
      pathway.takeOver(spikes[pathway.side === "pre" ? pre : post]!, { step, firstArrival }, (sent) =>
        before.isSilent(sent),
      );
    }
  }

  /** Tells if bytes have the sizes of a result of `save`, and name only existing synapses. */
  fits(parts: readonly Uint8Array[]): boolean {
    const kept = this.#kept;
    const delayed = this.#pathways.filter((pathway) => pathway.delayed);
    if (parts.length !== kept.length + delayed.length) return false;
    if (kept.some((row, r) => row.byteLength !== parts[r]!.length)) return false;
    return delayed.every((pathway, p) => pathway.fits(parts[kept.length + p]!, this.#size));
  }

  /** Restores a result of `save` that `fits`. */
  restore(parts: readonly Uint8Array[]): void {
    const kept = this.#kept;
    kept.forEach((row, r) => {
      new Uint8Array(row.buffer).set(parts[r]!);
    });
    const delayed = this.#pathways.filter((pathway) => pathway.delayed);
    delayed.forEach((pathway, p) => {
      pathway.restore(parts[kept.length + p]!, this.#size);
    });
  }
}
