import type { Integrator, SystemIntegrator } from "../equations/integrators/index.js";
import type { NeuronDefinition } from "../equations/neuron.js";
import { SpikevineError } from "../errors.js";
import { Clock } from "./clock.js";
import { JavaScriptExecutor } from "./executors/javascript.js";
import { PlasticExecutor } from "./executors/plastic/index.js";
import { WasmExecutor } from "./executors/wasm/index.js";
import type { SimulationModel } from "./model.js";
import { Monitors } from "./monitors/monitors.js";
import type { Input } from "./network/input.js";
import { NetworkBuilder, type SourceOptions } from "./network/network.js";
import type { PlasticProjection, PlasticProjectionOptions } from "./network/plastic-projection.js";
import type { Population } from "./network/population.js";
import type { Projection, ProjectionOptions } from "./network/projection.js";
import { type Fingerprint, fingerprint, readState, writeState } from "./state-file.js";
import type { Values } from "./values.js";

export interface SimulationOptions {
  /** Length of a step. Default: "0.1 ms". */
  readonly dt?: number | string;
  /** Whole number from which every random draw comes. Default: 0. */
  readonly seed?: number;
  /**
   * Of states and sums; weights are kept in single precision. Same seed, same network; the numbers agree to about seven
   * digits until chaos takes them apart. Default: `single`.
   */
  readonly precision?: "single" | "double";
  /** `javascript` is the plain yardstick, always in double precision. Default: `wasm`, WebAssembly SIMD. */
  readonly executor?: "wasm" | "javascript";
  /** Called with one sentence about what is allowed but doubtful, such as a step that is too long. Default: ignored. */
  readonly onWarning?: (message: string) => void;
}

export interface PopulationOptions {
  /** Values of states before the first step; what is not named starts as the neuron's definition says. */
  readonly initial?: Readonly<Record<string, Values>>;
  /** In place of the scheme that the neuron prefers. */
  readonly integrator?: Integrator | SystemIntegrator;
}

export interface RunOptions {
  /** Called now and then, and at the end. Times in ms of the model, `seconds` of the clock on the wall. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops between two steps; the state is then as after any other step. */
  readonly signal?: AbortSignal;
}

export interface Progress {
  /** Time of the model since this run began, ms. */
  readonly done: number;
  readonly of: number;
  readonly seconds: number;
}

export interface RunReport {
  /** Steps taken. */
  readonly steps: number;
  /** Wall time without building, seconds. */
  readonly seconds: number;
  /** Wall time of putting the simulation together before the first step; 0 from the second run on. */
  readonly buildSeconds: number;
  /** Whether the signal ended it. */
  readonly stopped: boolean;
}

type AnyProjection = Projection | PlasticProjection;

/** For how long steps are taken before others on the same thread have a turn, ms. */
const TURN = 40;

