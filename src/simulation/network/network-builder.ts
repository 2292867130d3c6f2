import { form, quantity, type RequiredKind, variants } from "../../arguments/index.js";
import { stepAdvice } from "../../equations/analysis/step-advice.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { SpikevineError, unknownName } from "../../errors.js";
import { refuseUnstable } from "../checks/unstable-synapse.js";
import type { Clock } from "../clock.js";
import type {
  EventModel,
  NoiseModel,
  PlasticModel,
  ProjectionModel,
  RecorderModel,
  SimulationModel,
  SynapseRecorderModel,
} from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import { type QuantityLike, read, type ValueOrDistribution } from "../values.js";
import { currentInput, type ExternalInput, listedSpikes, SPIKES } from "./external-input.js";
import {
  makePlasticProjection,
  type PlasticProjection,
  type PlasticProjectionOptions,
  synapseVariableUnit,
} from "./plastic-projection.js";
import { poissonEvents, RARE } from "./poisson-events.js";
import { type Population, PopulationBuilder, SourceBuilder } from "./population.js";
import { type Drawing, makeProjection, type Projection, type ProjectionOptions, projectionName } from "./projection.js";

/** Firing of a source's neurons. */
export type SourceOptions =
  /** Independently at random, at most once per step. */
  | { readonly poisson: QuantityLike }
  /** As listed: time and neuron. */
  | { readonly spikes: readonly (readonly [time: QuantityLike, neuron: number])[] };

/** Firing of a source, as an argument. */
export const SOURCE: RequiredKind = variants(
  {
    poisson: form<Extract<SourceOptions, { poisson: unknown }>>({ poisson: quantity }),
    spikes: form<Extract<SourceOptions, { spikes: unknown }>>({ spikes: SPIKES }),
  },
  "options",
);

/** Builds the model of a simulation, checking each part as it is added. */
export class NetworkBuilder {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #warn: (message: string) => void;
  readonly #populations: (PopulationBuilder | SourceBuilder)[] = [];
  readonly #projections: ProjectionModel[] = [];
  readonly #plastic: { readonly model: PlasticModel; readonly projection: PlasticProjection }[] = [];
  readonly #events: EventModel[] = [];
  #noises = 0;

  constructor(clock: Clock, seed: number, warn: (message: string) => void) {
    this.#clock = clock;
    this.#seed = seed;
    this.#warn = warn;
  }

  population(
    name: string,
    size: number,
    neuron: NeuronDefinition,
    initial: Readonly<Record<string, ValueOrDistribution>>,
  ): Population {
    const population = new PopulationBuilder(this.#identity(name, size), neuron, initial);
    this.#checkStep(name, neuron);
    this.#populations.push(population);
    return population;
  }

  source(name: string, size: number, options: SourceOptions): Population {
    const where = `source "${name}"`;
    const identity = this.#identity(name, size);
    const spikes =
      "poisson" in options
        ? this.#randomSpikes(options.poisson, where)
        : this.#distinct(listedSpikes(options.spikes, size, this.#clock, where), where);
    const source = new SourceBuilder(identity, spikes);
    this.#populations.push(source);
    return source;
  }

  /** A neuron is in the list of a step at most once. */
  #distinct(listed: { steps: Uint32Array; neurons: Uint32Array }, where: string) {
    const { steps, neurons } = listed;
    const twice = steps.findIndex((step, k) => k > 0 && step === steps[k - 1] && neurons[k] === neurons[k - 1]);
    if (twice < 0) return listed;
    throw new SpikevineError(
      `${where}: neuron ${neurons[twice]} spikes twice in the step at ${steps[twice]! * this.#clock.dt} ms; give its spikes in different steps.`,
    );
  }

  #identity(name: string, size: number) {
    if (this.#populations.some((population) => population.name === name)) {
      throw new SpikevineError(`population "${name}": the name is taken; give every population its own.`);
    }
    return { name, size, index: this.#populations.length };
  }

