import { choice, fields, flag, list, named, optional, signature, text } from "../../arguments/index.js";
import {
  ABOUT,
  EQUATIONS,
  FUNCTIONS,
  PARAMETER_VALUES,
  PARAMETERS,
  SCHEMES,
  STATES,
  STEP,
  SUBEXPRESSIONS,
  TABLES,
} from "./argument-kinds.js";
import type { KernelOptions, NeuronChanges } from "./neuron-definition.js";
import type { EventSpec, InputSpec, NeuronSpec } from "./neuron-spec.js";
import { SURROGATE } from "./surrogate.js";

/** The arguments of `defineNeuron` and of the methods of its result. */

export const checkSpec = signature("neurons", {
  spec: fields<NeuronSpec>(
    {
      ...ABOUT,
      input: optional(
        fields<NonNullable<NeuronSpec["input"]>>({ symbol: optional(text("a name")), unit: optional(text("a unit")) }),
      ),
      inputs: optional(
        named(
          fields<InputSpec>({ unit: optional(text("a unit")) }),
          'an object from names to inputs, e.g. { I_e: { unit: "pA" } }',
        ),
      ),
      states: optional(STATES),
      parameters: optional(PARAMETERS),
      functions: optional(FUNCTIONS),
      derived: optional(SUBEXPRESSIONS),
      refractory: optional(text("a time or a condition")),
      unlessRefractory: optional(list(text("a state"))),
      calculus: optional(choice(["ito", "stratonovich"])),
      update: optional(EQUATIONS),
      dynamics: optional(EQUATIONS),
      integrator: optional(SCHEMES),
      events: optional(
        named(
          fields<EventSpec>({ when: text("a condition"), changes: optional(EQUATIONS) }),
          'an object from names to events, e.g. { burst: { when: "v > 0 mV" } }',
        ),
      ),
      spike: optional(text("an equation")),
      output: optional(text("an equation")),
      reset: optional(EQUATIONS),
      surrogate: optional(SURROGATE),
    },
    { root: "spec" },
  ),
});
export const checkChanges = signature("neurons", {
  changes: fields<NeuronChanges>(
    {
      parameters: optional(PARAMETER_VALUES),
      surrogate: optional(SURROGATE),
      integrator: optional(SCHEMES),
      refractory: optional(text()),
      functions: optional(TABLES),
    },
    { root: "changes" },
  ),
});
export const checkKernel = signature("neurons", {
  options: fields<KernelOptions>(
    {
      dt: STEP,
      smooth: optional(flag),
      trained: optional(list(text())),
      numbers: optional(flag),
      varied: optional(list(text())),
    },
    { root: "options" },
  ),
});
