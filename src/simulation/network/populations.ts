import { stepAdvice } from "../../equations/analysis/step-advice.js";
import type { FunctionTable } from "../../equations/definitions/function-table.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import type { OwnFunctions } from "../../equations/definitions/own-functions.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import { ownValue } from "../../own-value.js";
import type { Clock } from "../clock.js";
import type { EventModel, SimulationModel } from "../model.js";
import type { ValueOrDistribution } from "../values.js";
import { counted, equationsOf } from "./describe.js";
import type { Variable, Variables } from "./element-expression.js";
import { EventBuilder } from "./event-builder.js";
import { type Link, type LinkedVariable, linkVariable, type SourceFormula } from "./linked-variables.js";
import { type GivenValues, ofSlice } from "./per-neuron.js";
import type { PlasticBuilder } from "./plastic-builder.js";
import { type Population, wholeOf } from "./population.js";
import { PopulationBuilder } from "./population-builder.js";
import { SourceBuilder, type SourceOptions } from "./source-builder.js";
import { SynapseEnd } from "./synapse-end.js";

/** A population of any kind, under construction. */
export type AnyPopulation = PopulationBuilder | SourceBuilder | EventBuilder | SynapseEnd;

/** Populations, sources, events and synapses at ends, in the order of the model. */
export class Populations {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #warn: (message: string) => void;
  readonly #noise: () => number;
  readonly #populations: AnyPopulation[] = [];

  /** @param noise Numbers of the noises of a simulation. */
  constructor(clock: Clock, seed: number, warn: (message: string) => void, noise: () => number) {
    this.#clock = clock;
    this.#seed = seed;
    this.#warn = warn;
    this.#noise = noise;
  }

  get all(): readonly AnyPopulation[] {
    return this.#populations;
  }

