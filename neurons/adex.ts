import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";
import { rk4 } from "../src/equations/integrators/index.js";
import { type ConductanceOptions, conductances } from "./conductances.js";
import { tanhDerivative } from "./surrogates/index.js";

export interface AdexOptions extends ConductanceOptions {
  /** Membrane capacitance C. Default: "281 pF". */
  readonly capacitance?: string;
  /** Leak conductance g_L. Default: "30 nS". */
  readonly leak?: string;
  /** Leak reversal E_L. Default: "-70.6 mV". */
  readonly rest?: string;
  /** Threshold V_T of the exponential. Default: "-50.4 mV". */
  readonly threshold?: string;
  /** Slope factor Delta_T, above 0. Default: "2 mV". */
  readonly slope?: string;
  /** Potential above which the upswing counts as a spike. Default: "20 mV". */
  readonly peak?: string;
  /** Potential after a spike. Default: "-70.6 mV". */
  readonly reset?: string;
  /** Time constant tau_w of the adaptation. Default: "144 ms". */
  readonly tauW?: string;
  /** Subthreshold adaptation a. Default: "4 nS". */
  readonly a?: string;
  /** Spike-triggered adaptation b. Default: "80.5 pA". */
  readonly b?: string;
}

/**
 * Adaptive exponential integrate-and-fire neuron, with exponential synaptic conductances.
 *
 *     C dv/dt = leak (rest - v) + leak slope exp((v - threshold) / slope) - w + synapses + I
 *     tauW dw/dt = a (v - rest) - w;   at v > peak: v = reset, w = w + b
 *
 * The rates use min(v, peak): above it the upswing diverges within microseconds, and the step in which it does must not
 * change w by such values. Synapses add to `ge` and `gi` (nS).
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: R. Brette and W. Gerstner, J. Neurophysiol. 94 (2005) 3637-3642 (equations and defaults, figure 1 and text).
 */
export function adex(options: AdexOptions = {}): NeuronDefinition {
  const bounded = (text: string): string => text.replaceAll(/\bv\b/g, "min(v, peak)");
  return defineNeuron({
    name: "adex",
    summary: "Adaptive exponential integrate-and-fire neuron.",
    source: "R. Brette and W. Gerstner, J. Neurophysiol. 94 (2005) 3637-3642",
    input: { unit: "pA" },
    states: {
      v: { unit: "mV", initial: "rest", summary: "membrane potential" },
      w: { unit: "pA", summary: "adaptation current" },
      ...conductances.states,
    },
    parameters: {
      capacitance: { value: "281 pF", min: 0, exclusiveMin: true, summary: "membrane capacitance C" },
      leak: { value: "30 nS", min: 0, exclusiveMin: true, summary: "leak conductance g_L" },
      rest: { value: "-70.6 mV", summary: "leak reversal potential E_L" },
      threshold: { value: "-50.4 mV", summary: "threshold V_T of the exponential" },
      slope: { value: "2 mV", min: 0, exclusiveMin: true, summary: "slope factor Delta_T" },
      peak: { value: "20 mV", summary: "potential at which the neuron fires" },
      reset: { value: "-70.6 mV", summary: "potential after a spike" },
      tauW: { value: "144 ms", min: 0, exclusiveMin: true, summary: "time constant of the adaptation" },
      a: { value: "4 nS", summary: "subthreshold adaptation" },
      b: { value: "80.5 pA", summary: "increase of the adaptation per spike" },
      ...conductances.parameters,
    },
    dynamics: {
      v: bounded(
        `(leak * (rest - v) + leak * slope * exp((v - threshold) / slope) - w + ${conductances.current} + I) / capacitance`,
      ),
      w: bounded("(a * (v - rest) - w) / tauW"),
      ...conductances.dynamics,
    },
    spike: "(v - peak) / slope",
    reset: { v: "y > 0 ? reset : v", w: "w + b * y" },
    integrator: rk4,
    surrogate: tanhDerivative(),
  }).with({ parameters: options as ParameterValues });
}