/**
 * A network of spiking neurons in continuous time: populations, the projections between them, what drives them, what is
 * watched, and then runs. The first run puts it together; from then on only running, saving and resetting are possible.
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
  #built: { model: SimulationModel; executor: PlasticExecutor } | undefined;
  #step = 0;
  #trial = 0;
  #running = false;

  constructor(options: SimulationOptions = {}) {
    const { dt = "0.1 ms", seed = 0, executor = "wasm", onWarning = () => {} } = options;
    const { precision = executor === "javascript" ? "double" : "single" } = options;
    if (!Number.isInteger(seed)) throw new SpikevineError(`simulation: "seed" is ${seed}; give a whole number.`);
    if (precision !== "single" && precision !== "double") {
      throw new SpikevineError(`simulation: "precision" is "${String(precision)}"; give "single" or "double".`);
    }
    if (executor !== "wasm" && executor !== "javascript") {
      throw new SpikevineError(`simulation: "executor" is "${String(executor)}"; give "wasm" or "javascript".`);
    }
    if (executor === "javascript" && precision === "single") {
      throw new SpikevineError(
        'simulation: the executor "javascript" has double precision only; leave "precision" out.',
      );
    }
    this.#clock = new Clock(dt);
    this.#makeExecutor = (model) => {
      const inner = executor === "javascript" ? new JavaScriptExecutor(model) : new WasmExecutor(model, precision);
      return new PlasticExecutor(inner, model, this.dt);
    };
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

  /** Steps taken since the beginning. */
  get step(): number {
    return this.#step;
  }

  /** Ways to watch: `spikes`, `state`, `rate` and `synapses`. */
  get monitor(): Monitors {
    return this.#monitors;
  }

  /**
   * Adds neurons of one kind.
   * @throws SpikevineError for a name that is taken, a size below 1, an unknown state in `initial`, or a wrong unit.
   */
  population(name: string, size: number, neuron: NeuronDefinition, options: PopulationOptions = {}): Population {
    this.#mustBeOpen("a population");
    const { initial = {}, integrator } = options;
    return this.#network.population(name, size, integrator ? neuron.with({ integrator }) : neuron, initial);
  }

  /**
   * Adds units that are no neurons but fire at random or as listed, to be connected like a population.
   * @throws SpikevineError for a name that is taken, a size below 1, or a rate above one spike a step.
   */
  source(name: string, size: number, options: SourceOptions): Population {
    this.#mustBeOpen("a source");
    return this.#network.source(name, size, options);
  }

  /**
   * Adds synapses; they are drawn here and now. A list of populations gets one projection each. With a `synapse`, e.g.
   * `stdp()`, every synapse has states of its own and changes its weight.
   * @throws SpikevineError naming the projection and what does not fit: pattern, target, unit, a delay below dt.
   */
  connect(pre: Population, post: Population, options: PlasticProjectionOptions): PlasticProjection;
  connect(pre: Population, post: Population, options: ProjectionOptions): Projection;
  connect(
    pre: Population,
    post: readonly Population[],
    options: PlasticProjectionOptions,
  ): readonly PlasticProjection[];
  connect(pre: Population, post: readonly Population[], options: ProjectionOptions): readonly Projection[];
  connect(
    pre: Population,
    post: Population | readonly Population[],
    options: ProjectionOptions | PlasticProjectionOptions,
  ): AnyProjection | readonly AnyProjection[] {
    this.#mustBeOpen("a projection");
    const one = (to: Population): AnyProjection =>
      "synapse" in options ? this.#network.connectPlastic(pre, to, options) : this.#network.connect(pre, to, options);
    return "size" in post ? one(post) : post.map(one);
  }

  /**
   * Drives a population from outside; several inputs add up.
   * @throws SpikevineError naming the population and what does not fit.
   */
  input(population: Population, input: Input): void {
    this.#mustBeOpen("an input");
    this.#network.input(population, input);
  }

  /**
   * Lets time pass.
   * @throws SpikevineError while another run of this simulation is under way.
   */
  async run(duration: number | string, { onProgress, signal }: RunOptions = {}): Promise<RunReport> {
    const total = this.#clock.steps(duration, "run: the duration");
    if (this.#running) throw new SpikevineError("simulation: a run is under way; wait for its end before the next.");
    this.#running = true;
    try {
      const building = performance.now();
      const { executor } = this.#build();
      const began = performance.now();
      const seconds = (): number => (performance.now() - began) / 1000;
      let done = 0;
      let turn = began;
      // Short at first: how long a step takes is not known, and the engine may still be optimising.
      let count = 16;
      while (done < total && signal?.aborted !== true) {
        const asked = performance.now();
        done += this.#advance(Math.min(count, total - done, executor.longest));
        if (performance.now() - asked < TURN / 2) count = Math.min(count * 2, executor.longest);
        if (performance.now() - turn < TURN) continue;
        onProgress?.({ done: done * this.dt, of: total * this.dt, seconds: seconds() });
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
      }
      onProgress?.({ done: done * this.dt, of: total * this.dt, seconds: seconds() });
      return { steps: done, seconds: seconds(), buildSeconds: (began - building) / 1000, stopped: done < total };
    } finally {
      this.#running = false;
    }
  }

  #advance(count: number): number {
    const { executor } = this.#build();
    const from = this.#step;
    const taken = executor.advance(from, count, this.#trial);
    this.#step += taken;
    this.#monitors.take(executor, from, this.#step);
    return taken;
  }

  /**
   * Goes back to the beginning and empties the monitors.
   * @param options.trial Another number gives other initial values and other Poisson input to the same network. Default: 0.
   */
  reset({ trial = 0 }: { readonly trial?: number } = {}): void {
    if (!Number.isInteger(trial) || trial < 0) {
      throw new SpikevineError(`reset: trial is ${trial}; give a whole number of at least 0.`);
    }
    this.#mustNotRun("reset");
    this.#trial = trial;
    this.#step = 0;
    const { executor, model } = this.#build();
    executor.reset(this.#network.initial(model, trial));
    this.#monitors.clear();
  }

  /** The state of the model as bytes: what the next step depends on, spikes in flight included; not the monitors. */
  save(): Uint8Array {
    this.#mustNotRun("save");
    const { executor } = this.#build();
    return writeState({ step: this.#step, trial: this.#trial, model: this.#fingerprint() }, executor.save());
  }

  /**
   * Goes on from a saved state to the same bits, also in another process. Empties the monitors.
   * @throws SpikevineError for bytes that are no saved state, or one of another model, naming what differs.
   */
  restore(bytes: Uint8Array): void {
    this.#mustNotRun("restore");
    const { executor } = this.#build();
    const { step, trial, state } = readState(bytes, this.#fingerprint());
    if (!executor.restore(state)) {
      throw new SpikevineError("saved state: it is cut off; give all the bytes that save() returned.");
    }
    this.#step = step;
    this.#trial = trial;
    this.#monitors.clear();
  }

  /**
   * A state variable of all units as it is now, in internal units.
   * @throws SpikevineError for a variable that the population does not have.
   */
  state(population: Population, variable: string): Float64Array {
    const { index, state } = this.#network.variable(population, variable, "state");
    return this.#build().executor.state(index, state);
  }

  /**
   * The weight or another variable of all synapses of a plastic projection as it is now, in internal units, in the order of
   * `projection.synapses()`.
   * @throws SpikevineError for a variable that the synapse does not have.
   */
  synapses(projection: PlasticProjection, variable: string): Float64Array {
    const { index } = this.#network.synapseVariable(projection, variable);
    return this.#build().executor.synapses(index, variable);
  }

  /** What runs the steps: instruction set and precision. */
  get executor(): string {
    return this.#build().executor.description;
  }

  #build(): { model: SimulationModel; executor: PlasticExecutor } {
    if (this.#built) return this.#built;
    const model = this.#network.model(this.#monitors.recorders(), this.#monitors.synapseRecorders());
    const executor = this.#makeExecutor(model);
    executor.reset(this.#network.initial(model, this.#trial));
    this.#built = { model, executor };
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
    if (this.#running) throw new SpikevineError(`simulation: ${what} while a run is under way; wait for its end.`);
  }
}

/** Begins a simulation; see `Simulation`. */
export const simulation = (options?: SimulationOptions): Simulation => new Simulation(options);
