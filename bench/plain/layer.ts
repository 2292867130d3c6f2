import { BOXCAR_WIDTH, DECAY, type Surrogate } from "../workloads.js";

/** h(z), the surrogate of the step's derivative. */
export const DERIVATIVES: Readonly<Record<Surrogate, (z: number) => number>> = {
  arctan: (z) => 1 / (1 + (Math.PI * z) ** 2),
  boxcar: (z) => (Math.abs(z) < BOXCAR_WIDTH ? 1 : 0),
};

/**
 * A layer of SNUs on typed arrays, all time steps at once; row t * batch + b of every array is sample b at step t.
 *
 *     s[t] = relu(x[t] W + l s[t-1] (1 - y[t-1]));   y[t] = s[t] > V_th
 */
export class PlainLayer {
  readonly #inputs: number;
  readonly #units: number;
  readonly #batch: number;
  readonly #steps: number;
  readonly #derivative: (z: number) => number;
  /** `[inputs, units]` */
  readonly weights: Float32Array;
  readonly weightGradient: Float32Array;
  /** `[units]` */
  readonly thresholds: Float32Array;
  readonly thresholdGradient: Float32Array;
  /** 0 or 1, `[steps * batch, units]`. */
  readonly spikes: Uint8Array;
  readonly #transposed: Float32Array;
  readonly #states: Float32Array;
  /** Currents in the forward pass, dL/d current in the backward pass. */
  readonly #currents: Float32Array;

  constructor(
    weights: Float32Array,
    thresholds: Float32Array,
    { batch, steps, surrogate }: { batch: number; steps: number; surrogate: Surrogate },
  ) {
    this.#units = thresholds.length;
    this.#inputs = weights.length / this.#units;
    this.#batch = batch;
    this.#steps = steps;
    this.#derivative = DERIVATIVES[surrogate];
    this.weights = weights;
    this.thresholds = thresholds;
    this.weightGradient = new Float32Array(weights.length);
    this.thresholdGradient = new Float32Array(thresholds.length);
    const values = steps * batch * this.#units;
    this.spikes = new Uint8Array(values);
    this.#transposed = new Float32Array(weights.length);
    this.#states = new Float32Array(values);
    this.#currents = new Float32Array(values);
  }

  /** Computes the spikes of this layer from those of the previous layer, `[steps * batch, inputs]`. */
  forward(below: Uint8Array): void {
    const inputs = this.#inputs;
    const units = this.#units;
    const weights = this.weights;
    const currents = this.#currents;
    currents.fill(0);
    for (let row = 0; row < this.#steps * this.#batch; row++) {
      const to = row * units;
      for (let i = 0; i < inputs; i++) {
        if (below[row * inputs + i] === 0) continue;
        const from = i * units;
        for (let n = 0; n < units; n++) currents[to + n] = currents[to + n]! + weights[from + n]!;
      }
    }
    this.#scan();
  }

  #scan(): void {
    const units = this.#units;
    const earlier = this.#batch * units;
    const states = this.#states;
    const spikes = this.spikes;
    const currents = this.#currents;
    for (let at = 0; at < states.length; at++) {
      const kept = at < earlier || spikes[at - earlier] === 1 ? 0 : DECAY * states[at - earlier]!;
      const state = Math.max(0, currents[at]! + kept);
      states[at] = state;
      spikes[at] = state > this.thresholds[at % units]! ? 1 : 0;
    }
  }

  /**
   * Gradients of weights and thresholds from dL/dy of this layer, `[steps * batch, units]`, and dL/dy of the previous
   * layer into `errorBelow` if it is given.
   */
  backward(error: Float32Array, below: Uint8Array, errorBelow: Float32Array | undefined): void {
    this.#adjointScan(error);
    const inputs = this.#inputs;
    const units = this.#units;
    const gradient = this.weightGradient;
    const errors = this.#currents;
    gradient.fill(0);
    for (let row = 0; row < this.#steps * this.#batch; row++) {
      const from = row * units;
      for (let i = 0; i < inputs; i++) {
        if (below[row * inputs + i] === 0) continue;
        const to = i * units;
        for (let n = 0; n < units; n++) gradient[to + n] = gradient[to + n]! + errors[from + n]!;
      }
    }
    if (errorBelow !== undefined) this.#inputGradient(errorBelow);
  }

  #adjointScan(error: Float32Array): void {
    const units = this.#units;
    const later = this.#batch * units;
    const errors = this.#currents;
    const states = this.#states;
    this.thresholdGradient.fill(0);
    for (let at = errors.length - 1; at >= 0; at--) {
      const n = at % units;
      const state = states[at]!;
      const handedBack = at + later < errors.length ? DECAY * errors[at + later]! : 0;
      const spikeError = (error[at]! - handedBack * state) * this.#derivative(state - this.thresholds[n]!);
      this.thresholdGradient[n] = this.thresholdGradient[n]! - spikeError;
      errors[at] = state > 0 ? spikeError + (this.spikes[at] === 1 ? 0 : handedBack) : 0;
    }
  }

  #inputGradient(errorBelow: Float32Array): void {
    const inputs = this.#inputs;
    const units = this.#units;
    const transposed = this.#transposed;
    for (let i = 0; i < inputs; i++) {
      for (let n = 0; n < units; n++) transposed[n * inputs + i] = this.weights[i * units + n]!;
    }
    errorBelow.fill(0);
    for (let row = 0; row < this.#steps * this.#batch; row++) {
      const to = row * inputs;
      for (let n = 0; n < units; n++) {
        const scale = this.#currents[row * units + n]!;
        if (scale === 0) continue;
        const from = n * inputs;
        for (let i = 0; i < inputs; i++) {
          errorBelow[to + i] = errorBelow[to + i]! + scale * transposed[from + i]!;
        }
      }
    }
  }
}
