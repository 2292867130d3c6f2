import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";

/**
 * Linear unit, stateless: y = I. No parameters; use one step per sample, or a constant current.
 * @throws SpikevineError for any option.
 * Source: B. Widrow and M. Hoff, WESCON 1960.
 */
export const linear = (options: Readonly<Record<string, never>> = {}): NeuronDefinition =>
  defineNeuron({
    name: "linear",
    summary: "Linear unit, stateless.",
    source: "B. Widrow and M. Hoff, WESCON 1960",
    output: "I",
  }).with({ parameters: options });
