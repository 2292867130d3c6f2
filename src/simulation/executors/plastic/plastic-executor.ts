import type { SimulationModel } from "../../model.js";
import { continueIn, type InTransit } from "../../state/in-transit.js";
import { joinSections, splitSections } from "../../state/state-sections.js";
import type { Executor } from "../executor.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { changingOf } from "./synapse-loops.js";
import { SynapseSums } from "./synapse-sums.js";

/** Bytes of buffer per recorder of synapses between two readings. */
const READ_OUT_BYTES = 2 ** 22;

/** Tells if the sum of numbers is finite; it is not if any of them is infinite or NaN. */
function hasFiniteSum(values: Float32Array | Float64Array): boolean {
  // Four sums, so that additions need not wait for each other.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const size = values.length;
  const whole = size - (size % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
  }
  for (let i = whole; i < size; i++) a += values[i]!;
  return Number.isFinite(a + b + c + d);
}

/** Concatenates rows of numbers into one array. */
function joined(rows: readonly (Float32Array | Float64Array)[]): Float64Array {
  const values = new Float64Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    values.set(row, at);
    at += row.length;
  }
  return values;
}

/**
 * Any executor with plastic projections around it. The inner executor handles neurons, fixed synapses and the plastic
 * synapses that it can run from event to event. Others act between its steps, so with them it is called for one step at a
 * time. Without them nothing changes.
 */
export class PlasticExecutor implements Executor {
  readonly description: string;
  readonly threads?: string;
  readonly longest: number;
  readonly #inner: Executor;
  readonly #model: SimulationModel;
  /** The projections that the inner executor does not run itself, by their index in the model. */
  readonly #projections: ReadonlyMap<number, PlasticSynapses>;
  readonly #sums: SynapseSums;
  readonly #populations: readonly number[];
  /** Recorded values of the steps of the last call, step after step. */
  #spikes: readonly { readonly steps: number[]; readonly neurons: number[] }[] = [];
  #samples: readonly (Float32Array | Float64Array)[][] = [];
  #synapseSamples: readonly Float64Array[][] = [];
  constructor(inner: Executor, model: SimulationModel, dt: number) {
    this.description = inner.description;
    if (inner.threads !== undefined) this.threads = inner.threads;
    this.longest = model.synapseRecorders.reduce((most, { synapses, every }) => {
      const rows = Math.max(1, Math.floor(READ_OUT_BYTES / (8 * Math.max(1, synapses.length))));
      return Math.min(most, rows * every);
    }, inner.longest);
    this.#inner = inner;
    this.#model = model;
    this.#populations = [...model.populations.keys()].filter((p) => model.populations[p]!.logged);
    const others = [...model.plastic.entries()].filter(([number]) => !inner.own.has(number));
    const made = new Map<number, PlasticSynapses>();
    for (const [number, plastic] of others) {
      const live = plastic.neurons.map((value) => {
        if ("state" in value) return inner.live(plastic[value.side], value.state);
        if ("plastic" in value) return made.get(value.plastic)!.row(value.variable);
        // The time is one number, and indices are no memory.
        return "parameter" in value ? inner.drive(plastic[value.side], value.parameter) : new Float64Array(1);
      });
      const draws = { seed: model.seed, number };
      made.set(number, new PlasticSynapses(plastic, model.populations[plastic.post]!.size, dt, live, draws));
    }
    this.#projections = made;
    this.#sums = new SynapseSums(inner, made, this.#active());
  }

  async start(): Promise<void> {
    await this.#inner.start?.();
  }

  stop(): void {
    this.#inner.stop?.();
  }

  reset(initial: readonly (readonly Float64Array[])[]): void {
    this.#inner.reset(initial);
    for (const projection of this.#projections.values()) {
      projection.reset();
      projection.setTime(0);
    }
  }

