import { fields, optional, quantity, signature, text } from "../src/arguments/index.js";
import { defineSynapse, type SynapseDefinition } from "../src/equations/definitions/synapse.js";
import { exactLinear } from "../src/equations/integrators/index.js";

export interface SynapticScalingOptions {
  /** Target rate of the postsynaptic neuron, e.g. "5 Hz". */
  target?: number | string;
  /** Time constant of the sensor of the postsynaptic rate. */
  tau?: number | string;
  /** beta: relative change of weight per time and per missing rate (target - a); no unit (1/s per Hz is 1). */
  gain?: number;
  /** gamma: relative change of weight per time and integral of the missing rate, e.g. "1e-4 Hz". 0 leaves the integral out. */
  integralGain?: number | string;
  /** Unit of the weight. Default: none. */
  unit?: string;
}

const check = signature("plasticity/synaptic-scaling", {
  options: fields<SynapticScalingOptions>(
    {
      target: optional(quantity),
      tau: optional(quantity),
      gain: optional(quantity),
      integralGain: optional(quantity),
      unit: optional(text('a unit, e.g. "nS"')),
    },
    { root: "options" },
  ),
});

/**
 * Synaptic scaling: all weights of a neuron grow by the same factor while it fires below its target rate, and shrink while
 * it fires above.
 *
 *     dw/dt = w (beta (target - a) + gamma E),   dE/dt = target - a,   tau da/dt = -a + sum of postsynaptic spikes
 *
 * Multiplicative, so that the ratios between the weights of a neuron do not change. Synaptic scaling: Turrigiano et al. 1998;\n
 * * these equations: van Rossum, Bi and Turrigiano 2000. The default values are ours, for runs of minutes instead of days:
 * the rate is averaged over 10 s.
 * @throws SpikevineError for a wrong unit or a value out of range.
 */
export function synapticScaling(options: SynapticScalingOptions = {}): SynapseDefinition {
  check([options]);
  const { unit = "", ...values } = options;
  return defineSynapse({
    name: "synaptic-scaling",
    summary: "Scales all weights of a neuron by one factor until it fires at its target rate.",
    source:
      "M. van Rossum, G. Bi and G. Turrigiano, J. Neuroscience 20 (2000) 8812-8821; G. Turrigiano et al., Nature 391 (1998) 892-896",
    weight: unit === "" ? {} : { unit },
    parameters: {
      target: { value: "5 Hz", min: 0, summary: "target rate of the neuron" },
      tau: { value: "10 s", min: 0, exclusiveMin: true, summary: "time constant of the rate sensor" },
      gain: { value: 0.01, min: 0, summary: "beta: relative change of weight per time and missing rate (target - a)" },
      integralGain: { value: "0 Hz", min: 0, summary: "gamma: the same for the integral of the missing rate" },
    },
    states: {
      rate: { unit: "Hz", initial: "target", summary: "a, the sensed postsynaptic rate" },
      missed: { summary: "E, the integral of the missing rate: the number of missing spikes" },
    },
    dynamics: {
      rate: "-rate / tau",
      missed: "target - rate",
      weight: "weight * (gain * (target - rate) + integralGain * missed)",
    },
    integrator: exactLinear,
    onPost: { rate: "rate + 1 / tau" },
  }).with({ parameters: values });
}
