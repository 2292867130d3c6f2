import type { FunctionTable } from "../equations/definitions/function-table.js";
import type { NeuronDefinition } from "../equations/definitions/neuron.js";
import { isTable } from "../equations/definitions/own-functions.js";
import type { SynapseDefinition } from "../equations/definitions/synapse.js";
import type { TimedArray } from "../equations/definitions/timed-array.js";
import type { Moment } from "./changes.js";
import type { Monitors } from "./monitors/monitors.js";
import type { ExternalInput } from "./network/external-input.js";
import type { Input } from "./network/inputs.js";
import type {
  Connected,
  ConnectionOptions,
  ConnectOptions,
  PlasticProjection,
  PlasticProjectionOptions,
  ProjectionEnd,
} from "./network/plastic-projection.js";
import { type Population, wholeOf } from "./network/population.js";
import { type Projection, type ProjectionOptions, projectionName } from "./network/projection.js";
import type { SourceOptions } from "./network/source-builder.js";
import type { PopulationOptions, SimulationOptions } from "./options.js";
import type { RunOptions, RunReport } from "./running/run-loop.js";
import { RunningModel } from "./running/running-model.js";
import {
  checkActive,
  checkChange,
  checkEvent,
  checkEvery,
  checkInput,
  checkPlain,
  checkPlastic,
  checkPopulation,
  checkRegularly,
  checkReset,
  checkRestore,
  checkRun,
  checkSave,
  checkSet,
  checkSimulation,
  checkSource,
  checkState,
  checkSynapses,
  checkTable,
  type RegularOptions,
  type ResetOptions,
  type SaveOptions,
} from "./simulation-arguments.js";
import type { ValueOrDistribution } from "./values.js";

type AnyProjection = Projection | PlasticProjection;

/**
 * A network of spiking neurons in continuous time: populations, projections, inputs and monitors, then runs. Between runs,
 * values may change, and further parts may be added.
 *
 *     const sim = simulation({ dt: "0.1 ms", seed: 1 });
 *     const exc = sim.population("exc", 3200, cobaLif());
 *     sim.connect(exc, exc, { pattern: { probability: 0.02 }, target: "ge", weight: "6 nS" });
 *     const spikes = sim.monitor.spikes(exc);
 *     await sim.run("1 s");
 */
export class Simulation {
  readonly #running: RunningModel;

  constructor(options: SimulationOptions = {}) {
    checkSimulation([options]);
    this.#running = new RunningModel(options);
  }

  /** Length of a step, ms. */
  get dt(): number {
    return this.#running.clock.dt;
  }

  /** Time of the model, ms. */
  get time(): number {
    return this.#running.time;
  }

  /** Steps run since the beginning. */
  get step(): number {
    return this.#running.step;
  }

  /** Monitors: `spikes`, `state`, `rate` and `synapses`. */
  get monitor(): Monitors {
    return this.#running.monitors;
  }

  /**
   * Adds neurons of one kind.
   * @throws SpikevineError for a name that is taken, a size below 1, an unknown state in `initial`, or a wrong unit.
   */
  population(name: string, size: number, neuron: NeuronDefinition, options: PopulationOptions = {}): Population {
    this.#running.changed();
    checkPopulation([name, size, neuron, options], nameOf("population", name));
    const { integrator, refractory, functions, linked = {}, ...given } = options;
    const changes = {
      ...(integrator === undefined ? {} : { integrator }),
      ...(refractory === undefined ? {} : { refractory }),
      ...(functions === undefined ? {} : { functions }),
    };
    const changed = Object.keys(changes).length === 0 ? neuron : neuron.with(changes);
    return this.#running.network.populations.add(name, size, changed, given, linked);
  }

  /**
   * The events of one name of some neurons, from `events` of their definition: a source of spikes for monitors and for
   * `connect`. At the end of a projection with a `synapse`, they take the place of postsynaptic spikes.
   * @throws SpikevineError for an event that the neurons do not have.
   */
  event(population: Population, event: string): Population {
    checkEvent([population, event]);
    return this.#running.network.populations.event(population, event);
  }

  /**
   * Adds a source whose neurons fire at random or as listed, to be connected like a population.
   * @throws SpikevineError for a name that is taken, a size below 1, or a rate above one spike per step.
   */
  source(name: string, size: number, options: SourceOptions): Population {
    this.#running.changed();
    checkSource([name, size, options], nameOf("source", name));
    return this.#running.network.populations.addSource(name, size, options);
  }

