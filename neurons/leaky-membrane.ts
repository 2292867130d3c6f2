import type { NeuronSpec } from "../src/equations/definitions/neuron-spec.js";
import { refractoriness } from "./refractory.js";
import { tanhDerivative } from "./surrogates/index.js";

export interface LeakyMembraneOptions {
  /** Default: "200 pF". */
  readonly capacitance?: string;
  /** Leak conductance, above 0. Default: "10 nS", hence a membrane time constant of 20 ms. */
  readonly leak?: string;
  /** Default: "-50 mV". */
  readonly threshold?: string;
  /** Potential after a spike. Default: "-60 mV". */
  readonly reset?: string;
  /** Refractory period, during which v is constant after a spike. Default: "5 ms". */
  readonly refractory?: string;
}

/** Synaptic equations of a membrane; `current` is the formula of the current into the cell. */
interface Synapses extends Required<Pick<NeuronSpec, "states" | "parameters" | "dynamics">> {
  readonly current: string;
}

/**
 * The equations of a membrane with a leak, a threshold and a refractory period, the common equations of the benchmarks of
 * Brette et al. 2007. `rest` is the potential at which the leak current is 0 unless another is given.
 */
export const leakyMembrane = (rest: string, synapses: Synapses) =>
  ({
    input: { unit: "pA" },
    states: {
      v: { unit: "mV", initial: "rest", summary: "membrane potential" },
      ...synapses.states,
      r: refractoriness.state,
    },
    parameters: {
      capacitance: { value: "200 pF", min: 0, exclusiveMin: true, summary: "membrane capacitance" },
      leak: { value: "10 nS", min: 0, exclusiveMin: true, summary: "leak conductance" },
      rest: { value: rest, summary: "reversal potential of the leak" },
      threshold: { value: "-50 mV", summary: "firing threshold" },
      reset: { value: "-60 mV", summary: "potential after a spike" },
      refractory: refractoriness.parameter("5 ms"),
      ...synapses.parameters,
    },
    dynamics: {
      v: refractoriness.held(`(leak * (rest - v) + ${synapses.current} + I) / capacitance`),
      ...synapses.dynamics,
    },
    update: { r: refractoriness.update },
    spike: refractoriness.spike("(v - threshold) / (threshold - reset)"),
    reset: { v: "y > 0 ? reset : v", r: refractoriness.reset },
    surrogate: tanhDerivative(),
  }) satisfies Partial<NeuronSpec>;
