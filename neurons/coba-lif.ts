import { defineNeuron, type NeuronDefinition } from "../src/equations/neuron.js";
import { splitOptions } from "../src/equations/options.js";
import { type ConductanceOptions, conductances } from "./conductances.js";
import { refractoriness } from "./refractory.js";
import { tanhDerivative } from "./surrogates/index.js";

export interface CobaLifOptions extends ConductanceOptions {
  /** Default: "200 pF". */
  readonly capacitance?: string;
  /** Leak conductance, above 0. Default: "10 nS", hence a membrane time constant of 20 ms. */
  readonly leak?: string;
  /** Potential at which the leak current is 0. Default: "-60 mV". */
  readonly rest?: string;
  /** Default: "-50 mV". */
  readonly threshold?: string;
  /** Potential after a spike. Default: "-60 mV". */
  readonly reset?: string;
  /** How long v is held after a spike. Default: "5 ms". */
  readonly refractory?: string;
}

/**
 * Leaky integrate-and-fire neuron with exponential synaptic conductances.
 *
 *     capacitance dv/dt = leak (rest - v) + ge (excitation - v) + gi (inhibition - v) + I;   fires where v > threshold
 *     tauE dge/dt = -ge;   tauI dgi/dt = -gi
 *
 * Synapses add to `ge` and `gi` (nS). Integrated by exponential Euler: exact for conductances that hold still over a step.
 * The defaults are those of the COBA benchmark, whose weights are 6 nS and 67 nS.
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: T. Vogels and L. Abbott, J. Neurosci. 25 (2005) 10786-10795; R. Brette et al., J. Comput. Neurosci. 23 (2007)
 * 349-398, appendix B, benchmark 1.
 */
export function cobaLif(options: CobaLifOptions = {}): NeuronDefinition {
  const { values } = splitOptions("neurons/coba-lif", { ...options }, {});
  return defineNeuron({
    name: "coba-lif",
    summary: "Leaky integrate-and-fire neuron with exponential synaptic conductances.",
    source: "R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, appendix B, benchmark 1",
    input: { unit: "pA" },
    states: {
      v: { unit: "mV", initial: "rest", summary: "membrane potential" },
      ...conductances.states,
      r: refractoriness.state,
    },
    parameters: {
      capacitance: { value: "200 pF", min: 0, exclusiveMin: true, summary: "membrane capacitance" },
      leak: { value: "10 nS", min: 0, exclusiveMin: true, summary: "leak conductance" },
      rest: { value: "-60 mV", summary: "reversal potential of the leak" },
      threshold: { value: "-50 mV", summary: "firing threshold" },
      reset: { value: "-60 mV", summary: "potential after a spike" },
      refractory: refractoriness.parameter("5 ms"),
      ...conductances.parameters,
    },
    dynamics: {
      v: refractoriness.held(`(leak * (rest - v) + ${conductances.current} + I) / capacitance`),
      ...conductances.dynamics,
    },
    update: { r: refractoriness.update },
    spike: refractoriness.spike("(v - threshold) / (threshold - reset)"),
    reset: { v: "y > 0 ? reset : v", r: refractoriness.reset },
    surrogate: tanhDerivative(),
  }).with({ parameters: values });
}