  #noise(fine?: NoiseModel["fine"]): NoiseModel {
    const number = this.#noises++;
    const counters = [SIMULATION_STREAM.noise, this.#seed, number];
    return { symbol: `noise__${number}`, counters, ...(fine === undefined ? {} : { fine }) };
  }

  #randomSpikes(rate: QuantityLike, where: string) {
    const probability = read(rate, `${where}: rate`, "Hz") * this.#clock.dt;
    if (probability >= RARE && probability <= 1)
      return { probability: Math.round(probability * 2 ** 24) / 2 ** 24, noise: this.#noise() };
    if (probability >= 0 && probability < RARE)
      return { probability: Math.fround(probability), noise: this.#noise("plain") };
    throw new SpikevineError(
      `${where}: a rate of ${rate} is ${probability} spikes per step; give a rate from 0 to ${1000 / this.#clock.dt} Hz.`,
    );
  }

  /** Refuses a step that is too long for the scheme, and warns if it is longer than the fastest time constant. */
  #checkStep(population: string, neuron: NeuronDefinition): void {
    const { dt } = this.#clock;
    const [unstable] = neuron.instabilities({ dt });
    if (unstable !== undefined && unstable.varies.length === 0) {
      throw new SpikevineError(stepAdvice(unstable, neuron, this.#namesOfStep(population, neuron)));
    }
    const [state, fastest] = Object.entries(neuron.timeConstants()).reduce(
      (least, entry) => (entry[1] < least[1] ? entry : least),
      ["", Number.POSITIVE_INFINITY] as [string, number],
    );
    if (dt <= fastest) return;
    const shown = Number(fastest.toPrecision(2));
    this.#warn(
      `dt is ${dt} ms, longer than the fastest time constant of neurons/${neuron.name} (${state}: ${shown} ms); ${Number((fastest / 5).toPrecision(1))} ms would do.`,
    );
  }

  #namesOfStep(population: string, { name }: NeuronDefinition) {
    return { field: 'simulation: "dt"', of: `neurons/${name} (population "${population}")`, dt: this.#clock.dt };
  }

  /** Warns if a step is nearly too long for a scheme whose limit depends on the states. */
  warnOfSteps({ populations }: SimulationModel, initial: readonly (readonly Float64Array[])[]): void {
    this.#populations.forEach((population, p) => {
      if (!(population instanceof PopulationBuilder)) return;
      const [unstable] = population.instabilities(populations[p]!, initial[p]!, this.#clock.dt);
      if (unstable === undefined) return;
      const { name, neuron } = population;
      this.#warn(stepAdvice(unstable, neuron, this.#namesOfStep(name, neuron)));
    });
  }

