import { REFRACTORY_LEFT } from "../../equations/definitions/refractory.js";
import type { Loop } from "../../equations/integrators/index.js";
import { SpikevineError } from "../../errors.js";
import type { PlasticExecutor } from "../executors/plastic/plastic-executor.js";
import { changingOf } from "../executors/plastic/synapse-loops.js";
import type { SimulationModel } from "../model.js";

/** Fraction of a run's time that saving states may take. */
const SAVING = 0.002;

/** Steps `from` .. `from + count` - 1 of a run that ends at step `end`. */
interface Steps {
  readonly from: number;
  readonly count: number;
  readonly end: number;
  readonly trial: number;
  /** True if the events of the first step have arrived. */
  readonly arrived: boolean;
}

/** A state at the beginning of a step, or after its arrivals. */
interface Saved {
  readonly step: number;
  readonly arrived: boolean;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly cost: number;
}

/** Reads out the recorded values of steps `from` .. `to` - 1. */
type ReadOut = (from: number, to: number) => void;

/**
 * Runs steps in which every state stays finite, and stops before the first step that leaves a state infinite or NaN.
 * States and weights are summed once per call of the executor. If a sum is not finite, the steps since the last saved
 * state are repeated one at a time. Nothing of the failed step is read out, and the simulation keeps its state before
 * that step.
 *
 * A failure in the last step of a run does not affect any other value. That step is read out with a warning, so that
 * the user can inspect the value, and the next run is refused.
 */
export class FiniteSteps {
  readonly #executor: PlasticExecutor;
  readonly #model: SimulationModel;
  readonly #dt: number;
  readonly #onWarning: (sentence: string) => void;
  /** Reason why no further step can be run. */
  #failure: SpikevineError | undefined;
  #saved: Saved | undefined;

  /** @param dt Length of a step, ms. */
  constructor(executor: PlasticExecutor, model: SimulationModel, dt: number, onWarning: (sentence: string) => void) {
    this.#executor = executor;
    this.#onWarning = onWarning;
    this.#model = model;
    this.#dt = dt;
  }

  /** Must be called when the executor's state is set from outside. */
  forget(): void {
    this.#saved = undefined;
    this.#failure = undefined;
  }

  /**
   * Runs steps, or fewer, like an executor, and has them read out.
   * @throws SpikevineError naming the population or projection, the state, its unit and the time if a state is infinite
   * or NaN; and any error of the executor itself. The steps before have been read out then.
   */
  advance(steps: Steps, readOut: ReadOut): void {
    const { from, count, trial, arrived } = steps;
    if (this.#failure !== undefined) throw this.#failure;
    this.#save(from, arrived);
    let advanced = 0;
    try {
      advanced = this.#executor.advance(from, count, trial, arrived);
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
    }
    if (advanced > 0 && this.#executor.isFinite()) readOut(from, from + advanced);
    else this.#stepByStep(steps, readOut);
  }

  /** Saves the state unless that would take too much time. */
  #save(step: number, arrived: boolean): void {
    const now = performance.now();
    if (this.#saved !== undefined && (now - this.#saved.at) * SAVING < this.#saved.cost) return;
    const bytes = this.#executor.save();
    const after = performance.now();
    this.#saved = { step, arrived, bytes, at: after, cost: after - now };
  }

  #stepByStep({ from, count, end, trial, arrived }: Steps, readOut: ReadOut): void {
    this.#replay(from, trial);
    const before = this.#executor.save();
    for (let step = from; step < from + count; step++) {
      try {
        this.#executor.advance(step, 1, trial, arrived && step === from);
        const failure = this.#executor.isFinite() ? undefined : this.#failureOf(step);
        this.#failure = failure;
        if (failure !== undefined && step < end - 1) throw failure;
        if (failure !== undefined) this.#onWarning(failure.message);
      } catch (error) {
        this.#executor.restore(before);
        this.#saved = { step: from, arrived, bytes: before, at: performance.now(), cost: 0 };
        this.#replay(step, trial);
        throw error;
      }
      readOut(step, step + 1);
    }
  }

  /** Repeats the steps from the saved state to the beginning of a step. */
  #replay(to: number, trial: number): void {
    const { step, arrived, bytes } = this.#saved!;
    this.#executor.restore(bytes);
    for (let at = step; at < to; ) {
      const count = Math.min(to - at, this.#executor.longest);
      at += this.#executor.advance(at, count, trial, arrived && at === step);
    }
  }

  /** Names the first value that is not finite; undefined if only a sum has overflowed. */
  #failureOf(step: number): SpikevineError | undefined {
    const { populations, plastic } = this.#model;
    let failure: SpikevineError | undefined;
    const find = (
      of: string,
      noun: string,
      variable: string,
      values: Float64Array,
      { loop, rate }: { readonly loop?: Loop | undefined; readonly rate?: string | undefined } = {},
    ): void => {
      if (failure !== undefined) return;
      const index = values.findIndex((value) => !Number.isFinite(value));
      if (index < 0) return;
      const [start, end] = [step, step + 1].map((k) => Number((k * this.#dt).toPrecision(12)));
      const found = `"${variable}" of ${noun} ${index} of ${of}`;
      if (rate !== undefined || variable === REFRACTORY_LEFT) {
        const [named, is, unit] =
          rate === undefined ? ["refractory period", "time", "ms"] : [`rate "${rate}"`, "rate", "Hz"];
        failure = new SpikevineError(
          `simulation: the ${named} of ${noun} ${index} of ${of} is negative or NaN in the step from ${start} to ${end} ms; give a ${is} of at least 0 ${unit}.`,
        );
        return;
      }
      failure = new SpikevineError(
        loop === undefined
          ? `simulation: ${found} becomes ${values[index]} in the step from ${start} to ${end} ms; use a shorter dt or another integrator, or look for a division by 0 in its equations.`
          : `simulation: ${found} needs sub-steps below ${Number(loop.shortest.toPrecision(6))} ms in the step from ${start} to ${end} ms; use a larger tolerance, or look for a jump, a growth without limit or a division by 0 in its equations.`,
      );
    };
    populations.forEach(({ name, states, loops = [], rate }, p) => {
      states.forEach((state, s) => {
        const loop = loops.find((one) => one.states.includes(state));
        find(
          rate === undefined ? `population "${name}"` : `source "${name}"`,
          "neuron",
          state,
          this.#executor.state(p, s),
          { loop, rate },
        );
      });
    });
    plastic.forEach(({ name, kernel }, p) => {
      for (const variable of changingOf(kernel)) {
        find(name, "synapse", variable, this.#executor.synapses(p, variable));
      }
    });
    return failure;
  }
}
