import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";
import { type ConductanceOptions, conductances } from "./conductances.js";
import { type LeakyMembraneOptions, leakyMembrane } from "./leaky-membrane.js";

export interface CobaLifOptions extends LeakyMembraneOptions, ConductanceOptions {
  /** Potential at which the leak current is 0. Default: "-60 mV". */
  readonly rest?: string;
}

/**
 * Leaky integrate-and-fire neuron with exponential synaptic conductances.
 *
 *     capacitance dv/dt = leak (rest - v) + ge (excitation - v) + gi (inhibition - v) + I;   fires where v > threshold
 *     tauE dge/dt = -ge;   tauI dgi/dt = -gi
 *
 * Synapses add to `ge` and `gi` (nS). Integrated by exponential Euler: exact for conductances that are constant during a step.
 * The defaults are those of the COBA benchmark, whose weights are 6 nS and 67 nS.
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: T. Vogels and L. Abbott, J. Neurosci. 25 (2005) 10786-10795; R. Brette et al., J. Comput. Neurosci. 23 (2007)
 * 349-398, appendix B, benchmark 1.
 */
export function cobaLif(options: CobaLifOptions = {}): NeuronDefinition {
  return defineNeuron({
    name: "coba-lif",
    summary: "Leaky integrate-and-fire neuron with exponential synaptic conductances.",
    source: "R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, appendix B, benchmark 1",
    ...leakyMembrane("-60 mV", conductances),
  }).with({ parameters: options as ParameterValues });
}