  connect(pre: Population, post: Population, options: ProjectionOptions): Projection {
    const to = this.#neurons(post, "a projection ends at");
    const from = this.#spiking(pre, post);
    const { model, projection } = makeProjection(from, to, options, this.#drawing());
    this.#projections.push(model);
    return projection;
  }

  connectPlastic(pre: Population, post: Population, options: PlasticProjectionOptions): PlasticProjection {
    const [from, to] = [this.#spiking(pre, post), this.#own(post)];
    const made = makePlasticProjection(from, to, options, this.#drawing());
    const doubt = refuseUnstable(options.synapse, this.#clock.dt, 'simulation: "dt"');
    if (doubt !== undefined) this.#warn(doubt);
    // Synapses read the spikes of both sides from the executor's log.
    from.logged = true;
    to.logged = true;
    this.#plastic.push(made);
    return made.projection;
  }

  #drawing(): Drawing {
    return { clock: this.#clock, seed: this.#seed, index: this.#projections.length + this.#plastic.length };
  }

  /** Index of a plastic projection, and the unit of one of its variables. */
  synapseVariable(projection: PlasticProjection, variable: string) {
    const index = this.#plastic.findIndex((own) => own.projection === projection);
    if (index >= 0) return { index, unit: synapseVariableUnit(projection, variable) };
    throw new SpikevineError(
      `"${variable}" of synapses: this is not a plastic projection of this simulation; give the result of connect with a synapse.`,
    );
  }

  input(population: Population, input: ExternalInput): void {
    const to = this.#neurons(population, "an input drives");
    const where = `input of population "${to.name}"`;
    if ("current" in input || "array" in input) {
      const current = currentInput(to, input, this.#clock);
      if (typeof current === "number") to.current += current;
      else to.drives.push(current);
      return;
    }
    const { target, weight } = "poisson" in input ? input.poisson : input;
    const state = to.state(target, `target of the ${where}`);
    const amount = read(weight, `${where}: weight`, to.neuron.states[state]!.unit);
    if ("poisson" in input) {
      const events = poissonEvents(input.poisson.rate, this.#clock, where);
      const noise = this.#noise("rare" in events ? "mirrored" : undefined);
      to.poisson.push({ state, noise, events, weight: amount });
    } else {
      const listed = listedSpikes(input.spikes, to.size, this.#clock, where);
      this.#events.push({ population: to.index, state: stateIndex(to, state), weight: amount, ...listed });
    }
  }

  /** Index of a population and of one of its states. */
  variable(
    population: Population,
    variable: string,
    of: string,
  ): { index: number; state: number; unit: string | undefined } {
    const found = this.#neurons(population, `a ${of} is of`);
    const state = found.state(variable, `variable in ${of} of population "${found.name}"`);
    return { index: found.index, state: stateIndex(found, state), unit: found.neuron.states[state]!.unit };
  }

  /** Makes the executor keep the spikes of a population. Returns its index. */
  watch(population: Population): number {
    const own = this.#own(population);
    own.logged = true;
    return own.index;
  }

  model(recorders: readonly RecorderModel[], synapseRecorders: readonly SynapseRecorderModel[]): SimulationModel {
    if (this.#populations.length === 0) {
      throw new SpikevineError("simulation: there is no population; add one before it runs.");
    }
    return {
      seed: this.#seed,
      populations: this.#populations.map((population) => population.model(this.#clock.dt)),
      projections: this.#projections,
      plastic: this.#plastic.map(({ model }) => model),
      events: this.#events,
      recorders,
      synapseRecorders,
    };
  }

  initial({ populations }: SimulationModel, trial: number): Float64Array[][] {
    return this.#populations.map((population, p) =>
      population instanceof PopulationBuilder ? population.initial(populations[p]!, this.#seed, trial) : [],
    );
  }

  #own(population: Population): PopulationBuilder | SourceBuilder {
    const found = this.#populations.find((own) => own === population);
    if (found !== undefined) return found;
    if (this.#populations.some(({ name }) => name === population.name)) {
      throw new SpikevineError(
        `population "${population.name}" belongs to another simulation; give the population that this one made.`,
      );
    }
    throw unknownName(
      "population of this simulation",
      population.name,
      this.#populations.map(({ name }) => name),
    );
  }

  /** The presynaptic side of a projection; warns if it cannot fire. */
  #spiking(pre: Population, post: Population): PopulationBuilder | SourceBuilder {
    const own = this.#own(pre);
    if (own instanceof PopulationBuilder && own.neuron.output === "values") {
      this.#warn(
        `${projectionName(pre, post)}: neurons/${own.neuron.name} has a graded output and never fires, so nothing arrives; connect neurons with a spike.`,
      );
    }
    return own;
  }

  #neurons(population: Population, what: string): PopulationBuilder {
    const found = this.#own(population);
    if (found instanceof PopulationBuilder) return found;
    throw new SpikevineError(`${what} neurons; "${population.name}" is a source of spikes.`);
  }
}

const stateIndex = ({ neuron }: PopulationBuilder, state: string): number => Object.keys(neuron.states).indexOf(state);
