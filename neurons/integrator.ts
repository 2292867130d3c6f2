import { choice, fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SURROGATE, type SurrogateDefinition } from "../src/equations/definitions/surrogate.js";
import { arctan } from "./surrogates/index.js";

const RESETS = ["zero", "subtract"] as const;

export interface IntegratorOptions {
  /** Default: 1. */
  readonly threshold?: number;
  /** Potential at the start and after a spike with the reset `zero` (v_reset). Default: 0. */
  readonly rest?: number;
  /**
   * Reset of v after a spike. Default: `zero`.
   * - `zero`: back to rest (hard reset).
   * - `subtract`: lowered by the threshold (soft reset).
   */
  readonly reset?: (typeof RESETS)[number];
  /** True: derivatives do not pass through the reset (detach_reset). Default: false. */
  readonly detachReset?: boolean;
  /** Default: `arctan()`. */
  readonly surrogate?: SurrogateDefinition;
}

const check = signature("neurons/integrator", {
  options: fields<IntegratorOptions>(
    {
      threshold: optional(quantity),
      rest: optional(quantity),
      reset: optional(choice(RESETS)),
      detachReset: optional(flag),
      surrogate: optional(SURROGATE),
    },
    { root: "options" },
  ),
});

/**
 * Integrate-and-fire neuron without a leak: SpikingJelly's `IFNode`, with the same numbers.
 *
 *     v = v + I;   fires where v >= threshold
 *
 * Unlike the other neurons it fires at the threshold itself, which a sum of currents can reach exactly.
 * @throws SpikevineError for unknown options and values outside their range.
 * Source: W. Fang et al., Science Advances 9 (2023) eadi1480 (SpikingJelly), `IFNode`.
 */
export function integrator(options: IntegratorOptions = {}): NeuronDefinition {
  check([options]);
  const { reset = "zero", detachReset = false, surrogate = arctan(), ...parameters } = options;
  const y = detachReset ? "detach(y)" : "y";
  return defineNeuron({
    name: "integrator",
    summary: `Integrate-and-fire neuron without a leak, reset ${reset}.`,
    source: "W. Fang et al., Science Advances 9 (2023) eadi1480 (SpikingJelly), IFNode",
    states: { v: { initial: "rest", summary: "membrane potential" } },
    parameters: {
      threshold: { value: 1, summary: "value at which the neuron fires" },
      rest: { value: 0, summary: "potential at the start and after a hard reset" },
    },
    update: { v: "v + I" },
    // A neuron fires above 0, so equality is lifted by the smallest amount that every device can hold.
    spike: "v - threshold + 1e-30 * (v == threshold)",
    reset: { v: { zero: `v + (rest - v) * ${y}`, subtract: `v - threshold * ${y}` }[reset] },
    surrogate,
  }).with({ parameters });
}
