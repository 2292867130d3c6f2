import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";
import { exactLinear } from "../src/equations/integrators/index.js";
import { type ConductanceOptions, conductances } from "./conductances.js";
import { type LeakyMembraneOptions, leakyMembrane } from "./leaky-membrane.js";

export interface CubaLifOptions extends LeakyMembraneOptions, Pick<ConductanceOptions, "tauE" | "tauI"> {
  /** Potential at which the leak current is 0. Default: "-49 mV". */
  readonly rest?: string;
}

const currents = {
  states: {
    ie: { unit: "pA", summary: "excitatory current" },
    ii: { unit: "pA", summary: "inhibitory current" },
  },
  parameters: { tauE: conductances.parameters.tauE, tauI: conductances.parameters.tauI },
  dynamics: { ie: "-ie / tauE", ii: "-ii / tauI" },
  current: "ie + ii",
};

/**
 * Leaky integrate-and-fire neuron with exponential synaptic currents.
 *
 *     capacitance dv/dt = leak (rest - v) + ie + ii + I;   fires where v > threshold
 *     tauE die/dt = -ie;   tauI dii/dt = -ii
 *
 * Synapses add to `ie` and `ii` (pA, inhibition with negative weights). The equations are linear, so a step is exact.
 * The defaults are those of the CUBA benchmark, whose weights are 16.2 pA and -90 pA (1.62 mV and -9 mV divided by the leak
 * conductance).
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: T. Vogels and L. Abbott, J. Neurosci. 25 (2005) 10786-10795; R. Brette et al., J. Comput. Neurosci. 23 (2007)
 * 349-398, appendix B, benchmark 2.
 */
export function cubaLif(options: CubaLifOptions = {}): NeuronDefinition {
  return defineNeuron({
    name: "cuba-lif",
    summary: "Leaky integrate-and-fire neuron with exponential synaptic currents.",
    source: "R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, appendix B, benchmark 2",
    ...leakyMembrane("-49 mV", currents),
    integrator: exactLinear,
  }).with({ parameters: options as ParameterValues });
}
