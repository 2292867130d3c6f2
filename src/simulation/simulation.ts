import { bytes, either, fields, flag, list, optional, quantity, signature, text } from "../arguments/index.js";
import { NEURON, type NeuronDefinition } from "../equations/definitions/neuron.js";
import type { SynapseDefinition } from "../equations/definitions/synapse.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { FiniteSteps } from "./checks/finite-steps.js";
import { Clock } from "./clock.js";
import { executorMaker } from "./executors/executor-maker.js";
import { PlasticExecutor } from "./executors/plastic/plastic-executor.js";
import type { SimulationModel } from "./model.js";
import { Monitors } from "./monitors/monitors.js";
import { type ExternalInput, INPUT } from "./network/external-input.js";
import { NetworkBuilder } from "./network/network-builder.js";
import {
  CONNECT,
  type Connected,
  type ConnectionOptions,
  type ConnectOptions,
  PLASTIC_PROJECTION,
  type PlasticProjection,
  type PlasticProjectionOptions,
} from "./network/plastic-projection.js";
import { POPULATION, type Population, SIZE, wholeOf } from "./network/population.js";
import { type Projection, type ProjectionOptions, projectionName } from "./network/projection.js";
import { SOURCE, type SourceOptions } from "./network/source-builder.js";
import { POPULATION_OPTIONS, type PopulationOptions, SIMULATION_OPTIONS, type SimulationOptions } from "./options.js";
import { RUN_OPTIONS, type RunOptions, type RunReport, runInSlices } from "./run-loop.js";
import { type Fingerprint, fingerprint, readState, writeState } from "./state/state-file.js";

interface ResetOptions {
  readonly trial?: number;
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
const checkPlain = signature("connect", { pre: POPULATION, post: POPULATIONS, options: CONNECT.plain });
const checkPlastic = signature("connect", { pre: POPULATION, post: POPULATIONS, options: CONNECT.plastic });
const checkInput = signature("input", { population: POPULATION, input: INPUT });
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
 * A network of spiking neurons in continuous time: populations, projections, inputs and monitors, then runs. The first
 * run builds it; after that only running, saving and resetting are possible.
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
  readonly #onWarning: (sentence: string) => void;
  #built: Built | undefined;
  #step = 0;
  #trial = 0;
  #running = false;

  constructor(options: SimulationOptions = {}) {
    checkSimulation([options]);
    const { dt = "0.1 ms", seed = 0, onWarning = () => {} } = options;
    const makeExecutor = executorMaker(options);
    this.#clock = new Clock(dt);
    this.#makeExecutor = (model) => new PlasticExecutor(makeExecutor(model), model, this.dt);
    this.#onWarning = onWarning;
    this.#network = new NetworkBuilder(this.#clock, seed, onWarning);
    this.#monitors = new Monitors(this.#clock, this.#network, () => this.#mustBeOpen("a monitor"), onWarning);
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
    this.#mustBeOpen("a population");
    checkPopulation([name, size, neuron, options], nameOf("population", name));
    const { integrator, ...given } = options;
    return this.#network.population(name, size, integrator ? neuron.with({ integrator }) : neuron, given);
  }

  /**
   * Adds a source whose neurons fire at random or as listed, to be connected like a population.
   * @throws SpikevineError for a name that is taken, a size below 1, or a rate above one spike per step.
   */
  source(name: string, size: number, options: SourceOptions): Population {
    this.#mustBeOpen("a source");
    checkSource([name, size, options], nameOf("source", name));
    return this.#network.source(name, size, options);
  }