  /**
   * Continues from the executor of the model as it was before a change.
   * @param step Index of the next step.
   * @param arrived True if the events of this step have arrived.
   */
  continueFrom(before: PlasticExecutor, step: number, arrived: boolean): void {
    continueIn(this.#inner, before.#inner, { to: this.#model, from: before.#model }, step);
    this.setNow(step);
    for (const [p, projection] of before.#projections) this.#projections.get(p)!.continueFrom(projection);
    for (const [p, synapses] of before.#inner.own) {
      const own = this.#inner.own.get(p);
      if (own === undefined) this.#projections.get(p)!.takeOver(synapses, before.inTransit.spikes, step, arrived);
      else own.continueFrom(synapses);
    }
  }

  get inTransit(): InTransit {
    return this.#inner.inTransit;
  }

  /**
   * Gives the synapses of a plastic projection other values of a variable that changes. Returns false, and changes nothing,
   * if the values differ within a neuron that has one value for all its synapses.
   */
  writeSynapses(plastic: number, variable: string, values: Float64Array): boolean {
    const own = this.#inner.own.get(plastic);
    if (own !== undefined) return own.write(variable, values);
    const projection = this.#projections.get(plastic)!;
    projection.variables[changingOf(projection.model.kernel).indexOf(variable)]!.set(values);
    return true;
  }

  get own(): Executor["own"] {
    return this.#inner.own;
  }

  setNow(step: number): void {
    this.#inner.setNow(step);
    for (const projection of this.#projections.values()) projection.setTime(step);
  }

  arrive(step: number): void {
    for (const projection of this.#projections.values()) {
      if (projection.model.active) projection.arrive(step);
      else projection.skip(step);
    }
    this.#inner.arrive(step);
  }

  advance(from: number, count: number, trial: number, arrived = false): number {
    if (this.#projections.size === 0) return this.#inner.advance(from, count, trial, arrived);
    this.#spikes = this.#model.populations.map(() => ({ steps: [], neurons: [] }));
    this.#samples = this.#model.recorders.map(() => []);
    this.#synapseSamples = this.#model.synapseRecorders.map(() => []);
    for (let step = from; step < from + count; step++) {
      if (step > from || !arrived) this.arrive(step);
      this.#step(step, trial);
    }
    return count;
  }

  #active(): readonly PlasticSynapses[] {
    return [...this.#projections.values()].filter(({ model }) => model.active);
  }

  /** A step whose events have arrived. */
  #step(step: number, trial: number): void {
    for (const projection of this.#projections.values()) projection.lookAtNeurons();
    this.#sums.compute();
    this.#inner.advance(step, 1, trial, true);
    const fired = new Map<number, Uint32Array>();
    for (const population of this.#populations) {
      const { neurons } = this.#inner.spikes(population);
      fired.set(population, neurons);
      const log = this.#spikes[population]!;
      for (const neuron of neurons) {
        log.steps.push(step);
        log.neurons.push(neuron);
      }
    }
    this.#samples.forEach((rows, recorder) => {
      if (step % this.#model.recorders[recorder]!.every === 0) rows.push(this.#inner.samples(recorder));
    });
    for (const projection of this.#active()) {
      const { pre, post } = projection.model.spikes;
      projection.fire(step, fired.get(pre)!, fired.get(post)!);
    }
    this.#model.synapseRecorders.forEach(({ plastic, variable, synapses, every }, recorder) => {
      if (step % every !== 0) return;
      const row =
        this.#projections.get(plastic)?.read(variable, synapses, false) ?? this.#inner.synapseSamples(recorder);
      this.#synapseSamples[recorder]!.push(row);
    });
    for (const projection of this.#active()) projection.advance(step, trial);
    for (const projection of this.#projections.values()) projection.setTime(step + 1);
  }

  /** True if all states and weights, and all values recorded in the last `advance`, are finite. */
  isFinite(): boolean {
    return (
      this.#model.populations.every(({ states }, p) => states.every((_, s) => hasFiniteSum(this.#inner.live(p, s)))) &&
      [...this.#projections.values(), ...this.#inner.own.values()].every(({ variables }) =>
        variables.every(hasFiniteSum),
      ) &&
      this.#model.recorders.every((_, recorder) => hasFiniteSum(this.samples(recorder)))
    );
  }

  /** Values of a recorder of synapses in the last `advance`. */
  synapseSamples(recorder: number): Float64Array {
    if (this.#projections.size === 0) return this.#inner.synapseSamples(recorder);
    return joined(this.#synapseSamples[recorder]!);
  }

  /** The current values of a variable of all synapses of a plastic projection. */
  synapses(plastic: number, variable: string): Float64Array {
    const own = this.#inner.own.get(plastic);
    if (own !== undefined) return own.all(variable);
    const projection = this.#projections.get(plastic)!;
    return projection.read(
      variable,
      Uint32Array.from({ length: projection.model.targets.length }, (_, synapse) => synapse),
      true,
    );
  }

  spikes(population: number): ReturnType<Executor["spikes"]> {
    if (this.#projections.size === 0) return this.#inner.spikes(population);
    const { steps, neurons } = this.#spikes[population]!;
    return { steps: Uint32Array.from(steps), neurons: Uint32Array.from(neurons) };
  }

  samples(recorder: number): Float32Array | Float64Array {
    return this.#projections.size === 0 ? this.#inner.samples(recorder) : joined(this.#samples[recorder]!);
  }

  state(population: number, state: number): Float64Array {
    return this.#inner.state(population, state);
  }

  drive(population: number, symbol: string): Float32Array | Float64Array {
    return this.#inner.drive(population, symbol);
  }

  live(population: number, state: number): Float32Array | Float64Array {
    return this.#inner.live(population, state);
  }

  save(): Uint8Array {
    if (this.#projections.size === 0) return this.#inner.save();
    const parts = [...this.#projections.values()].map((projection) => joinSections(projection.save()));
    return joinSections([this.#inner.save(), ...parts]);
  }

  restore(bytes: Uint8Array): boolean {
    if (this.#projections.size === 0) return this.#inner.restore(bytes);
    const projections = [...this.#projections.values()];
    const sections = splitSections(bytes);
    if (sections?.length !== 1 + projections.length) return false;
    const parts = sections.slice(1).map(splitSections);
    // Check everything before anything changes.
    if (!projections.every((projection, p) => parts[p] !== undefined && projection.fits(parts[p]))) return false;
    if (!this.#inner.restore(sections[0]!)) return false;
    projections.forEach((projection, p) => {
      projection.restore(parts[p]!);
    });
    return true;
  }
}