  add(
    name: string,
    size: number,
    neuron: NeuronDefinition,
    given: GivenValues,
    linked: Readonly<Record<string, LinkedVariable>>,
  ): Population {
    const identity = this.#identity(name, size);
    const links = new Map<string, Link>();
    for (const [parameter, to] of Object.entries(linked)) {
      if (ownValue(given.parameters ?? {}, parameter) !== undefined) {
        throw new SpikevineError(
          `population "${name}": "${parameter}" is in parameters and in linked; leave it out of one of them.`,
        );
      }
      links.set(parameter, linkVariable(parameter, to, this.#linkSource(to), { name, size, neuron }));
    }
    const population = new PopulationBuilder(identity, neuron, given, this.#seed, links);
    this.#checkStep(population);
    this.#populations.push(population);
    for (const event of neuron.events) {
      this.#populations.push(new EventBuilder(population, event, this.#populations.length));
    }
    return population;
  }

  #linkSource({ population, variable }: LinkedVariable) {
    const of = this.neurons(population, "a linked variable is of");
    const { states, parameters, derived } = of.neuron;
    const { index } = of;
    const { from } = wholeOf(population);
    const { dt } = this.#clock;
    const values = (trial: number): number | Float64Array => of.valuesOf(variable, trial, dt);
    if (Object.hasOwn(states, variable)) {
      of.held.read(variable);
      return { index, state: stateIndex(of, variable), unit: states[variable]!.unit, from, values };
    }
    if (Object.hasOwn(derived, variable)) {
      const formula = (): SourceFormula => of.sourceFormula(variable, dt);
      for (const state of Object.keys(formula().states)) of.held.read(state);
      for (const parameter of Object.keys(formula().parameters)) {
        this.#refuseIndirect(of, parameter);
        of.linkedTo.add(parameter);
      }
      return { index, state: undefined, formula, unit: derived[variable]!.unit, from, values };
    }
    if (!Object.hasOwn(parameters, variable)) {
      const known = [...Object.keys(states), ...Object.keys(parameters), ...Object.keys(derived)];
      throw unknownName(`variable in linked variable of population "${of.name}"`, variable, known);
    }
    this.#refuseIndirect(of, variable);
    const { unit } = parameters[variable]!;
    of.linkedTo.add(variable);
    return { index, state: undefined, unit: unit === "" ? undefined : unit, from, values };
  }

  /** Refuses a link to a parameter whose value is another one's. */
  #refuseIndirect(of: PopulationBuilder, parameter: string): void {
    if (!of.links.has(parameter) && !of.sums.has(parameter)) return;
    const is = of.links.has(parameter) ? "linked to other neurons" : "a sum over synapses";
    throw new SpikevineError(
      `linked variable: "${parameter}" of population "${of.name}" is ${is} itself; link ${of.links.has(parameter) ? "to those" : "a state that follows it"}.`,
    );
  }

  /** Tells if a parameter of a population is linked to by another one. */
  isLinked(population: Population, parameter: string): boolean {
    return this.neurons(population, "parameters are of").linkedTo.has(parameter);
  }

  /** Replaces a function of the neurons of a population that is a timed array or a table. */
  setTable(population: Population, name: string, by: TimedArray | FunctionTable): void {
    const own = this.neurons(population, "functions are of");
    if (own !== population) {
      throw new SpikevineError(`set: a function belongs to all neurons; give the whole population "${own.name}".`);
    }
    own.setTable(name, by);
  }

  /** The events of one name of some neurons, as a source of spikes. */
  event(population: Population, event: string): Population {
    const own = this.neurons(population, "events are of");
    const { name, events } = own.neuron;
    if (!events.includes(event)) throw unknownName(`event of neurons/${name}`, event, events);
    const found = this.#populations[own.index + 1 + events.indexOf(event)] as EventBuilder;
    const { from } = wholeOf(population);
    return population === own ? found : found.slice(from, from + population.size);
  }

  addSource(name: string, size: number, options: SourceOptions): Population {
    const number = "poisson" in options ? this.#noise() : 0;
    const source = new SourceBuilder(this.#identity(name, size), options, this.#clock, this.#seed, number);
    this.#populations.push(source);
    return source;
  }

  /** The population that stands for synapses at an end. */
  end(synapses: PlasticBuilder, plastic: number): Population {
    const found = this.#populations.find((own) => own instanceof SynapseEnd && own.plastic === plastic);
    if (found !== undefined) return found;
    const end = new SynapseEnd(synapses, plastic, this.#populations.length);
    synapses.becomeEnd(end.index);
    this.#populations.push(end);
    return end;
  }

  #identity(name: string, size: number) {
    if (this.#populations.some((population) => population.name === name)) {
      throw new SpikevineError(`population "${name}": the name is taken; give every population its own.`);
    }
    return { name, size, index: this.#populations.length };
  }

  /** Refuses a step that is too long for the scheme, and warns if it is longer than the fastest time constant. */
  #checkStep(population: PopulationBuilder): void {
    const { name, neuron } = population;
    const { dt } = this.#clock;
    for (const parameters of population.parameterExtremes()) {
      const [unstable] = neuron.instabilities({ dt, parameters });
      if (unstable === undefined || unstable.varies.length > 0) continue;
      throw new SpikevineError(stepAdvice(unstable, neuron, this.#namesOfStep(name, neuron)));
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

  /** Lets a source fire otherwise. Returns its index. */
  changeSource(source: Population, options: SourceOptions): number {
    const own = this.own(source);
    if (!(own instanceof SourceBuilder)) {
      throw new SpikevineError(
        `change: population "${own.name}" is not a source; give a source, or an input of neurons.`,
      );
    }
    if (source !== own) throw new SpikevineError(`change: give the whole source "${own.name}", not a slice of it.`);
    own.fire(options);
    return own.index;
  }

  /**
   * Gives a parameter of a population other values; expressions may use further names.
   * @returns Index of the population, and the values if they differ between neurons.
   */
  setParameter(
    population: Population,
    name: string,
    values: ValueOrDistribution,
    number: number,
    names: Variables,
  ): { readonly index: number; readonly values: Float64Array | undefined } {
    const own = this.neurons(population, "parameters are of");
    const place = { number, names, from: wholeOf(population).from, size: population.size };
    const found = own.setParameter(name, values, place);
    this.#checkStep(own);
    return { index: own.index, values: found };
  }

  /** Functions for expressions over the neurons of a population. */
  functions(population: Population): OwnFunctions {
    return this.neurons(population, "values are of").functions;
  }

  /** Names for expressions over the neurons of a population or of a part of one. */
  names(population: Population): Map<string, Variable> {
    const own = this.neurons(population, "values are of");
    const names = own.names();
    return population === own ? names : ofSlice(names, wholeOf(population).from, population.size);
  }

  /** Parameters of a population that are variables of other neurons. */
  links(population: Population): ReadonlyMap<string, Link> {
    const own = this.own(population);
    return own instanceof PopulationBuilder ? own.links : new Map();
  }

  /** The neurons on a side of a projection, if they are not a source of spikes: those that events are of. */
  neuronsOf(population: Population): Population | undefined {
    const own = this.own(population);
    if (own instanceof SourceBuilder || own instanceof SynapseEnd) return undefined;
    if (own instanceof PopulationBuilder) return population;
    const { from } = wholeOf(population);
    return population === own ? own.of : own.of.slice(from, from + population.size);
  }

  /** Index of a population and of one of its states. */
  variable(
    population: Population,
    variable: string,
    of: string,
  ): { index: number; state: number; unit: string | undefined } {
    const found = this.neurons(population, `a ${of} is of`);
    const state = found.state(variable, `variable in ${of} of population "${found.name}"`);
    return { index: found.index, state: stateIndex(found, state), unit: found.neuron.states[state]!.unit };
  }

  /** Index of a population, and the state or output that is one of its variables. */
  recorded(population: Population, name: string, when: "start" | "before reset" = "start") {
    const own = this.neurons(population, "a monitor is of");
    if (when === "before reset") return { index: own.index, ...own.watchBeforeReset(name) };
    if (!Object.hasOwn(own.neuron.states, name)) {
      return { index: own.index, variable: { output: name }, unit: own.watch(name) };
    }
    return { index: own.index, variable: { state: stateIndex(own, name) }, unit: own.neuron.states[name]!.unit };
  }

  /** Makes the executor keep the spikes of a population. Returns its index. */
  watch(population: Population): number {
    const own = this.own(population);
    this.log(own.index);
    return own.index;
  }

  /** One line per population, with the schemes of its equations. */
  describe(): string[] {
    return this.#populations.flatMap((population) => {
      const { name, size } = population;
      if (population instanceof SynapseEnd) return [];
      if (!(population instanceof PopulationBuilder)) return `source "${name}": ${counted(size, "neuron")}`;
      const { neuron, schemes } = population;
      return `population "${name}": ${counted(size, "neuron")}, ${equationsOf(`neurons/${neuron.name}`, schemes)}`;
    });
  }

  /** Makes the executor keep the spikes of the population of an index. */
  log(population: number): void {
    const own = this.#populations[population]!;
    if (!(own instanceof SynapseEnd)) own.logged = true;
  }

  /** Switches a whole population on or off. */
  setActive(part: Population, active: boolean): void {
    const own = this.own(part);
    if (part !== own)
      throw new SpikevineError(`setActive: give the whole population "${own.name}", not a slice of it.`);
    if (own instanceof EventBuilder) {
      throw new SpikevineError(`setActive: "${own.name}" are events of neurons; give the population "${own.of.name}".`);
    }
    if (own instanceof SynapseEnd) {
      throw new SpikevineError(`setActive: ${own.name} are given as a population; give their projection.`);
    }
    if (own instanceof PopulationBuilder && own.held.names.length > 0) {
      throw new SpikevineError(
        `setActive: population "${own.name}" has events before its resets, which it needs its steps for; switch off the projections, or leave out when: "before reset".`,
      );
    }
    own.active = active;
  }

  /** Refuses code between the arrivals and the rest of a step, if events wait there for a reset. */
  refuseInterruptedEvents(): void {
    const found = this.#populations.find((own) => own instanceof PopulationBuilder && own.held.names.length > 0);
    if (found === undefined) return;
    throw new SpikevineError(
      `simulation: when: "after arrivals" would find events that wait for the reset of population "${found.name}"; use when: "start", or leave out when: "before reset" of its projections.`,
    );
  }

  events(): EventModel[] {
    return this.#populations.flatMap((population, index) =>
      population instanceof PopulationBuilder
        ? [...population.inputs.values()].flatMap(({ events }) => {
            if (events === undefined) return [];
            const { state, ...rest } = events;
            return { ...rest, population: index, state: stateIndex(population, state) };
          })
        : [],
    );
  }

  initial({ populations }: SimulationModel, trial: number): Float64Array[][] {
    return this.#populations.map((population, p) =>
      population instanceof PopulationBuilder
        ? population.initial(populations[p]!, trial)
        : populations[p]!.states.map(() => new Float64Array(population.size)),
    );
  }

  /** The population under construction that a population or a part of one belongs to. */
  own(population: Population): AnyPopulation {
    const { whole } = wholeOf(population);
    const found = this.#populations.find((own) => own === whole);
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

  /** The neurons under construction that a population belongs to; refuses anything else. */
  neurons(population: Population, what: string): PopulationBuilder {
    const found = this.own(population);
    if (found instanceof PopulationBuilder) return found;
    const is = found instanceof SynapseEnd ? "are synapses" : "is a source of spikes";
    throw new SpikevineError(`${what} neurons; "${population.name}" ${is}, so give neurons.`);
  }
}

const stateIndex = ({ neuron }: PopulationBuilder, state: string): number => Object.keys(neuron.states).indexOf(state);
