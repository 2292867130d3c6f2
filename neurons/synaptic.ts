import { fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { FIELD_UNIT_OPTIONS, FIELD_UNIT_PARAMETERS, type FieldUnitOptions, resetting } from "./field-units.js";
import { arctan } from "./surrogates/index.js";

/** The default of `reset` is `subtract`. */
export interface SynapticOptions extends FieldUnitOptions {
  /** Decay of the synaptic current per step, in [0, 1]. Default: 0.8. */
  readonly alpha?: number;
}

const check = signature("neurons/synaptic", {
  options: fields<SynapticOptions>({ alpha: optional(quantity), ...FIELD_UNIT_OPTIONS }, { root: "options" }),
});

/**
 * Leaky integrate-and-fire neuron with a synaptic current that decays: snnTorch's `Synaptic`, with the same numbers. y is the
 * spike of the previous step.
 *
 *     syn = alpha * syn + I;   v = beta * v + syn - threshold * y, with the new syn;   fires where v > threshold
 *
 * With the reset `zero`, v = (beta * v + syn) * (1 - y); syn is never reset. Trained decays are kept in [0, 1].
 * @throws SpikevineError for unknown options and values outside their range.
 * Source: J. Eshraghian et al., Proceedings of the IEEE 111 (2023), appendix C.2; snnTorch 0.9.4, `Synaptic` with its default
 * reset_delay.
 */
export function synaptic(options: SynapticOptions = {}): NeuronDefinition {
  check([options]);
  const { reset = "subtract", detachReset = true, surrogate = arctan(), ...parameters } = options;
  const y = resetting(detachReset);
  const sum = "beta * v + alpha * syn + I";
  return defineNeuron({
    name: "synaptic",
    summary: `Leaky integrate-and-fire neuron of snnTorch with a synaptic current, reset ${reset}.`,
    source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054; snnTorch 0.9.4, Synaptic",
    states: { v: { summary: "membrane potential (mem)" }, syn: { summary: "synaptic current" } },
    parameters: {
      alpha: { value: 0.8, min: 0, max: 1, summary: "decay of the synaptic current per step" },
      ...FIELD_UNIT_PARAMETERS,
    },
    update: {
      v: { subtract: `${sum} - threshold * ${y}`, zero: `(${sum}) * (1 - ${y})`, none: sum }[reset],
      syn: "alpha * syn + I",
    },
    spike: "v - threshold",
    surrogate,
  }).with({ parameters });
}
