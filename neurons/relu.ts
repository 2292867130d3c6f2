import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";

/**
 * Rectified linear unit, stateless: y = relu(I). No parameters; use one step per sample, or a constant current.
 * @throws SpikevineError for any option.
 * Source: V. Nair and G. Hinton, ICML 2010.
 */
export const relu = (options: Readonly<Record<string, never>> = {}): NeuronDefinition =>
  defineNeuron({
    name: "relu",
    summary: "Rectified linear unit, stateless.",
    source: "V. Nair and G. Hinton, ICML 2010",
    output: "relu(I)",
  }).with({ parameters: options });
