import { stepAdvice } from "../../equations/analysis/step-advice.js";
import type { FunctionTable } from "../../equations/definitions/function-table.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import type { OwnFunctions } from "../../equations/definitions/own-functions.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { SpikevineError, unknownName } from "../../errors.js";
import { ownValue } from "../../own-value.js";
import { refuseUnstable } from "../checks/unstable-synapse.js";
import type { Clock } from "../clock.js";
import {
  type CopiedState,
  type EventModel,
  longestOf,
  type ProjectionModel,
  type RecorderModel,
  type SimulationModel,
  type SynapseRecorderModel,
} from "../model.js";
import type { ValueOrDistribution } from "../values.js";
import { type DelayHistory, historyOf, isHistory, joinPathways, pathwaysOf, withHistory } from "./changed-delays.js";
import type { Variable, Variables } from "./element-expression.js";
import { EventBuilder } from "./event-builder.js";
import type { ExternalInput } from "./external-input.js";
import { type InputPlace, makeInputPart } from "./input-part.js";
import { type Link, type LinkedVariable, linkVariable } from "./linked-variables.js";
import { type GivenValues, ofSlice } from "./per-neuron.js";
import { PlasticBuilder } from "./plastic-builder.js";
import {
  type PlasticProjection,
  type PlasticProjectionOptions,
  type ProjectionEnd,
  synapseVariableUnit,
} from "./plastic-projection.js";
import { type Population, wholeOf } from "./population.js";
import { PopulationBuilder } from "./population-builder.js";
import {
  type Drawing,
  type MadeProjection,
  makeProjection,
  type Projection,
  type ProjectionOptions,
  projectionName,
  type Side,
} from "./projection.js";
import { SourceBuilder, type SourceOptions } from "./source-builder.js";
import { SynapseEnd } from "./synapse-end.js";

type AnyPopulation = PopulationBuilder | SourceBuilder | EventBuilder | SynapseEnd;

/** An external input of a population; `change` replaces it. */
export interface Input {
  readonly population: Population;
}

interface InputHandle extends Input {
  readonly number: number;
  /** Number of its noise, once it is random. */
  noise?: number;
}

