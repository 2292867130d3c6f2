import type { SimulationModel } from "../../model.js";
import { joinSections, splitSections } from "../../sections.js";
import type { Executor } from "../executor.js";
import { PlasticSynapses } from "./synapses.js";

/**
 * Any executor with the plastic projections around it. Neurons and fixed synapses stay with the inner one; plastic
 * synapses act between its steps, so while there are any, a call takes one step. Without them nothing changes.
 */
export class PlasticExecutor implements Executor {
  readonly description: string;
  readonly longest: number;
  readonly #inner: Executor;
  readonly #model: SimulationModel;
  readonly #projections: readonly PlasticSynapses[];
  #samples: readonly Float64Array[] = [];

  constructor(inner: Executor, model: SimulationModel, dt: number) {
    this.description = inner.description;
    this.longest = model.plastic.length === 0 ? inner.longest : 1;
    this.#inner = inner;
    this.#model = model;
    this.#projections = model.plastic.map((plastic) => {
      return new PlasticSynapses(plastic, model.populations[plastic.post]!.size, dt);
    });
  }

  reset(initial: readonly (readonly Float64Array[])[]): void {
    this.#inner.reset(initial);
    for (const projection of this.#projections) projection.reset();
  }

  advance(from: number, count: number, trial: number): number {
    if (this.#projections.length === 0) return this.#inner.advance(from, count, trial);
    for (const projection of this.#projections) {
      const { post, state } = projection.model;
      projection.arrive(from, state === undefined ? undefined : this.#inner.live(post, state));
    }
    this.#inner.advance(from, 1, trial);
    for (const projection of this.#projections) {
      const { pre, post } = projection.model;
      projection.fire(from, this.#inner.spikes(pre).units, this.#inner.spikes(post).units);
    }
    this.#samples = this.#model.synapseRecorders.map(({ plastic, variable, synapses, every }) =>
      from % every === 0 ? this.#projections[plastic]!.read(variable, synapses) : new Float64Array(),
    );
    for (const projection of this.#projections) projection.advance(from);
    return 1;
  }

  /** What a recorder of synapses took in the last `advance`. */
  synapseSamples(recorder: number): Float64Array {
    return this.#samples[recorder]!;
  }

  /** The values of a variable of all synapses of a plastic projection as they are now. */
  synapses(plastic: number, variable: string): Float64Array {
    const { model } = this.#projections[plastic]!;
    return this.#projections[plastic]!.read(variable, Uint32Array.from(model.targets.keys()));
  }

  spikes(population: number): ReturnType<Executor["spikes"]> {
    return this.#inner.spikes(population);
  }

  samples(recorder: number): Float32Array | Float64Array {
    return this.#inner.samples(recorder);
  }

  state(population: number, state: number): Float64Array {
    return this.#inner.state(population, state);
  }

  live(population: number, state: number): Float32Array | Float64Array {
    return this.#inner.live(population, state);
  }

  save(): Uint8Array {
    if (this.#projections.length === 0) return this.#inner.save();
    const parts = this.#projections.map((projection) => joinSections(projection.save()));
    return joinSections([this.#inner.save(), ...parts]);
  }

  restore(bytes: Uint8Array): boolean {
    if (this.#projections.length === 0) return this.#inner.restore(bytes);
    const sections = splitSections(bytes);
    if (sections?.length !== 1 + this.#projections.length) return false;
    const parts = sections.slice(1).map(splitSections);
    // All is looked at before anything changes.
    if (!this.#projections.every((projection, p) => parts[p] !== undefined && projection.fits(parts[p]))) return false;
    if (!this.#inner.restore(sections[0]!)) return false;
    this.#projections.forEach((projection, p) => {
      projection.restore(parts[p]!);
    });
    return true;
  }
}
