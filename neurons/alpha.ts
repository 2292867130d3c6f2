import { fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
import { FIELD_UNIT_OPTIONS, FIELD_UNIT_PARAMETERS, type FieldUnitOptions, resetting } from "./field-units.js";
import { arctan } from "./surrogates/index.js";

/** The default of `reset` is `zero`, that of `beta` 0.8; `beta` is the decay of the inhibitory current. */
export interface AlphaOptions extends FieldUnitOptions {
  /** Decay of the excitatory current per step, above `beta` and at most 1. Default: 0.9. */
  readonly alpha?: number;
}

const check = signature("neurons/alpha", {
  options: fields<AlphaOptions>({ alpha: optional(quantity), ...FIELD_UNIT_OPTIONS }, { root: "options" }),
});

/**
 * Neuron whose potential follows an alpha function after a spike: snnTorch's `Alpha`, with the same numbers. y is the spike
 * of the previous step.
 *
 *     exc = alpha * exc + I;   inh = beta * inh - I;   v = (log(alpha) / (log(beta) - log(alpha)) + 1) * (exc + inh)
 *
 * fires where v > threshold. With the reset `zero`, all three are multiplied by 1 - y. With `subtract`, as in snnTorch's code,
 * exc loses threshold * y, inh is multiplied by 1 - y, and v is increased by y times the previous inh.
 * @throws SpikevineError for unknown options, values outside their range, and an alpha that is not above beta.
 * Source: J. Eshraghian et al., Proceedings of the IEEE 111 (2023); snnTorch 0.9.4, `Alpha`.
 */
export function alpha(options: AlphaOptions = {}): NeuronDefinition {
  check([options]);
  const { reset = "zero", detachReset = true, surrogate = arctan(), ...parameters } = options;
  const y = resetting(detachReset);
  const [exc, inh] = ["alpha * exc + I", "beta * inh - I"];
  const v = `(log(alpha) / (log(beta) - log(alpha)) + 1) * (alpha * exc + beta * inh)`;
  const neuron = defineNeuron({
    name: "alpha",
    summary: `Neuron of snnTorch whose potential follows an alpha function, reset ${reset}.`,
    source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054; snnTorch 0.9.4, Alpha",
    states: {
      v: { summary: "membrane potential (mem)" },
      exc: { summary: "excitatory current (syn_exc)" },
      inh: { summary: "inhibitory current (syn_inh)" },
    },
    parameters: {
      alpha: { value: 0.9, min: 0, exclusiveMin: true, max: 1, summary: "decay of the excitatory current per step" },
      beta: {
        value: 0.8,
        min: 0,
        exclusiveMin: true,
        max: 1,
        exclusiveMax: true,
        summary: "decay of the inhibitory current per step",
      },
      threshold: FIELD_UNIT_PARAMETERS.threshold,
    },
    update: {
      zero: { v: `${v} * (1 - ${y})`, exc: `(${exc}) * (1 - ${y})`, inh: `(${inh}) * (1 - ${y})` },
      subtract: { v: `${v} + inh * ${y}`, exc: `${exc} - threshold * ${y}`, inh: `(${inh}) * (1 - ${y})` },
      none: { v, exc, inh },
    }[reset],
    spike: "v - threshold",
    surrogate,
  }).with({ parameters });
  const { alpha: slow, beta: fast } = neuron.parameters;
  if (slow!.value <= fast!.value) {
    throw new SpikevineError(
      `neurons/alpha: alpha is ${slow!.shown} and beta is ${fast!.shown}; give an alpha above beta, so that a positive current has a positive effect.`,
    );
  }
  return neuron;
}