  /**
   * Adds synapses, which are drawn immediately. A list of populations gets one projection each. With a `synapse`, e.g.
   * `stdp()`, every synapse has states of its own and changes its weight; then either end may also be the synapses of a
   * plastic projection.
   * @throws SpikevineError naming the projection and the problem: pattern, target, unit, a delay below dt.
   */
  connect<P extends ProjectionEnd | readonly ProjectionEnd[], S extends SynapseDefinition | undefined = undefined>(
    pre: ProjectionEnd,
    post: P,
    options: ConnectionOptions<S>,
  ): Connected<P, S> {
    this.#running.changed();
    const wanted = options as ConnectOptions;
    if (wanted?.synapse === undefined) checkPlain([pre, post, options], endsOf(pre, post));
    else checkPlastic([pre, post, options], endsOf(pre, post));
    const one = (to: ProjectionEnd): AnyProjection =>
      wanted.synapse === undefined
        ? this.#running.network.projections.connect(pre as Population, to as Population, wanted as ProjectionOptions)
        : this.#running.network.projections.connectPlastic(pre, to, wanted as PlasticProjectionOptions);
    return (isOne(post) ? one(post) : post.map(one)) as Connected<P, S>;
  }

  /**
   * Drives a population with external input; several inputs add up.
   * @throws SpikevineError naming the population and the problem.
   */
  input(population: Population, input: ExternalInput): Input {
    checkInput([population, input], nameOf("input of population", population?.name));
    this.#running.changed();
    return this.#running.network.inputs.add(population, input);
  }

