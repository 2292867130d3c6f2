import { BETA, type Surrogate, THRESHOLD } from "../workloads.js";
import { DERIVATIVES } from "./layer.js";

/**
 * Leaky units of one sample at all steps, on typed arrays `[steps, units]`. The reset passes no derivative on.
 *
 *     v[t] = beta v[t-1] + I[t] - V_th y[t-1];   y[t] = v[t] > V_th
 */
export class PlainLeaky {
  readonly #units: number;
  readonly #derivative: (z: number) => number;
  readonly #potentials: Float32Array;
  readonly spikes: Uint8Array;

  constructor(units: number, steps: number, surrogate: Surrogate) {
    this.#units = units;
    this.#derivative = DERIVATIVES[surrogate];
    this.#potentials = new Float32Array(units * steps);
    this.spikes = new Uint8Array(units * steps);
  }

  /** Spikes from currents `[steps, units]`, or from currents `[units]` that hold at every step. */
  forward(currents: Float32Array): void {
    const units = this.#units;
    const potentials = this.#potentials;
    for (let at = 0; at < potentials.length; at++) {
      const kept = at < units ? 0 : BETA * potentials[at - units]! - (this.spikes[at - units] === 1 ? THRESHOLD : 0);
      const potential = kept + currents[at % currents.length]!;
      potentials[at] = potential;
      this.spikes[at] = potential > THRESHOLD ? 1 : 0;
    }
  }

  /** Turns dL/dy `[steps, units]` into dL/dI. */
  backward(errors: Float32Array): void {
    const units = this.#units;
    for (let at = errors.length - 1; at >= 0; at--) {
      const later = at + units < errors.length ? BETA * errors[at + units]! : 0;
      errors[at] = errors[at]! * this.#derivative(this.#potentials[at]! - THRESHOLD) + later;
    }
  }
}
