import { unstableSynapse } from "../../checks/unstable-synapse.js";
import type { PlasticModel } from "../../model.js";
import { wordsOf } from "../../state/state-sections.js";
import { InFlight } from "./spikes-in-flight.js";
import { columns } from "./synapse-columns.js";
import { compileLoop, compileRead, compileStiffness, type Loop, variablesOf } from "./synapse-loops.js";

/** The synapses of one plastic projection while they run, in double precision. */
export class PlasticSynapses {
  readonly model: PlasticModel;
  readonly #dt: number;
  readonly #size: number;
  /** Values of each variable, one per synapse. */
  readonly #rows: readonly Float64Array[];
  readonly #inFlight: InFlight;
  /** The synapses of each postsynaptic neuron, as compressed columns. */
  readonly #columns: { readonly start: Uint32Array; readonly synapses: Uint32Array };
  readonly #step: Loop;
  readonly #onPre: Loop;
  readonly #onPost: Loop;
  readonly #stiffness: (synapses: number, signal: number) => readonly number[];
  readonly #reads = new Map<string, (list: Uint32Array, out: Float64Array) => void>();

  /** @param post Size of the postsynaptic population. */
  constructor(model: PlasticModel, post: number, dt: number) {
    const { kernel, targets, delays } = model;
    this.model = model;
    this.#dt = dt;
    this.#size = targets.length;
    this.#rows = variablesOf(kernel).map(() => new Float64Array(this.#size));
    this.#inFlight = new InFlight(
      typeof delays === "number" ? delays : delays.reduce((most, delay) => Math.max(most, delay), 1),
    );
    this.#columns = columns(targets, post);
    this.#step = compileLoop(kernel, kernel.step, this.#rows, false);
    this.#onPre = compileLoop(kernel, kernel.onPre, this.#rows, true);
    this.#onPost = compileLoop(kernel, kernel.onPost, this.#rows, true);
    this.#stiffness = compileStiffness(kernel, this.#rows);
    for (const name of Object.keys(kernel.derived)) this.#reads.set(name, compileRead(kernel, name, this.#rows));
    this.reset();
  }

  reset(): void {
    const { kernel, weights } = this.model;
    if (typeof weights === "number") this.#rows[0]!.fill(weights);
    else this.#rows[0]!.set(weights);
    kernel.states.forEach((state, s) => {
      this.#rows[s + 1]!.fill(kernel.initial[state]!);
    });
    this.#inFlight.clear();
  }

  /**
   * Delivers the presynaptic spikes that arrive at a step: each synapse delivers its weight, then changes.
   * @param into The postsynaptic state.
   */
  arrive(step: number, into: Float32Array | Float64Array | undefined): void {
    const arrivals = this.#inFlight.at(step);
    if (into !== undefined) {
      const { targets } = this.model;
      const weights = this.#rows[0]!;
      for (const synapse of arrivals) into[targets[synapse]!]! += weights[synapse]!;
    }
    this.#onPre(0, arrivals.length, arrivals, 0);
    arrivals.length = 0;
  }

  /**
   * Processes the spikes of a step: presynaptic spikes are sent, postsynaptic spikes change the synapses of their
   * neurons.
   */
  fire(step: number, pre: Uint32Array, post: Uint32Array): void {
    const { rowStart, delays } = this.model;
    for (const neuron of pre) {
      for (let s = rowStart[neuron]!; s < rowStart[neuron + 1]!; s++) {
        this.#inFlight.at(step + (typeof delays === "number" ? delays : delays[s]!)).push(s);
      }
    }
    const { start, synapses } = this.#columns;
    for (const neuron of post) this.#onPost(start[neuron]!, start[neuron + 1]!, synapses, 0);
  }

  /** Advances all synapses to the next step. */
  advance(step: number): void {
    const { kernel, integrator, signal } = this.model;
    const drive = signal.values[Math.min(Math.floor(step / signal.stepsPerRow), signal.values.length - 1)]!;
    this.#stiffness(this.#size, drive).forEach((stiffness, i) => {
      if (!(stiffness >= 1)) return;
      throw unstableSynapse(kernel, i, stiffness, { integrator, dt: this.#dt, t: step * this.#dt, signal: drive });
    });
    this.#step(0, this.#size, [], drive);
  }

  /** The arrays of each variable themselves, one value per synapse. */
  get variables(): readonly Float64Array[] {
    return this.#rows;
  }

  /** The current values of a variable of some synapses. */
  read(variable: string, list: Uint32Array): Float64Array {
    const own = variablesOf(this.model.kernel).indexOf(variable);
    if (own >= 0) return Float64Array.from(list, (synapse) => this.#rows[own]![synapse]!);
    const out = new Float64Array(list.length);
    this.#reads.get(variable)!(list, out);
    return out;
  }

  /** The values of all variables, and the spikes in flight. */
  save(): Uint8Array[] {
    return [...this.#rows, this.#inFlight.save()].map((array) => new Uint8Array(array.buffer).slice());
  }

  /** Tells if bytes have the sizes of a result of `save`, and name only existing synapses. */
  fits(parts: readonly Uint8Array[]): boolean {
    const sent = parts.at(-1);
    if (parts.length !== this.#rows.length + 1 || sent === undefined || sent.length % 4 !== 0) return false;
    if (this.#rows.some((row, r) => row.byteLength !== parts[r]!.length)) return false;
    return this.#inFlight.lists(wordsOf(sent), this.#size) !== undefined;
  }

  /** Restores a result of `save` that `fits`. */
  restore(parts: readonly Uint8Array[]): void {
    this.#inFlight.restore(this.#inFlight.lists(wordsOf(parts.at(-1)!), this.#size)!);
    this.#rows.forEach((row, r) => {
      new Uint8Array(row.buffer).set(parts[r]!);
    });
  }
}
