import type { Surrogate, Workload } from "../workloads.js";
import { PlainLayer } from "./layer.js";

/**
 * The network of a workload in a simple, hand-written form: loops over typed arrays on one thread, which skip silent units.
 * It shares no code with the package's devices, so that a ratio to it can be compared between machines.
 */
export class PlainNetwork {
  readonly layers: readonly PlainLayer[];
  readonly #batch: number;
  readonly #steps: number;
  readonly #outputs: number;
  /** dL/dy of every layer, `[steps * batch, units]`. */
  readonly #errors: readonly Float32Array[];
  /** Fraction of the steps at which every output fired, `[batch, outputs]`. */
  readonly rates: Float32Array;

  /** @param parameters Weights `[inputs, units]` and thresholds `[units]` of every layer; they are trained in place. */
  constructor(
    { batch, steps, mode }: Pick<Workload, "batch" | "steps" | "mode">,
    parameters: readonly { readonly weights: Float32Array; readonly thresholds: Float32Array }[],
    surrogate: Surrogate,
  ) {
    this.layers = parameters.map((p) => new PlainLayer(p.weights, p.thresholds, { batch, steps, surrogate }));
    this.#batch = batch;
    this.#steps = steps;
    this.#outputs = parameters.at(-1)!.thresholds.length;
    this.rates = new Float32Array(batch * this.#outputs);
    this.#errors =
      mode === "train" ? parameters.map(({ thresholds }) => new Float32Array(steps * batch * thresholds.length)) : [];
  }

  /** Output rates from input spikes `[steps * batch, inputs]`. */
  forward(input: Uint8Array): void {
    let below = input;
    for (const layer of this.layers) {
      layer.forward(below);
      below = layer.spikes;
    }
    this.rates.fill(0);
    const values = this.rates.length;
    below.forEach((spike, at) => {
      this.rates[at % values] = this.rates[at % values]! + spike / this.#steps;
    });
  }

  /** Gradients of the mean cross-entropy of the rates, for the spikes of the latest `forward`; returns the loss. */
  backward(input: Uint8Array, labels: Uint8Array): number {
    const loss = this.#lossAndError(labels);
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const below = index === 0 ? input : this.layers[index - 1]!.spikes;
      this.layers[index]!.backward(this.#errors[index]!, below, this.#errors[index - 1]);
    }
    return loss;
  }

  #lossAndError(labels: Uint8Array): number {
    const outputs = this.#outputs;
    const error = this.#errors.at(-1)!;
    let loss = 0;
    for (let b = 0; b < this.#batch; b++) {
      const rates = this.rates.subarray(b * outputs, (b + 1) * outputs);
      const total = rates.reduce((sum, rate) => sum + Math.exp(rate), 0);
      loss += (Math.log(total) - rates[labels[b]!]!) / this.#batch;
      for (let n = 0; n < outputs; n++) {
        const slope = Math.exp(rates[n]!) / total - (n === labels[b] ? 1 : 0);
        for (let t = 0; t < this.#steps; t++) {
          error[(t * this.#batch + b) * outputs + n] = slope / this.#batch / this.#steps;
        }
      }
    }
    return loss;
  }
}