  /**
   * Gives a state or a parameter of a population, or the weight or another variable of a projection's synapses, other
   * values from the next step on. An expression of a state or a parameter may use the current states. Delays are `delay`,
   * and `NAME.delay` of a pathway; they count for spikes from the next step on. A function of neurons or
   * synapses that is a timed array or a table is replaced by another one.
   * @param values As when the population or the projection was made; a list for synapses is in the order of `synapses()`.
   * @throws SpikevineError for an unknown variable or a wrong unit; nothing has changed then.
   */
  set(
    part: Population | Projection | PlasticProjection,
    variable: string,
    values: ValueOrDistribution | TimedArray | FunctionTable,
  ): void {
    if (isTable(values)) {
      checkTable([part, variable, values]);
      this.#running.changes.setTable(
        part as Population | PlasticProjection,
        variable,
        values as TimedArray | FunctionTable,
      );
      return;
    }
    checkSet([part, variable, values]);
    this.#running.changes.set(part, variable, values as ValueOrDistribution, 0);
  }

  /**
   * Replaces an input, the result of `input`, by another, or lets a source fire otherwise, from the next step on.
   * @throws SpikevineError naming the input or the source and the problem.
   */
  change(input: Input, by: ExternalInput): void;
  change(source: Population, by: SourceOptions): void;
  change(part: Input | Population, by: ExternalInput | SourceOptions): void {
    if (typeof part === "object" && part !== null && "population" in part) {
      checkChange.input([part, by]);
      this.#running.network.inputs.change(part, by as ExternalInput);
    } else {
      checkChange.source([part, by]);
      const index = this.#running.network.populations.changeSource(part, by as SourceOptions);
      // A former rate that was wrong in the last step no longer counts.
      if (this.#running.present?.model.populations[index]?.rate !== undefined)
        this.#running.present.executor.live(index, 0).fill(0);
    }
    this.#running.changed();
  }

  /**
   * Switches a population or a projection off or on again. A population that is off keeps its states and does not fire;
   * events still reach it. A spike that is sent or would arrive while a projection is off has no effect, and plastic synapses
   * keep their values.
   */
  setActive(part: Population | Projection | PlasticProjection, active: boolean): void {
    checkActive([part, active]);
    if (isPopulation(part)) this.#running.network.populations.setActive(part, active);
    else this.#running.changes.setActive(part, active);
    this.#running.changed();
  }

  /**
   * Calls a function at time 0 and then once per period. It may read and change the simulation.
   * @param period A whole number of steps.
   * @param callback Gets the time of the model, ms.
   * @param options.when Before the events of the step arrive (`"start"`, the default), or after them and before everything else
   * (`"after arrivals"`).
   * @returns A function that ends the calls.
   */
  every(
    period: number | string,
    callback: (time: number) => void,
    options: { readonly when?: Moment } = {},
  ): () => void {
    checkEvery([period, callback, options]);
    const { when = "start" } = options;
    return this.#running.changes.every(this.#running.clock.steps(period, "every: the period"), when, callback);
  }

  /**
   * Gives states or parameters of a population new values at time 0 and then once per period, at the moment of the step that
   * `when` names as for `every`: expressions, evaluated one after the other, each with the values of those before.
   * @param equations E.g. `{ v: "v + kick * randn()" }`. Names: states, parameters, positions, `i`, `N`, `rand()`, `randn()`.
   */
  runRegularly(
    population: Population,
    equations: Readonly<Record<string, string>>,
    options: RegularOptions,
  ): () => void {
    checkRegularly([population, equations, options]);
    const { every, when = "start" } = options;
    return this.#running.changes.runRegularly(
      population,
      equations,
      this.#running.clock.steps(every, "runRegularly: every"),
      when,
    );
  }

  /**
   * Runs the simulation for a duration.
   * @throws SpikevineError while another run of this simulation is in progress.
   */
  async run(duration: number | string, options: RunOptions = {}): Promise<RunReport> {
    checkRun([duration, options]);
    return this.#running.run(this.#running.clock.steps(duration, "run: the duration"), options);
  }

  /**
   * Returns to the beginning and empties the monitors.
   * @param options.trial Another number gives other initial values and other Poisson input to the same network.
   * Default: 0.
   */
  reset(options: ResetOptions = {}): void {
    checkReset([options]);
    this.#running.reset(options.trial ?? 0);
  }

  /**
   * The state of the model as bytes: everything that the next step depends on, spikes in flight included.
   * @param options.monitors Saves the content of the monitors too. Default: false.
   */
  save(options: SaveOptions = {}): Uint8Array {
    checkSave([options]);
    return this.#running.save(options.monitors ?? false);
  }

  /**
   * Restores a saved state, also in another process; the simulation resumes bit-identically. The monitors have their
   * saved content if it was saved, else they are empty.
   * @throws SpikevineError for bytes that are not a saved state, are damaged, or belong to another model, naming the
   * difference; nothing has changed then.
   */
  restore(bytes: Uint8Array): void {
    checkRestore([bytes]);
    this.#running.restore(bytes);
  }

  /**
   * The current values of a state variable of all neurons, in internal units.
   * @throws SpikevineError for a variable that the population does not have.
   */
  state(population: Population, variable: string): Float64Array {
    checkState([population, variable]);
    const { index, state } = this.#running.network.populations.variable(population, variable, "state");
    const { from } = wholeOf(population);
    return this.#running
      .build()
      .executor.state(index, state)
      .subarray(from, from + population.size);
  }

  /**
   * The current weight or another variable of all synapses of a plastic projection, in internal units, in the order of
   * `projection.synapses()`.
   * @throws SpikevineError for a variable that the synapse does not have.
   */
  synapseState(projection: PlasticProjection, variable: string): Float64Array {
    checkSynapses([projection, variable]);
    const { index, changed } = this.#running.network.projections.readSynapses(projection, variable);
    if (changed) this.#running.changed();
    return this.#running.build().executor.synapses(index, variable);
  }

  /** Instruction set, precision and threads of the executor. */
  get executor(): string {
    const { description, threads } = this.#running.build().executor;
    return threads === undefined ? description : `${description}, ${threads}`;
  }

  /**
   * Text about the model, one line for each part: the executor and the step, populations and projections with their sizes,
   * definitions and the schemes of their equations, as `automatic` chose them.
   */
  describe(): string {
    return [`${this.executor}, steps of ${this.dt} ms`, ...this.#running.network.describe()].join("\n");
  }
}

/** Prefix of messages about something with a name, if it has one. */
const nameOf = (what: string, name: unknown): string => (typeof name === "string" ? `${what} "${name}"` : what);

/** The projection that messages are about, if any. */
const endsOf = (pre: ProjectionEnd, post: ProjectionEnd | readonly ProjectionEnd[]): string =>
  [pre, post].every((end) => typeof end === "object" && end !== null && "name" in end)
    ? projectionName(pre as Population, post as Population)
    : "connect";

const isPopulation = (part: Population | Projection | PlasticProjection): part is Population => "name" in part;

const isOne = (post: ProjectionEnd | readonly ProjectionEnd[]): post is ProjectionEnd => !Array.isArray(post);

/** Starts a simulation; see `Simulation`. */
export const simulation = (options?: SimulationOptions): Simulation => new Simulation(options);
