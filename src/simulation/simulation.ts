import {
  bytes,
  callback,
  choice,
  either,
  fields,
  flag,
  list,
  made,
  named,
  optional,
  quantity,
  signature,
  text,
} from "../arguments/index.js";
import { TABLE } from "../equations/definitions/argument-kinds.js";
import type { FunctionTable } from "../equations/definitions/function-table.js";
import { NEURON, type NeuronDefinition } from "../equations/definitions/neuron.js";
import { isTable } from "../equations/definitions/own-functions.js";
import type { SynapseDefinition } from "../equations/definitions/synapse.js";
import type { TimedArray } from "../equations/definitions/timed-array.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { Changes, type Moment } from "./changes.js";
import { FiniteSteps } from "./checks/finite-steps.js";
import { Clock } from "./clock.js";
import { executorMaker } from "./executors/executor-maker.js";
import { PlasticExecutor } from "./executors/plastic/plastic-executor.js";
import type { SimulationModel } from "./model.js";
import { Monitors } from "./monitors/monitors.js";
import type { DelayHistory } from "./network/changed-delays.js";
import { type ExternalInput, INPUT } from "./network/external-input.js";
import type { Input } from "./network/inputs.js";
import { NetworkBuilder } from "./network/network-builder.js";
import {
  CONNECT,
  type Connected,
  type ConnectionOptions,
  type ConnectOptions,
  PLASTIC_PROJECTION,
  type PlasticProjection,
  type PlasticProjectionOptions,
  type ProjectionEnd,
} from "./network/plastic-projection.js";
import { POPULATION, type Population, SIZE, wholeOf } from "./network/population.js";
import { PROJECTION, type Projection, type ProjectionOptions, projectionName } from "./network/projection.js";
import { SOURCE, type SourceOptions } from "./network/source-builder.js";
import { POPULATION_OPTIONS, type PopulationOptions, SIMULATION_OPTIONS, type SimulationOptions } from "./options.js";
import { RUN_OPTIONS, type RunOptions, type RunReport, runInSlices } from "./run-loop.js";
import { type Fingerprint, fingerprint, readState, writeState } from "./state/state-file.js";
import { VALUES, type ValueOrDistribution } from "./values.js";

interface ResetOptions {
  readonly trial?: number;
}

interface RegularOptions {
  readonly every: number | string;
  readonly when?: Moment;
}

interface SaveOptions {
  readonly monitors?: boolean;
}

const VARIABLE = text("the name of a variable");
const NAME = text("a name");
const POPULATIONS = either(POPULATION, list(POPULATION, 1));
const checkSimulation = signature("simulation", {
  options: fields<SimulationOptions>(SIMULATION_OPTIONS, { root: "options" }),
});
const checkPopulation = signature("population", {
  name: NAME,
  size: SIZE,
  neuron: NEURON,
  options: POPULATION_OPTIONS,
});
const checkSource = signature("source", { name: NAME, size: SIZE, options: SOURCE });
const checkEvent = signature("event", { population: POPULATION, event: text("the name of an event") });
const checkPlain = signature("connect", { pre: POPULATION, post: POPULATIONS, options: CONNECT.plain });
const END = either(POPULATION, PLASTIC_PROJECTION);
const checkPlastic = signature("connect", {
  pre: END,
  post: either(POPULATION, PLASTIC_PROJECTION, list(END, 1)),
  options: CONNECT.plastic,
});
const checkInput = signature("input", { population: POPULATION, input: INPUT });
const PART = either(POPULATION, PROJECTION);
const checkSet = signature("set", { part: PART, variable: VARIABLE, values: VALUES });
const checkTable = signature("set", { part: either(POPULATION, PLASTIC_PROJECTION), variable: NAME, values: TABLE });
const checkChange = {
  input: signature("change", { input: made("the result of sim.input()", "population"), by: INPUT }),
  source: signature("change", { source: POPULATION, by: SOURCE }),
};
const checkActive = signature("setActive", { part: PART, active: flag });
const WHEN = choice(["start", "after arrivals"]);
const checkEvery = signature("every", {
  period: quantity,
  callback: callback(),
  options: fields<{ readonly when?: Moment }>({ when: optional(WHEN) }, { root: "options" }),
});
const checkRegularly = signature("runRegularly", {
  population: POPULATION,
  equations: named(text("an expression"), "an object from states and parameters to expressions"),
  options: fields<RegularOptions>({ every: quantity, when: optional(WHEN) }, { root: "options" }),
});
const checkRun = signature("run", { duration: quantity, options: RUN_OPTIONS });
const checkReset = signature("reset", {
  options: fields<ResetOptions>({ trial: optional(SEED) }, { root: "options" }),
});
const checkSave = signature("save", {
  options: fields<SaveOptions>({ monitors: optional(flag) }, { root: "options" }),
});
const checkRestore = signature("restore", { bytes });
const checkState = signature("state", { population: POPULATION, variable: VARIABLE });
const checkSynapses = signature("synapseState", { projection: PLASTIC_PROJECTION, variable: VARIABLE });

