import { fields, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { FIELD_UNIT_OPTIONS, FIELD_UNIT_PARAMETERS, type FieldUnitOptions, resetting } from "./field-units.js";
import { arctan } from "./surrogates/index.js";

/** The default of `reset` is `subtract`. */
export type LeakyOptions = FieldUnitOptions;

const check = signature("neurons/leaky", {
  options: fields<LeakyOptions>(FIELD_UNIT_OPTIONS, { root: "options" }),
});

/**
 * Leaky integrate-and-fire neuron as a difference equation: snnTorch's `Leaky`, with the same numbers. y is the spike of the
 * previous step.
 *
 *     v = beta * v + I - threshold * y;   fires where v > threshold
 *
 * With the reset `zero`, v = beta * v * (1 - y) + I. A trained `beta` is kept in [0, 1]. A step does not depend on dt.
 * @throws SpikevineError for unknown options and values outside their range.
 * Source: J. Eshraghian et al., Proceedings of the IEEE 111 (2023), eq. 4; snnTorch 0.9.4, `Leaky` with its default reset_delay.
 */
export function leaky(options: LeakyOptions = {}): NeuronDefinition {
  check([options]);
  const { reset = "subtract", detachReset = true, surrogate = arctan(), ...parameters } = options;
  const y = resetting(detachReset);
  return defineNeuron({
    name: "leaky",
    summary: `Leaky integrate-and-fire neuron of snnTorch, reset ${reset}.`,
    source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054; snnTorch 0.9.4, Leaky",
    states: { v: { summary: "membrane potential (mem)" } },
    parameters: FIELD_UNIT_PARAMETERS,
    update: {
      v: {
        subtract: `beta * v + I - threshold * ${y}`,
        zero: `beta * v * (1 - ${y}) + I`,
        none: "beta * v + I",
      }[reset],
    },
    spike: "v - threshold",
    surrogate,
  }).with({ parameters });
}
