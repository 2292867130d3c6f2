import { exactLinear } from "../src/equations/integrators/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/neuron.js";
import { splitOptions } from "../src/equations/options.js";
import { refractoriness } from "./refractory.js";
import { tanhDerivative } from "./surrogates/index.js";

export interface CubaLifOptions {
  /** Default: "200 pF". */
  readonly capacitance?: string;
  /** Leak conductance, above 0. Default: "10 nS", hence a membrane time constant of 20 ms. */
  readonly leak?: string;
  /** Potential at which the leak current is 0. Default: "-49 mV". */
  readonly rest?: string;
  /** Default: "-50 mV". */
  readonly threshold?: string;
  /** Potential after a spike. Default: "-60 mV". */
  readonly reset?: string;
  /** How long v is held after a spike. Default: "5 ms". */
  readonly refractory?: string;
  /** Time constant of excitation, above 0. Default: "5 ms". */
  readonly tauE?: string;
  /** Time constant of inhibition, above 0. Default: "10 ms". */
  readonly tauI?: string;
}

/**
 * Leaky integrate-and-fire neuron with exponential synaptic currents.
 *
 *     capacitance dv/dt = leak (rest - v) + ie + ii + I;   fires where v > threshold
 *     tauE die/dt = -ie;   tauI dii/dt = -ii
 *
 * Synapses add to `ie` and `ii` (pA, inhibition with negative weights). The equations are linear, so a step is exact.
 * The defaults are those of the CUBA benchmark, whose weights are 16.2 pA and -90 pA (1.62 mV and -9 mV over the leak).
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: T. Vogels and L. Abbott, J. Neurosci. 25 (2005) 10786-10795; R. Brette et al., J. Comput. Neurosci. 23 (2007)
 * 349-398, appendix B, benchmark 2.
 */
export function cubaLif(options: CubaLifOptions = {}): NeuronDefinition {
  const { values } = splitOptions("neurons/cuba-lif", { ...options }, {});
  return defineNeuron({
    name: "cuba-lif",
    summary: "Leaky integrate-and-fire neuron with exponential synaptic currents.",
    source: "R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, appendix B, benchmark 2",
    input: { unit: "pA" },
    states: {
      v: { unit: "mV", initial: "rest", summary: "membrane potential" },
      ie: { unit: "pA", summary: "excitatory current" },
      ii: { unit: "pA", summary: "inhibitory current" },
      r: refractoriness.state,
    },
    parameters: {
      capacitance: { value: "200 pF", min: 0, exclusiveMin: true, summary: "membrane capacitance" },
      leak: { value: "10 nS", min: 0, exclusiveMin: true, summary: "leak conductance" },
      rest: { value: "-49 mV", summary: "reversal potential of the leak" },
      threshold: { value: "-50 mV", summary: "firing threshold" },
      reset: { value: "-60 mV", summary: "potential after a spike" },
      refractory: refractoriness.parameter("5 ms"),
      tauE: { value: "5 ms", min: 0, exclusiveMin: true, summary: "time constant of excitation" },
      tauI: { value: "10 ms", min: 0, exclusiveMin: true, summary: "time constant of inhibition" },
    },
    dynamics: {
      v: refractoriness.held("(leak * (rest - v) + ie + ii + I) / capacitance"),
      ie: "-ie / tauE",
      ii: "-ii / tauI",
    },
    update: { r: refractoriness.update },
    spike: refractoriness.spike("(v - threshold) / (threshold - reset)"),
    reset: { v: "y > 0 ? reset : v", r: refractoriness.reset },
    integrator: exactLinear,
    surrogate: tanhDerivative(),
  }).with({ parameters: values });
}