interface Built {
  readonly model: SimulationModel;
  readonly executor: PlasticExecutor;
  readonly steps: FiniteSteps;
}

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
  readonly #clock: Clock;
  readonly #makeExecutor: (model: SimulationModel) => PlasticExecutor;
  readonly #network: NetworkBuilder;
  readonly #monitors: Monitors;
  readonly #changes: Changes;
  readonly #onWarning: (sentence: string) => void;
  #built: Built | undefined;
  #step = 0;
  #trial = 0;
  #running = false;
  /** The step whose events have arrived although it has not run, since code was called after them. */
  #arrived = -1;
  /** True if the model has changed since it was built. */
  #stale = false;

  constructor(options: SimulationOptions = {}) {
    checkSimulation([options]);
    const { dt = "0.1 ms", seed = 0, onWarning = () => {} } = options;
    const makeExecutor = executorMaker(options);
    this.#clock = new Clock(dt);
    this.#makeExecutor = (model) => new PlasticExecutor(makeExecutor(model), model, this.dt);
    this.#onWarning = onWarning;
    this.#network = new NetworkBuilder(this.#clock, seed, onWarning);
    this.#changes = new Changes({
      network: this.#network,
      seed,
      dt: this.#clock.dt,
      now: () => ({
        ...{ step: this.#step, trial: this.#trial, time: this.time },
        arrived: this.#arrived === this.#step,
      }),
      built: () => this.#build(),
      changed: () => this.#changed(),
    });
    this.#monitors = new Monitors(this.#clock, this.#network, () => this.#changed(), onWarning);
  }

  /** Length of a step, ms. */
  get dt(): number {
    return this.#clock.dt;
  }

  /** Time of the model, ms. */
  get time(): number {
    return Number((this.#step * this.dt).toPrecision(14));
  }

  /** Steps run since the beginning. */
  get step(): number {
    return this.#step;
  }

  /** Monitors: `spikes`, `state`, `rate` and `synapses`. */
  get monitor(): Monitors {
    return this.#monitors;
  }

  /**
   * Adds neurons of one kind.
   * @throws SpikevineError for a name that is taken, a size below 1, an unknown state in `initial`, or a wrong unit.
   */
  population(name: string, size: number, neuron: NeuronDefinition, options: PopulationOptions = {}): Population {
    this.#changed();
    checkPopulation([name, size, neuron, options], nameOf("population", name));
    const { integrator, refractory, functions, linked = {}, ...given } = options;
    const changes = {
      ...(integrator === undefined ? {} : { integrator }),
      ...(refractory === undefined ? {} : { refractory }),
      ...(functions === undefined ? {} : { functions }),
    };
    const changed = Object.keys(changes).length === 0 ? neuron : neuron.with(changes);
    return this.#network.populations.add(name, size, changed, given, linked);
  }

  /**
   * The events of one name of some neurons, from `events` of their definition: a source of spikes for monitors and for
   * `connect`. At the end of a projection with a `synapse`, they take the place of postsynaptic spikes.
   * @throws SpikevineError for an event that the neurons do not have.
   */
  event(population: Population, event: string): Population {
    checkEvent([population, event]);
    return this.#network.populations.event(population, event);
  }

  /**
   * Adds a source whose neurons fire at random or as listed, to be connected like a population.
   * @throws SpikevineError for a name that is taken, a size below 1, or a rate above one spike per step.
   */
  source(name: string, size: number, options: SourceOptions): Population {
    this.#changed();
    checkSource([name, size, options], nameOf("source", name));
    return this.#network.populations.addSource(name, size, options);
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
    this.#changed();
    const wanted = options as ConnectOptions;
    if (wanted?.synapse === undefined) checkPlain([pre, post, options], endsOf(pre, post));
    else checkPlastic([pre, post, options], endsOf(pre, post));
    const one = (to: ProjectionEnd): AnyProjection =>
      wanted.synapse === undefined
        ? this.#network.projections.connect(pre as Population, to as Population, wanted as ProjectionOptions)
        : this.#network.projections.connectPlastic(pre, to, wanted as PlasticProjectionOptions);
    return (isOne(post) ? one(post) : post.map(one)) as Connected<P, S>;
  }

  /**
   * Drives a population with external input; several inputs add up.
   * @throws SpikevineError naming the population and the problem.
   */
  input(population: Population, input: ExternalInput): Input {
    checkInput([population, input], nameOf("input of population", population?.name));
    this.#changed();
    return this.#network.inputs.add(population, input);
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
      this.#changes.setTable(part as Population | PlasticProjection, variable, values as TimedArray | FunctionTable);
      return;
    }
    checkSet([part, variable, values]);
    this.#changes.set(part, variable, values as ValueOrDistribution, 0);
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
      this.#network.inputs.change(part, by as ExternalInput);
    } else {
      checkChange.source([part, by]);
      const index = this.#network.populations.changeSource(part, by as SourceOptions);
      // A former rate that was wrong in the last step no longer counts.
      if (this.#built?.model.populations[index]?.rate !== undefined) this.#built.executor.live(index, 0).fill(0);
    }
    this.#changed();
  }

  /**
   * Switches a population or a projection off or on again. A population that is off keeps its states and does not fire;
   * events still reach it. Through a projection that is off, spikes have no effect, and plastic synapses keep their values.
   */
  setActive(part: Population | Projection | PlasticProjection, active: boolean): void {
    checkActive([part, active]);
    const rested = (plastic: number) => this.#built?.executor.own.get(plastic)?.restedUntil;
    if (isPopulation(part)) this.#network.populations.setActive(part, active);
    else this.#network.projections.setActive(part, active, this.#step, rested);
    this.#changed();
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
    return this.#changes.every(this.#clock.steps(period, "every: the period"), when, callback);
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
    return this.#changes.runRegularly(population, equations, this.#clock.steps(every, "runRegularly: every"), when);
  }

  /**
   * Runs the simulation for a duration.
   * @throws SpikevineError while another run of this simulation is in progress.
   */
  async run(duration: number | string, options: RunOptions = {}): Promise<RunReport> {
    checkRun([duration, options]);
    const total = this.#clock.steps(duration, "run: the duration");
    if (this.#running) throw new SpikevineError("simulation: a run is in progress; wait for its end before the next.");
    this.#running = true;
    try {
      const began = performance.now();
      const { executor } = this.#build();
      const buildSeconds = (performance.now() - began) / 1000;
      const end = this.#step + total;
      await executor.start();
      const advance = (count: number): Promise<number> => this.#advance(count, end, options.signal);
      const taken = await runInSlices({ total, longest: executor.longest, dt: this.dt, advance }, options);
      return { ...taken, buildSeconds };
    } finally {
      this.#built?.executor.stop();
      this.#running = false;
    }
  }

  async #advance(count: number, end: number, signal: AbortSignal | undefined): Promise<number> {
    const began = this.#step;
    // A callback of every() may stop the run at its own time.
    const isStopped = (): boolean => signal?.aborted === true;
    this.#changes.callDue(began, "start");
    if (isStopped()) return 0;
    if (this.#changes.isDue(began, "after arrivals") && this.#arrived !== began) {
      const { executor, steps } = this.#build();
      executor.arrive(began);
      this.#arrived = began;
      steps.forget();
    }
    this.#changes.callDue(began, "after arrivals");
    if (isStopped()) return 0;
    const { executor, steps } = this.#build();
    await executor.start();
    const most = Math.min(count, this.#changes.stepsUntilDue(began), executor.longest);
    const arrived = this.#arrived === began;
    steps.advance({ from: began, count: most, end, trial: this.#trial, arrived }, (from, to) => {
      this.#step = to;
      this.#monitors.take(executor, from, to);
    });
    return this.#step - began;
  }

  /**
   * Returns to the beginning and empties the monitors.
   * @param options.trial Another number gives other initial values and other Poisson input to the same network.
   * Default: 0.
   */
  reset(options: ResetOptions = {}): void {
    checkReset([options]);
    const { trial = 0 } = options;
    this.#mustNotRun("reset");
    this.#build();
    this.#trial = trial;
    this.#step = 0;
    this.#changes.restart();
    this.#arrived = -1;
    this.#useDelays(this.#network.projections.delayHistories().map(() => null));
    const { executor, model, steps } = this.#build();
    executor.reset(this.#network.populations.initial(model, trial));
    steps.forget();
    this.#monitors.clear();
  }

  /**
   * The state of the model as bytes: everything that the next step depends on, spikes in flight included.
   * @param options.monitors Saves the content of the monitors too. Default: false.
   */
  save(options: SaveOptions = {}): Uint8Array {
    checkSave([options]);
    const { monitors = false } = options;
    this.#mustNotRun("save");
    if (this.#arrived === this.#step) {
      throw new SpikevineError(
        `simulation: save in the middle of the step at ${this.time} ms, in which a callback or an error stopped the run; run another step, or call reset().`,
      );
    }
    const { executor } = this.#build();
    const kept = monitors ? this.#monitors.save() : undefined;
    const state = {
      step: this.#step,
      trial: this.#trial,
      distinct: this.#distinct(),
      delays: this.#network.projections.delayHistories(),
      ...(kept === undefined ? {} : { monitors: kept.names }),
      sections: [executor.save(), ...(kept?.sections ?? [])],
    };
    return writeState(state, this.#fingerprint());
  }

  /**
   * Restores a saved state, also in another process; the simulation resumes bit-identically. The monitors have their
   * saved content if it was saved, else they are empty.
   * @throws SpikevineError for bytes that are not a saved state, are damaged, or belong to another model, naming the
   * difference; nothing has changed then.
   */
  restore(bytes: Uint8Array): void {
    checkRestore([bytes]);
    this.#mustNotRun("restore");
    const { step, trial, distinct, delays, monitors, sections } = readState(bytes, this.#fingerprint());
    if (!this.#network.projections.areDelayHistories(delays)) throw unfit();
    const kept = monitors && { names: monitors, sections: sections.slice(1) };
    if (kept !== undefined) this.#monitors.check(kept);
    const before = { distinct: this.#distinct(), delays: this.#network.projections.delayHistories() };
    const bytesBefore = this.#build().executor.save();
    this.#useDistinct(distinct);
    this.#useDelays(delays);
    if (!this.#build().executor.restore(sections[0]!)) {
      this.#useDistinct(before.distinct);
      this.#useDelays(before.delays);
      this.#build().executor.restore(bytesBefore);
      throw unfit();
    }
    const { executor, steps } = this.#build();
    executor.setNow(step);
    steps.forget();
    this.#changes.restart();
    this.#arrived = -1;
    this.#step = step;
    this.#trial = trial;
    if (kept === undefined) this.#monitors.clear();
    else this.#monitors.restore(kept);
  }

  /**
   * The current values of a state variable of all neurons, in internal units.
   * @throws SpikevineError for a variable that the population does not have.
   */
  state(population: Population, variable: string): Float64Array {
    checkState([population, variable]);
    const { index, state } = this.#network.populations.variable(population, variable, "state");
    const { from } = wholeOf(population);
    return this.#build()
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
    const { index, changed } = this.#network.projections.readSynapses(projection, variable);
    if (changed) this.#changed();
    return this.#build().executor.synapses(index, variable);
  }

  /** Instruction set, precision and threads of the executor. */
  get executor(): string {
    const { description, threads } = this.#build().executor;
    return threads === undefined ? description : `${description}, ${threads}`;
  }

  /**
   * Text about the model, one line for each part: the executor and the step, populations and projections with their sizes,
   * definitions and the schemes of their equations, as `automatic` chose them.
   */
  describe(): string {
    return [`${this.executor}, steps of ${this.dt} ms`, ...this.#network.describe()].join("\n");
  }

  #build(): Built {
    const before = this.#built;
    if (before && !this.#stale) return before;
    const model = {
      ...this.#network.model(this.#monitors.recorders(), this.#monitors.synapseRecorders()),
      interrupted: this.#changes.interrupt,
    };
    const executor = this.#makeExecutor(model);
    const initial = this.#network.populations.initial(model, this.#trial);
    if (before === undefined) this.#network.populations.warnOfSteps(model, initial);
    executor.reset(initial);
    if (before) executor.continueFrom(before.executor, this.#step, this.#arrived === this.#step);
    before?.executor.stop();
    this.#stale = false;
    this.#built = { model, executor, steps: new FiniteSteps(executor, model, this.dt, this.#onWarning) };
    return this.#built;
  }

  /** For each plastic projection, the states that have been given values of their own for every synapse. */
  #distinct(): (readonly string[])[] {
    return this.#build().model.plastic.map(({ distinct }) => distinct);
  }

  /** Lets other states of synapses have values of their own, as in a saved state. */
  #useDistinct(wanted: readonly (readonly string[])[]): void {
    this.#distinct().forEach((distinct, p) => {
      const states = wanted[p] ?? [];
      if (distinct.join() === states.join()) return;
      this.#network.projections.setDistinct(p, states);
      this.#changed();
    });
  }

  /** Lets other former delays count for spikes on the way, as in a saved state. */
  #useDelays(wanted: readonly (DelayHistory | null)[]): void {
    if (JSON.stringify(wanted) === JSON.stringify(this.#network.projections.delayHistories())) return;
    this.#network.projections.useDelayHistories(wanted);
    this.#changed();
  }

  #fingerprint(): Fingerprint {
    const { model, executor } = this.#build();
    return fingerprint(model, this.dt, executor);
  }

  /** Makes the next step run the changed model. */
  #changed(): void {
    this.#stale = true;
  }

  #mustNotRun(what: string): void {
    if (this.#running) throw new SpikevineError(`simulation: ${what} while a run is in progress; wait for its end.`);
  }
}

const unfit = (): SpikevineError =>
  new SpikevineError(
    "saved state: it does not fit the model, though it belongs to the same one; give the result of save().",
  );

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
