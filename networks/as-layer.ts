import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { Layer } from "./layers.js";
import { neuronLayer } from "./neuron-layer.js";

/** A layer, or a neuron that stands for a layer of such neurons. */
export const asLayer = (layer: Layer | NeuronDefinition): Layer => ("kind" in layer ? layer : neuronLayer(layer));
