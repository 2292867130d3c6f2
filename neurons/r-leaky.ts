import { fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
import { FIELD_UNIT_OPTIONS, FIELD_UNIT_PARAMETERS, type FieldUnitOptions, resetting } from "./field-units.js";
import { arctan } from "./surrogates/index.js";

/** The default of `reset` is `subtract`. */
export interface RLeakyOptions extends FieldUnitOptions {
  /** Weight of a neuron's own previous spike; trained, one for the layer unless `trainable` says otherwise. Default: 1. */
  readonly V?: number;
  /** True: no V. The recurrent weights are those of the layer, `dense(units, rLeaky({ allToAll: true }), { recurrent: true })`. */
  readonly allToAll?: boolean;
}

const check = signature("neurons/rLeaky", {
  options: fields<RLeakyOptions>(
    { V: optional(quantity), allToAll: optional(flag), ...FIELD_UNIT_OPTIONS },
    { root: "options" },
  ),
});

/**
 * Leaky integrate-and-fire neuron whose spike is fed back to it in the next step: snnTorch's `RLeaky`, with the same numbers.
 * y is the spike of the previous step.
 *
 *     v = beta * v + I + V * y - threshold * y;   fires where v > threshold
 *
 * With the reset `zero`, v = (beta * v + I + V * y) * (1 - y). Derivatives pass through V * y, but not through the reset.
 * @throws SpikevineError for unknown options and values outside their range.
 * Source: J. Eshraghian et al., Proceedings of the IEEE 111 (2023); snnTorch 0.9.4, `RLeaky` with its default reset_delay.
 */
export function rLeaky(options: RLeakyOptions = {}): NeuronDefinition {
  check([options]);
  const { reset = "subtract", detachReset = true, allToAll = false, surrogate = arctan(), ...parameters } = options;
  if (allToAll && parameters.V !== undefined) {
    throw new SpikevineError(
      `neurons/rLeaky: V is ${parameters.V}, but allToAll replaces V by the recurrent weights of the layer; leave one of them out.`,
    );
  }
  const y = resetting(detachReset);
  const sum = `beta * v + I${allToAll ? "" : " + V * y"}`;
  return defineNeuron({
    name: "rLeaky",
    summary: `Leaky integrate-and-fire neuron of snnTorch with recurrence${allToAll ? "" : " to itself"}, reset ${reset}.`,
    source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054; snnTorch 0.9.4, RLeaky",
    states: { v: { summary: "membrane potential (mem)" } },
    parameters: {
      ...FIELD_UNIT_PARAMETERS,
      ...(allToAll
        ? {}
        : { V: { value: 1, train: "layer" as const, summary: "weight of the neuron's previous spike" } }),
    },
    update: {
      v: { subtract: `${sum} - threshold * ${y}`, zero: `(${sum}) * (1 - ${y})`, none: sum }[reset],
    },
    spike: "v - threshold",
    surrogate,
  }).with({ parameters });
}
