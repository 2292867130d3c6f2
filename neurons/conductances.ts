import { optional, quantity, type Schema } from "../src/arguments/index.js";
import type { ParameterSpec } from "../src/equations/definitions/parameters.js";
import type { StateSpec } from "../src/equations/definitions/state-spec.js";

/**
 * Two synaptic conductances with exponential decay, one excitatory and one inhibitory: a presynaptic spike adds its weight (nS)
 * to `ge` or `gi`. Their time constants and reversal potentials are those of the benchmarks of Brette et al. 2007.
 */
export const conductances = {
  states: {
    ge: { unit: "nS", summary: "excitatory conductance" },
    gi: { unit: "nS", summary: "inhibitory conductance" },
  } satisfies Record<string, StateSpec>,
  parameters: {
    tauE: { value: "5 ms", min: 0, exclusiveMin: true, summary: "time constant of excitation" },
    tauI: { value: "10 ms", min: 0, exclusiveMin: true, summary: "time constant of inhibition" },
    excitation: { value: "0 mV", summary: "reversal potential of excitation" },
    inhibition: { value: "-80 mV", summary: "reversal potential of inhibition" },
  } satisfies Record<string, ParameterSpec>,
  dynamics: { ge: "-ge / tauE", gi: "-gi / tauI" },
  /** Current into the cell. */
  current: "ge * (excitation - v) + gi * (inhibition - v)",
} as const;

export interface ConductanceOptions {
  /** Time constant of excitation, above 0. Default: "5 ms". */
  readonly tauE?: string;
  /** Time constant of inhibition, above 0. Default: "10 ms". */
  readonly tauI?: string;
  /** Reversal potential of excitation. Default: "0 mV". */
  readonly excitation?: string;
  /** Reversal potential of inhibition. Default: "-80 mV". */
  readonly inhibition?: string;
}

/** The kinds of these options. */
export const CONDUCTANCE_OPTIONS: Schema<ConductanceOptions> = {
  tauE: optional(quantity),
  tauI: optional(quantity),
  excitation: optional(quantity),
  inhibition: optional(quantity),
};