/** Builds the model of a simulation, checking each part as it is added. */
export class NetworkBuilder {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #warn: (message: string) => void;
  readonly #populations: AnyPopulation[] = [];
  readonly #projections: MadeProjection[] = [];
  readonly #plastic: PlasticBuilder[] = [];
  readonly #inputs: InputHandle[] = [];
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
    const of = this.#neurons(population, "a linked variable is of");
    const { states, parameters, derived, name } = of.neuron;
    const { index } = of;
    const { from } = wholeOf(population);
    const values = (trial: number): number | Float64Array => of.valuesOf(variable, trial);
    if (Object.hasOwn(states, variable)) {
      return { index, state: stateIndex(of, variable), unit: states[variable]!.unit, from, values };
    }
    if (Object.hasOwn(derived, variable)) {
      throw new SpikevineError(
        `linked variable: "${variable}" is a subexpression of neurons/${name}; link the states that it is made of, and write it out here, or make it a state.`,
      );
    }
    if (!Object.hasOwn(parameters, variable)) {
      const known = [...Object.keys(states), ...Object.keys(parameters)];
      throw unknownName(`variable in linked variable of population "${of.name}"`, variable, known);
    }
    if (of.links.has(variable) || of.sums.has(variable)) {
      const is = of.links.has(variable) ? "linked to other neurons" : "a sum over synapses";
      throw new SpikevineError(
        `linked variable: "${variable}" of population "${of.name}" is ${is} itself; link ${of.links.has(variable) ? "to those" : "a state that follows it"}.`,
      );
    }
    const { unit } = parameters[variable]!;
    of.linkedTo.add(variable);
    return { index, state: undefined, unit: unit === "" ? undefined : unit, from, values };
  }

  /** Tells if a parameter of a population is linked to by another one. */
  isLinked(population: Population, parameter: string): boolean {
    return this.#neurons(population, "parameters are of").linkedTo.has(parameter);
  }

  /** Replaces a function of the neurons of a population that is a timed array or a table. */
  setTable(population: Population, name: string, by: TimedArray | FunctionTable): void {
    const own = this.#neurons(population, "functions are of");
    if (own !== population) {
      throw new SpikevineError(`set: a function belongs to all neurons; give the whole population "${own.name}".`);
    }
    own.setTable(name, by);
  }

  /** The events of one name of some neurons, as a source of spikes. */
  event(population: Population, event: string): Population {
    const own = this.#neurons(population, "events are of");
    const { name, events } = own.neuron;
    if (!events.includes(event)) throw unknownName(`event of neurons/${name}`, event, events);
    const found = this.#populations[own.index + 1 + events.indexOf(event)] as EventBuilder;
    const { from } = wholeOf(population);
    return population === own ? found : found.slice(from, from + population.size);
  }

  source(name: string, size: number, options: SourceOptions): Population {
    const number = "poisson" in options ? this.#noises++ : 0;
    const source = new SourceBuilder(this.#identity(name, size), options, this.#clock, this.#seed, number);
    this.#populations.push(source);
    return source;
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

  connect(pre: Population, post: Population, options: ProjectionOptions): Projection {
    const to = { ...this.#side(post), whole: this.#neurons(post, "a projection ends at") };
    const from = this.#spiking(pre, post);
    const made = makeProjection(from, to, options, this.#drawing());
    this.#projections.push(made);
    return made.projection;
  }

  connectPlastic(pre: ProjectionEnd, post: ProjectionEnd, options: PlasticProjectionOptions): PlasticProjection {
    const [before, after] = [this.#end(pre), this.#end(post)];
    const [from, to] = [this.#spiking(before, after), this.#side(after)];
    refuseSilentSide({ pre: from, post: to }, options);
    const made = new PlasticBuilder(from, to, options, this.#drawing());
    const doubt = refuseUnstable(options.synapse, this.#clock.dt, 'simulation: "dt"');
    if (doubt !== undefined) this.#warn(doubt);
    // Synapses read the spikes of both sides from the executor's log.
    for (const { spikes } of [from, to]) this.#log(spikes);
    this.#plastic.push(made);
    return made.projection;
  }

  /** The population that stands for an end of a projection. */
  #end(given: ProjectionEnd): Population {
    if (!("synapses" in given)) return given;
    const { index } = this.synapseVariable(given, "weight");
    const found = this.#populations.find((own) => own instanceof SynapseEnd && own.plastic === index);
    if (found !== undefined) return found;
    const end = new SynapseEnd(this.#plastic[index]!, index, this.#populations.length);
    this.#plastic[index]!.becomeEnd(end.index);
    this.#populations.push(end);
    return end;
  }

  #log(population: number): void {
    const own = this.#populations[population]!;
    if (!(own instanceof SynapseEnd)) own.logged = true;
  }

  /** One line per population and per projection, with the schemes of their equations. */
  describe(): string[] {
    const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
    const equations = (of: string, schemes: Readonly<Record<string, string>>): string => {
      const shown = Object.entries(schemes).map(([variable, scheme]) => `${variable}: ${scheme}`);
      return shown.length === 0 ? of : `${of} (${shown.join(", ")})`;
    };
    const populations = this.#populations.flatMap((population) => {
      const { name, size } = population;
      if (population instanceof SynapseEnd) return [];
      if (!(population instanceof PopulationBuilder)) return `source "${name}": ${counted(size, "neuron")}`;
      const { neuron, schemes } = population;
      return `population "${name}": ${counted(size, "neuron")}, ${equations(`neurons/${neuron.name}`, schemes)}`;
    });
    const fixed = this.#projections.map(
      ({ projection }) => `${projectionName(projection.pre, projection.post)}: ${counted(projection.size, "synapse")}`,
    );
    const plastic = this.#plastic.map(({ model, projection: { pre, post, size, synapse } }) => {
      const definition = equations(`plasticity/${synapse.name}`, model.kernel.schemes);
      return `${projectionName(pre, post)}: ${counted(size, "synapse")}, ${definition}`;
    });
    return [...populations, ...fixed, ...plastic];
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

  input(population: Population, input: ExternalInput): Input {
    const handle: InputHandle = { population, number: this.#inputs.length };
    this.#drive(handle, input);
    this.#inputs.push(handle);
    return handle;
  }

  /** Replaces an input by another, which has the same random numbers if it is random. */
  changeInput(input: Input, by: ExternalInput): void {
    const handle = this.#inputs.find((own) => own === input);
    if (handle === undefined) {
      throw new SpikevineError("change: this is not an input of this simulation; give the result of sim.input().");
    }
    this.#drive(handle, by);
  }

  #drive(handle: InputHandle, input: ExternalInput): void {
    const { population, number } = handle;
    const to = this.#neurons(population, "an input drives");
    const noise = (): number => {
      handle.noise ??= this.#noises++;
      return handle.noise;
    };
    to.inputs.set(number, makeInputPart(input, this.#place(population, to, number, noise)));
  }

  /** Lets a source fire otherwise. Returns its index. */
  changeSource(source: Population, options: SourceOptions): number {
    const own = this.#own(source);
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
  setParameter(population: Population, name: string, values: ValueOrDistribution, number: number, names: Variables) {
    const own = this.#neurons(population, "parameters are of");
    const place = { number, names, from: wholeOf(population).from, size: population.size };
    const found = own.setParameter(name, values, place);
    this.#checkStep(own);
    return { index: own.index, values: found };
  }

  /** Functions for expressions over the neurons of a population. */
  functions(population: Population): OwnFunctions {
    return this.#neurons(population, "values are of").functions;
  }

  /** Names for expressions over the neurons of a population or of a part of one. */
  names(population: Population): Map<string, Variable> {
    const own = this.#neurons(population, "values are of");
    const names = own.names();
    return population === own ? names : ofSlice(names, wholeOf(population).from, population.size);
  }

  /** Parameters of a population that are copies of states, with the neurons of the whole population. */
  links(population: Population): ReadonlyMap<string, CopiedState> {
    const own = this.#own(population);
    const links = own instanceof PopulationBuilder ? [...own.links] : [];
    return new Map(links.flatMap(([name, { copied }]) => (copied === undefined ? [] : [[name, copied] as const])));
  }

  /** Gives the synapses of a projection with fixed weights other weights. */
  setWeights(projection: Projection, values: ValueOrDistribution, change: number): void {
    this.#fixed(projection).setWeights(values, change);
  }

  /** A projection with fixed weights, with its former and its present delays. */
  fixed(projection: Projection): ProjectionModel[] {
    const { model, former } = this.#fixed(projection);
    return [...former.map((past) => ({ ...past, weights: model.weights })), model];
  }

  /**
   * Gives the spikes of a projection with fixed weights other delays.
   * @param step Index of the next step, the first one whose spikes have them.
   */
  setDelays(projection: Projection, values: ValueOrDistribution, change: number, step: number): void {
    this.#fixed(projection).setDelays(values, change, step);
  }

  /** Gives the spikes of a plastic projection, or of one of its pathways, other delays. */
  setPlasticDelays(
    projection: PlasticProjection,
    pathway: string | undefined,
    values: ValueOrDistribution,
    change: number,
    step: number,
  ): void {
    this.#plastic[this.synapseVariable(projection, "weight").index]!.setDelays(pathway, values, change, step);
  }

  /** Gives a parameter of plastic synapses other values; expressions may use further names. */
  setSynapseParameter(
    projection: PlasticProjection,
    parameter: string,
    values: ValueOrDistribution,
    names: Variables,
    counters: readonly number[],
  ): void {
    const { index } = this.synapseVariable(projection, parameter);
    const made = this.#plastic[index]!;
    made.setParameter(parameter, values, names, counters);
    const doubt = refuseUnstable(made.projection.synapse, this.#clock.dt, 'simulation: "dt"');
    if (doubt !== undefined) this.#warn(doubt);
  }

  /** Makes a variable of plastic synapses one that can be read; returns what `synapseVariable` does. */
  readSynapses(projection: PlasticProjection, variable: string) {
    const found = this.synapseVariable(projection, variable);
    const made = this.#plastic[found.index]!;
    const isParameter = Object.hasOwn(made.projection.synapse.parameters, variable);
    if (!isParameter || Object.hasOwn(made.model.parameters, variable)) return { ...found, changed: false };
    made.expose(variable);
    return { ...found, changed: true };
  }

  /** Histories of the delays of all projections, and of all pathways of plastic ones. */
  delayHistories(): (DelayHistory | null)[] {
    const fixed = this.#projections.map(({ model, former }) => historyOf({ present: model, former }));
    return [...fixed, ...this.#plastic.flatMap(({ model }) => pathwaysOf(model).map(historyOf))];
  }

  /** Tells if values from elsewhere may be histories of the delays. */
  areDelayHistories(values: readonly unknown[]): values is (DelayHistory | null)[] {
    const sizes = [
      ...this.#projections.map(({ model }) => model.targets.length),
      ...this.#plastic.flatMap(({ model }) => pathwaysOf(model).map(() => model.targets.length)),
    ];
    return values.length === sizes.length && values.every((value, h) => isHistory(value, sizes[h]!));
  }

  /** Replaces the histories of the delays. */
  useDelayHistories(histories: readonly (DelayHistory | null)[]): void {
    let next = 0;
    for (const made of this.#projections) {
      const { present, former } = withHistory({ present: made.model, former: made.former }, histories[next++]!);
      [made.model, made.former] = [present, former];
    }
    for (const made of this.#plastic) {
      const pathways = pathwaysOf(made.model).map((one) => withHistory(one, histories[next++]!));
      made.model = { ...made.model, pathways: joinPathways(pathways) };
    }
  }

  #fixed(projection: Projection): MadeProjection {
    const found = this.#projections.find((own) => own.projection === projection);
    if (found !== undefined) return found;
    throw new SpikevineError("this projection belongs to another simulation; give the result of connect of this one.");
  }

  /**
   * Switches a population or a projection on or off.
   * @param now The next step.
   * @param rest The end of the last rest of plastic synapses that run from event to event.
   */
  setActive(
    part: Population | Projection | PlasticProjection,
    active: boolean,
    now: number,
    rest: (plastic: number) => number | undefined,
  ): void {
    if ("size" in part && "name" in part) {
      const own = this.#own(part);
      if (part !== own)
        throw new SpikevineError(`setActive: give the whole population "${own.name}", not a slice of it.`);
      if (own instanceof EventBuilder) {
        throw new SpikevineError(
          `setActive: "${own.name}" are events of neurons; give the population "${own.of.name}".`,
        );
      }
      if (own instanceof SynapseEnd) {
        throw new SpikevineError(`setActive: ${own.name} are given as a population; give their projection.`);
      }
      own.active = active;
      return;
    }
    const plastic = this.#plastic.findIndex((own) => own.projection === part);
    if (plastic < 0) {
      this.#fixed(part as Projection).setActive(active, now);
      return;
    }
    const made = this.#plastic[plastic]!;
    const rested = rest(plastic) ?? 0;
    // Synapses that run from event to event know one rest, and a spike may have been sent before another one.
    const longest = made.model.pathways.reduce((most, { delays }) => Math.max(most, longestOf(delays)), 0);
    const isSecond = !active && rested > 0 && now - rested < longest;
    made.model = { ...made.model, active, ...(isSecond ? { stepwise: true } : {}) };
  }

  /** Values of a variable of all synapses of a plastic projection from an expression; see `PlasticBuilder`. */
  evaluateSynapses(
    plastic: number,
    text: string,
    variable: string,
    names: Variables,
    counters: readonly number[],
  ): Float64Array {
    return this.#plastic[plastic]!.evaluate(text, variable, names, counters);
  }

  /** The neurons on a side of a projection, if they are not a source of spikes: those that events are of. */
  neuronsOf(population: Population): Population | undefined {
    const own = this.#own(population);
    if (own instanceof SourceBuilder || own instanceof SynapseEnd) return undefined;
    if (own instanceof PopulationBuilder) return population;
    const { from } = wholeOf(population);
    return population === own ? own.of : own.of.slice(from, from + population.size);
  }

  /** Lets states of a plastic projection have values of their own for every synapse. */
  setDistinct(plastic: number, states: readonly string[]): void {
    const made = this.#plastic[plastic]!;
    made.model = { ...made.model, distinct: states };
  }

  #place(population: Population, to: PopulationBuilder, number: number, noise: () => number): InputPlace {
    const where = `input of population "${population.name}"`;
    return {
      clock: this.#clock,
      seed: this.#seed,
      number,
      noise,
      where,
      population: to.size,
      from: wholeOf(population).from,
      size: population.size,
      inputOf: (target = to.neuron.input.symbol) => {
        const { inputs, name } = to.neuron;
        if (Object.hasOwn(inputs, target)) return { input: target, unit: inputs[target]!.unit };
        throw unknownName(`target of the ${where}: input current of neurons/${name}`, target, Object.keys(inputs));
      },
      unitOf: (state) => to.neuron.states[to.state(state, `target of the ${where}`)]!.unit,
    };
  }

  #events(): EventModel[] {
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

  /** Index of a population, and the state or output that is one of its variables. */
  recorded(population: Population, name: string, when: "start" | "before reset" = "start") {
    const own = this.#neurons(population, "a monitor is of");
    if (when === "before reset") return { index: own.index, ...own.watchBeforeReset(name) };
    if (!Object.hasOwn(own.neuron.states, name)) {
      return { index: own.index, variable: { output: name }, unit: own.watch(name) };
    }
    return { index: own.index, variable: { state: stateIndex(own, name) }, unit: own.neuron.states[name]!.unit };
  }

  /** Makes the executor keep the spikes of a population. Returns its index. */
  watch(population: Population): number {
    const own = this.#own(population);
    this.#log(own.index);
    return own.index;
  }

  model(
    recorders: readonly RecorderModel[],
    synapseRecorders: readonly SynapseRecorderModel[],
  ): Omit<SimulationModel, "interrupted"> {
    if (this.#populations.length === 0) {
      throw new SpikevineError("simulation: there is no population; add one before it runs.");
    }
    return {
      seed: this.#seed,
      populations: this.#populations.map((population) => population.model(this.#clock)),
      projections: this.#projections.flatMap(({ model, former }) => {
        const { weights, active } = model;
        return [...former.map((past) => ({ ...past, weights, active })), model];
      }),
      plastic: this.#plastic.map(({ model }) => model),
      events: this.#events(),
      recorders,
      synapseRecorders,
    };
  }

  initial({ populations }: SimulationModel, trial: number): Float64Array[][] {
    return this.#populations.map((population, p) =>
      population instanceof PopulationBuilder
        ? population.initial(populations[p]!, trial)
        : populations[p]!.states.map(() => new Float64Array(population.size)),
    );
  }

  #own(population: Population): AnyPopulation {
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

  /** The presynaptic side of a projection; warns if it cannot fire. */
  #spiking(pre: Population, post: Population): Side {
    const own = this.#own(pre);
    if (own instanceof PopulationBuilder && own.neuron.output === "values") {
      this.#warn(
        `${projectionName(pre, post)}: neurons/${own.neuron.name} has a graded output and never fires, so nothing arrives; connect neurons with a spike.`,
      );
    }
    return this.#side(pre);
  }

  #side(given: Population): Side {
    const own = this.#own(given);
    const whole = own instanceof EventBuilder ? own.of : own;
    return { given, whole, from: wholeOf(given).from, spikes: own.index };
  }

  #neurons(population: Population, what: string): PopulationBuilder {
    const found = this.#own(population);
    if (found instanceof PopulationBuilder) return found;
    const is = found instanceof SynapseEnd ? "are synapses" : "is a source of spikes";
    throw new SpikevineError(`${what} neurons; "${population.name}" ${is}, so give neurons.`);
  }
}

/** Refuses pathways of synapses at an end, which have no spikes. */
function refuseSilentSide(
  sides: Readonly<Record<"pre" | "post", Side>>,
  { synapse, target }: PlasticProjectionOptions,
): void {
  const where = projectionName(sides.pre.given, sides.post.given);
  for (const [side, field] of [
    ["pre", "onPre"],
    ["post", "onPost"],
  ] as const) {
    if (!(sides[side].whole instanceof SynapseEnd)) continue;
    const { name, spec } = synapse;
    const isEmpty = Object.keys(spec[field] ?? {}).length === 0;
    if (isEmpty && !(side === "pre" && target !== undefined)) continue;
    throw new SpikevineError(
      `${where}: plasticity/${name} has ${isEmpty ? "a target" : field}, and ${sides[side].given.name} are synapses, which have no spikes; use dynamics or summed instead.`,
    );
  }
}

const stateIndex = ({ neuron }: PopulationBuilder, state: string): number => Object.keys(neuron.states).indexOf(state);
