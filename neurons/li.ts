import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

export interface LiOptions {
  /** Membrane time constant, above 0. Default: "20 ms". */
  readonly tau?: string;
  /** Potential without a current. Default: 0. */
  readonly rest?: number;
  /** Default: 1. */
  readonly resistance?: number;
}

/**
 * Leaky integrator without spikes, a read-out: its output is its potential, y = v.
 *
 *     tau dv/dt = rest - v + resistance * I
 *
 * v and I are plain numbers; integrated by exponential Euler.
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: W. Gerstner et al., Neuronal Dynamics (2014), eq. 1.5.
 */
export function li(options: LiOptions = {}): NeuronDefinition {
  return defineNeuron({
    name: "li",
    summary: "Leaky integrator; its output is its membrane potential.",
    source: "W. Gerstner et al., Neuronal Dynamics (2014), eq. 1.5",
    states: { v: { initial: "rest", summary: "membrane potential" } },
    parameters: {
      tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "membrane time constant" },
      rest: { value: 0, summary: "potential without a current" },
      resistance: { value: 1, min: 0, exclusiveMin: true, summary: "membrane resistance" },
    },
    dynamics: { v: "(rest - v + resistance * I) / tau" },
    output: "v",
  }).with({ parameters: options as ParameterValues });
}
