import { SpikevineError } from "../../errors.js";
import { WorkerMissing } from "../../thread.js";
import { Changes } from "../changes.js";
import { FiniteSteps } from "../checks/finite-steps.js";
import { Clock } from "../clock.js";
import { executorMaker } from "../executors/executor-maker.js";
import { PlasticExecutor } from "../executors/plastic/plastic-executor.js";
import type { SimulationModel } from "../model.js";
import { Monitors } from "../monitors/monitors.js";
import type { DelayHistory } from "../network/changed-delays.js";
import { NetworkBuilder } from "../network/network-builder.js";
import type { SimulationOptions } from "../options.js";
import { type Fingerprint, fingerprint, readState, writeState } from "../state/state-file.js";
import { type RunOptions, type RunReport, runInSlices } from "./run-loop.js";

/** A model and its executor. */
interface Built {
  readonly model: SimulationModel;
  readonly executor: PlasticExecutor;
  readonly steps: FiniteSteps;
}

/** A network while it runs: it is built when it is needed, and built again after a change. */
export class RunningModel {
  readonly clock: Clock;
  readonly network: NetworkBuilder;
  readonly monitors: Monitors;
  readonly changes: Changes;
  readonly #makeExecutor: (model: SimulationModel) => PlasticExecutor;
  readonly #onWarning: (sentence: string) => void;
  readonly #threads: number;
  /** Reason why no further threads take part, once they could not start. */
  #alone: string | undefined;
  #built: Built | undefined;
  #step = 0;
  #trial = 0;
  #running = false;
  /** The step whose events have arrived although it has not run, since code was called after them. */
  #arrived = -1;
  /** True if the model has changed since it was built. */
  #stale = false;

