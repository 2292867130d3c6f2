import { fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SURROGATE, type SurrogateDefinition } from "../src/equations/definitions/surrogate.js";
import { triangle } from "./surrogates/index.js";

export interface AlifOptions {
  /** Membrane time constant, above 0. Default: "20 ms". */
  readonly tau?: string;
  /** Time constant of the adaptation, above 0. Default: "200 ms". */
  readonly tauA?: string;
  /** Increase of the threshold per spike. Default: 0.174, 1.7 (1 - exp(-1/200)) / (1 - exp(-1/20)). */
  readonly beta?: number;
  /** Threshold v_th without adaptation, above 0. Default: 1. */
  readonly threshold?: number;
  /** True: derivatives do not pass through the reset of v, as if its spike were a constant. Default: false. */
  readonly detachReset?: boolean;
  /** Its argument is (v - A) / threshold. Default: `triangle()`, the paper's, with a height of 0.3. */
  readonly surrogate?: SurrogateDefinition;
}

const check = signature("neurons/alif", {
  options: fields<AlifOptions>(
    {
      tau: optional(quantity),
      tauA: optional(quantity),
      beta: optional(quantity),
      threshold: optional(quantity),
      detachReset: optional(flag),
      surrogate: optional(SURROGATE),
    },
    { root: "options" },
  ),
});

/**
 * Leaky integrate-and-fire neuron with an adaptive threshold (ALIF): every spike raises its threshold A, which relaxes
 * slowly. y is the spike of the previous step.
 *
 *     v = exp(-dt / tau) * v + I - threshold * y;   a = exp(-dt / tauA) * a + y
 *     fires where v > A = threshold + beta * a
 *
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: G. Bellec et al., Nature Communications 11 (2020) 3625, eq. 6 to 9; the heuristic for beta is that of their code.
 */
export function alif(options: AlifOptions = {}): NeuronDefinition {
  check([options]);
  const { detachReset = false, surrogate = triangle(), ...parameters } = options;
  return defineNeuron({
    name: "alif",
    summary: "Leaky integrate-and-fire neuron with an adaptive threshold.",
    source: "G. Bellec et al., Nature Communications 11 (2020) 3625",
    states: { v: { summary: "membrane potential" }, a: { summary: "adaptation of the threshold" } },
    parameters: {
      tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "membrane time constant" },
      tauA: { value: "200 ms", min: 0, exclusiveMin: true, summary: "time constant of the adaptation" },
      beta: { value: 0.174, summary: "increase of the threshold per spike" },
      threshold: { value: 1, min: 0, exclusiveMin: true, summary: "threshold without adaptation" },
    },
    update: {
      v: `exp(-dt / tau) * v + I - threshold * ${detachReset ? "detach(y)" : "y"}`,
      a: "exp(-dt / tauA) * a + y",
    },
    spike: "(v - threshold - beta * a) / threshold",
    surrogate,
  }).with({ parameters: { ...parameters } });
}
