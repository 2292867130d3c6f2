import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import type { RecorderModel, SimulationModel, SynapseRecorderModel } from "../model.js";
import { Inputs } from "./inputs.js";
import { PopulationBuilder } from "./population-builder.js";
import { Populations } from "./populations.js";
import { Projections } from "./projections.js";

/** Builds the model of a simulation, checking each part as it is added. */
export class NetworkBuilder {
  readonly populations: Populations;
  readonly projections: Projections;
  readonly inputs: Inputs;
  readonly #clock: Clock;
  readonly #seed: number;

  constructor(clock: Clock, seed: number, warn: (message: string) => void) {
    this.#clock = clock;
    this.#seed = seed;
    let noises = 0;
    const noise = (): number => noises++;
    this.populations = new Populations(clock, seed, warn, noise);
    this.projections = new Projections(clock, seed, warn, this.populations);
    this.inputs = new Inputs(clock, seed, this.populations, noise);
  }

  /** One line per population and per projection, with the schemes of their equations. */
  describe(): string[] {
    return [...this.populations.describe(), ...this.projections.describe()];
  }

  /** A recorder of a state reads it with the events that come before its reset. */
  #shown(recorder: RecorderModel): RecorderModel {
    const of = this.populations.all[recorder.population];
    if (!("state" in recorder.variable) || !(of instanceof PopulationBuilder)) return recorder;
    return { ...recorder, variable: of.held.shown(of.neuron, recorder.variable.state) };
  }

  model(
    recorders: readonly RecorderModel[],
    synapseRecorders: readonly SynapseRecorderModel[],
  ): Omit<SimulationModel, "interrupted"> {
    const { all } = this.populations;
    if (all.length === 0) throw new SpikevineError("simulation: there is no population; add one before it runs.");
    return {
      seed: this.#seed,
      populations: all.map((population) => population.model(this.#clock)),
      projections: this.projections.models,
      plastic: this.projections.plasticModels,
      events: this.populations.events(),
      recorders: recorders.map((recorder) => this.#shown(recorder)),
      synapseRecorders,
    };
  }
}
