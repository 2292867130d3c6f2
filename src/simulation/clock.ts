import { quantity } from "../equations/language/units.js";
import { SpikevineError } from "../errors.js";

import { nearestStep, wholeSteps } from "./checks/whole-steps.js";

/** Longest simulation in steps: the index of a step is a 32-bit integer in WebAssembly and in every random draw. */
const MOST_STEPS = 2 ** 32 - 1;

/** The time grid of a simulation. Step k advances the network from k dt to (k + 1) dt. */
export class Clock {
  /** Length of a step, ms. */
  readonly dt: number;

  /** @throws SpikevineError if `dt` is not a time above 0. */
  constructor(dt: number | string) {
    this.dt = quantity('simulation: "dt"', dt, "ms");
    if (!(this.dt > 0)) throw new SpikevineError(`simulation: "dt" is ${dt}; give a time above 0, e.g. "0.1 ms".`);
  }

  /** A duration, which must be a whole number of steps. */
  steps(duration: number | string, where: string): number {
    const time = this.#time(duration, where);
    return wholeSteps(time, this.dt, where, duration);
  }

  /** The step nearest to a moment. */
  step(moment: number | string, where: string): number {
    return nearestStep(this.#time(moment, where), this.dt);
  }

  #time(given: number | string, where: string): number {
    const time = quantity(where, given, "ms");
    if (!(time >= 0)) throw new SpikevineError(`${where} is ${given}; give a time of at least 0.`);
    if (time / this.dt <= MOST_STEPS) return time;
    throw new SpikevineError(`${where} is ${given}, more than ${MOST_STEPS} steps of dt.`);
  }

  /** A delay in steps; an event cannot arrive within the step that sends it. */
  delay(delay: number, where: string, shown: number | string = `${delay} ms`): number {
    const steps = nearestStep(delay, this.dt);
    if (steps < 1 || !Number.isFinite(steps)) {
      throw new SpikevineError(`${where} is ${shown}, below dt; give at least ${this.dt} ms.`);
    }
    if (steps > 65535) throw new SpikevineError(`${where} is ${shown}; give at most ${65535 * this.dt} ms.`);
    return steps;
  }
}