  constructor(options: SimulationOptions) {
    const { dt = "0.1 ms", seed = 0, onWarning = () => {} } = options;
    const makeExecutor = executorMaker(options);
    this.clock = new Clock(dt);
    this.#makeExecutor = (model) => new PlasticExecutor(makeExecutor(model, this.#alone), model, this.clock.dt);
    this.#threads = options.threads ?? 1;
    this.#onWarning = onWarning;
    this.network = new NetworkBuilder(this.clock, seed, onWarning);
    this.changes = new Changes({
      network: this.network,
      seed,
      dt: this.clock.dt,
      now: () => ({
        ...{ step: this.#step, trial: this.#trial, time: this.time },
        arrived: this.#arrived === this.#step,
      }),
      built: () => this.build(),
      changed: () => this.changed(),
    });
    this.monitors = new Monitors(this.clock, this.network, () => this.changed(), onWarning);
  }

  /** Time of the model, ms. */
  get time(): number {
    return Number((this.#step * this.clock.dt).toPrecision(14));
  }

  /** Steps run since the beginning. */
  get step(): number {
    return this.#step;
  }

  /** The model and its executor, if they have been built, also if they are not those of the next step. */
  get present(): Built | undefined {
    return this.#built;
  }

  /** Makes the next step run the changed model. */
  changed(): void {
    this.#stale = true;
  }

  /** The model of the next step and its executor. */
  build(): Built {
    const before = this.#built;
    if (before && !this.#stale) return before;
    const model = {
      ...this.network.model(this.monitors.recorders(), this.monitors.synapseRecorders()),
      interrupted: this.changes.interrupt,
    };
    if (model.interrupted) this.network.populations.refuseInterruptedEvents();
    const executor = this.#makeExecutor(model);
    const initial = this.network.populations.initial(model, this.#trial);
    if (before === undefined) this.network.populations.warnOfSteps(model, initial);
    executor.reset(initial);
    if (before) executor.continueFrom(before.executor, this.#step, this.#arrived === this.#step);
    before?.executor.stop();
    this.#stale = false;
    this.#built = { model, executor, steps: new FiniteSteps(executor, model, this.clock.dt, this.#onWarning) };
    return this.#built;
  }

  /** Runs a number of steps; see `Simulation.run`. */
  async run(total: number, options: RunOptions): Promise<RunReport> {
    if (this.#running) throw new SpikevineError("simulation: a run is in progress; wait for its end before the next.");
    this.#running = true;
    try {
      const began = performance.now();
      this.build();
      const buildSeconds = (performance.now() - began) / 1000;
      const end = this.#step + total;
      const { executor } = await this.#start();
      const advance = (count: number): Promise<number> => this.#advance(count, end, options.signal);
      const taken = await runInSlices({ total, longest: executor.longest, dt: this.clock.dt, advance }, options);
      return { ...taken, buildSeconds };
    } finally {
      this.#built?.executor.stop();
      this.#running = false;
    }
  }

  /** The model with its threads. Where they cannot start, it is built again for the calling thread alone. */
  async #start(): Promise<Built> {
    const built = this.build();
    try {
      await built.executor.start();
      return built;
    } catch (error) {
      if (!(error instanceof WorkerMissing)) throw error;
      this.#alone = `a worker could not start (${error.message})`;
      this.#onWarning(`simulation: one thread computes instead of ${this.#threads}: ${this.#alone}.`);
      this.#stale = true;
      return this.build();
    }
  }

  async #advance(count: number, end: number, signal: AbortSignal | undefined): Promise<number> {
    const began = this.#step;
    // A callback of every() may stop the run at its own time.
    const isStopped = (): boolean => signal?.aborted === true;
    this.changes.callDue(began, "start");
    if (isStopped()) return 0;
    if (this.changes.isDue(began, "after arrivals") && this.#arrived !== began) {
      const { executor, steps } = this.build();
      executor.arrive(began);
      this.#arrived = began;
      steps.forget();
    }
    this.changes.callDue(began, "after arrivals");
    if (isStopped()) return 0;
    const { executor, steps } = await this.#start();
    const most = Math.min(count, this.changes.stepsUntilDue(began), executor.longest);
    const arrived = this.#arrived === began;
    steps.advance({ from: began, count: most, end, trial: this.#trial, arrived }, (from, to) => {
      this.#step = to;
      this.monitors.take(executor, from, to);
    });
    return this.#step - began;
  }

  /** Returns to the beginning of a trial and empties the monitors. */
  reset(trial: number): void {
    this.#mustNotRun("reset");
    this.build();
    this.#trial = trial;
    this.#step = 0;
    this.changes.restart();
    this.#arrived = -1;
    this.#useDelays(this.network.projections.delayHistories().map(() => null));
    const { executor, model, steps } = this.build();
    executor.reset(this.network.populations.initial(model, trial));
    steps.forget();
    this.monitors.clear();
  }

  /** The state of the model as bytes; see `Simulation.save`. */
  save(monitors: boolean): Uint8Array {
    this.#mustNotRun("save");
    if (this.#arrived === this.#step) {
      throw new SpikevineError(
        `simulation: save in the middle of the step at ${this.time} ms, in which a callback or an error stopped the run; run another step, or call reset().`,
      );
    }
    const { executor } = this.build();
    const kept = monitors ? this.monitors.save() : undefined;
    const state = {
      step: this.#step,
      trial: this.#trial,
      distinct: this.#distinct(),
      delays: this.network.projections.delayHistories(),
      active: this.network.projections.activity().map(({ active }) => active),
      ...(kept === undefined ? {} : { monitors: kept.names }),
      sections: [executor.save(), ...(kept?.sections ?? [])],
    };
    return writeState(state, this.#fingerprint());
  }

  /** Restores a saved state; see `Simulation.restore`. */
  restore(bytes: Uint8Array): void {
    this.#mustNotRun("restore");
    const { step, trial, distinct, delays, active, monitors, sections } = readState(bytes, this.#fingerprint());
    const activity = this.network.projections.activity();
    if (!this.network.projections.areDelayHistories(delays)) throw unfit();
    if (active !== undefined && active.length !== activity.length) throw unfit();
    const kept = monitors && { names: monitors, sections: sections.slice(1) };
    if (kept !== undefined) this.monitors.check(kept);
    const before = { distinct: this.#distinct(), delays: this.network.projections.delayHistories() };
    const bytesBefore = this.build().executor.save();
    this.#useDistinct(distinct);
    this.#useDelays(delays);
    this.#useActivity(active ?? activity.map((own) => own.active));
    if (!this.build().executor.restore(sections[0]!)) {
      this.#useDistinct(before.distinct);
      this.#useDelays(before.delays);
      this.#useActivity(activity.map((own) => own.active));
      this.build().executor.restore(bytesBefore);
      throw unfit();
    }
    const { executor, steps } = this.build();
    executor.setNow(step);
    steps.forget();
    this.changes.restart();
    this.#arrived = -1;
    this.#step = step;
    this.#trial = trial;
    if (kept === undefined) this.monitors.clear();
    else this.monitors.restore(kept);
    // Projections stay on or off as they are now: as if they were switched at the restored time.
    activity.forEach(({ part, active: isOn }, p) => {
      if (active !== undefined && active[p] !== isOn) this.changes.setActive(part, isOn);
    });
  }

  /** For each plastic projection, the states that have been given values of their own for every synapse. */
  #distinct(): (readonly string[])[] {
    return this.build().model.plastic.map(({ distinct }) => distinct);
  }

  /** Lets other states of synapses have values of their own, as in a saved state. */
  #useDistinct(wanted: readonly (readonly string[])[]): void {
    this.#distinct().forEach((distinct, p) => {
      const states = wanted[p] ?? [];
      if (distinct.join() === states.join()) return;
      this.network.projections.setDistinct(p, states);
      this.changed();
    });
  }

  /** Lets other former delays count for spikes on the way, as in a saved state. */
  #useDelays(wanted: readonly (DelayHistory | null)[]): void {
    if (JSON.stringify(wanted) === JSON.stringify(this.network.projections.delayHistories())) return;
    this.network.projections.useDelayHistories(wanted);
    this.changed();
  }

  /** Switches projections on and off as in a saved state, which has their spikes on the way. */
  #useActivity(wanted: readonly boolean[]): void {
    const { projections } = this.network;
    if (projections.activity().every(({ active }, p) => active === wanted[p])) return;
    projections.useActivity(wanted);
    this.changed();
  }

  #fingerprint(): Fingerprint {
    const { model, executor } = this.build();
    return fingerprint(model, this.clock.dt, executor);
  }

  #mustNotRun(what: string): void {
    if (this.#running) throw new SpikevineError(`simulation: ${what} while a run is in progress; wait for its end.`);
  }
}

const unfit = (): SpikevineError =>
  new SpikevineError(
    "saved state: it does not fit the model, though it belongs to the same one; give the result of save().",
  );
