import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";

/**
 * Hyperbolic tangent unit, stateless: y = tanh(I). No parameters; use one step per sample, or a constant current.
 * @throws SpikevineError for any option.
 * Source: Y. LeCun et al., Efficient BackProp (1998), sec. 4.4.
 */
export const tanh = (options: Readonly<Record<string, never>> = {}): NeuronDefinition =>
  defineNeuron({
    name: "tanh",
    summary: "Hyperbolic tangent unit, stateless.",
    source: "Y. LeCun et al., Efficient BackProp (1998), sec. 4.4",
    output: "tanh(I)",
  }).with({ parameters: options });