  /**
   * Adds synapses, which are drawn immediately. A list of populations gets one projection each. With a `synapse`, e.g.
   * `stdp()`, every synapse has states of its own and changes its weight.
   * @throws SpikevineError naming the projection and the problem: pattern, target, unit, a delay below dt.
   */
  connect<P extends Population | readonly Population[], S extends SynapseDefinition | undefined = undefined>(
    pre: Population,
    post: P,
    options: ConnectionOptions<S>,
  ): Connected<P, S> {
    this.#mustBeOpen("a projection");
    const wanted = options as ConnectOptions;
    const check = wanted?.synapse === undefined ? checkPlain : checkPlastic;
    check([pre, post, options], endsOf(pre, post));
    const one = (to: Population): AnyProjection =>
      wanted.synapse === undefined
        ? this.#network.connect(pre, to, wanted as ProjectionOptions)
        : this.#network.connectPlastic(pre, to, wanted as PlasticProjectionOptions);
    return (isOne(post) ? one(post) : post.map(one)) as Connected<P, S>;
  }

  /**
   * Drives a population with external input; several inputs add up.
   * @throws SpikevineError naming the population and the problem.
   */
  input(population: Population, input: ExternalInput): void {
    this.#mustBeOpen("an input");
    checkInput([population, input], nameOf("input of population", population?.name));
    this.#network.input(population, input);
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
      const advance = (count: number): number => this.#advance(count, end);
      const taken = await runInSlices({ total, longest: executor.longest, dt: this.dt, advance }, options);
      return { ...taken, buildSeconds };
    } finally {
      this.#running = false;
    }
  }

  #advance(count: number, end: number): number {
    const { executor, steps } = this.#build();
    const began = this.#step;
    steps.advance(began, count, end, this.#trial, (from, to) => {
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
    this.#trial = trial;
    this.#step = 0;
    const { executor, model, steps } = this.#build();
    executor.reset(this.#network.initial(model, trial));
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
    const { executor } = this.#build();
    const kept = monitors ? this.#monitors.save() : undefined;
    const state = {
      step: this.#step,
      trial: this.#trial,
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
    const { executor, steps } = this.#build();
    const { step, trial, monitors, sections } = readState(bytes, this.#fingerprint());
    const kept = monitors && { names: monitors, sections: sections.slice(1) };
    if (kept !== undefined) this.#monitors.check(kept);
    if (!executor.restore(sections[0]!)) {
      throw new SpikevineError(
        "saved state: it does not fit the model, though it belongs to the same one; give the result of save().",
      );
    }
    steps.forget();
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
    const { index, state } = this.#network.variable(population, variable, "state");
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
    const { index } = this.#network.synapseVariable(projection, variable);
    return this.#build().executor.synapses(index, variable);
  }

  /** Instruction set and precision of the executor. */
  get executor(): string {
    return this.#build().executor.description;
  }

  #build(): Built {
    if (this.#built) return this.#built;
    const model = this.#network.model(this.#monitors.recorders(), this.#monitors.synapseRecorders());
    const executor = this.#makeExecutor(model);
    const initial = this.#network.initial(model, this.#trial);
    this.#network.warnOfSteps(model, initial);
    executor.reset(initial);
    this.#built = { model, executor, steps: new FiniteSteps(executor, model, this.dt, this.#onWarning) };
    return this.#built;
  }

  #fingerprint(): Fingerprint {
    const { model, executor } = this.#build();
    return fingerprint(model, this.dt, executor.description);
  }

  #mustBeOpen(what: string): void {
    if (this.#built === undefined) return;
    throw new SpikevineError(`simulation: ${what} cannot be added once it has run; add everything first, then run.`);
  }

  #mustNotRun(what: string): void {
    if (this.#running) throw new SpikevineError(`simulation: ${what} while a run is in progress; wait for its end.`);
  }
}

/** Prefix of messages about something with a name, if it has one. */
const nameOf = (what: string, name: unknown): string => (typeof name === "string" ? `${what} "${name}"` : what);

/** The projection that messages are about, if any. */
const endsOf = (pre: Population, post: Population | readonly Population[]): string =>
  [pre, post].every((end) => typeof end === "object" && end !== null && "name" in end)
    ? projectionName(pre, post as Population)
    : "connect";

const isOne = (post: Population | readonly Population[]): post is Population => !Array.isArray(post);

/** Starts a simulation; see `Simulation`. */
export const simulation = (options?: SimulationOptions): Simulation => new Simulation(options);
