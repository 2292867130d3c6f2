import { callback, fields, flag, optional, signature } from "../src/arguments/index.js";
import { NEURON, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { GraphBuilder, Place } from "./graph-builder.js";
import type { Initializer } from "./initializer.js";
import { type LayerNeurons, NEURON_OPTIONS, type NeuronOptions, neuronsWith } from "./neuron-options.js";
import { shapeText } from "./windows.js";

/** Neurons whose current is the output of the layer below. */
export interface NeuronLayer extends LayerNeurons {
  readonly kind: "neurons";
  readonly recurrent: boolean;
  readonly initializer: Initializer | undefined;
}

export interface NeuronLayerOptions extends NeuronOptions {
  /** Trained weights from the layer's own outputs one step earlier; for rows of units only. Default: false. */
  recurrent?: boolean;
  /** Distribution of the initial recurrent weights. Default: as for `dense`. */
  initializer?: Initializer;
}

const check = signature("neuronLayer", {
  neuron: NEURON,
  options: fields<NeuronLayerOptions>(
    {
      ...NEURON_OPTIONS,
      recurrent: optional(flag),
      initializer: optional(callback("an initializer, e.g. glorotUniform")),
    },
    { root: "options" },
  ),
});

/**
 * One neuron per value of the layer below, e.g. after a pooling of currents: `[convolution(12, 5), maxPool(2), lif()]`. A
 * neuron by itself in a list of layers is `neuronLayer(neuron)`.
 * @throws SpikevineError if a probability or a parameter's name is invalid.
 */
export function neuronLayer(neuron: NeuronDefinition, options: NeuronLayerOptions = {}): NeuronLayer {
  check([neuron, options]);
  const { recurrent = false, initializer } = options;
  return { kind: "neurons", recurrent, initializer, ...neuronsWith("neuronLayer", neuron, options, "channel") };
}

/** Adds neurons to a graph. */
export function connectNeurons(
  layer: NeuronLayer,
  { node, shape }: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  const { kind, neuron, trainable, recurrent, initializer, dropout } = layer;
  if (recurrent && shape.height * shape.width > 1) {
    graph.refuse(
      name,
      `recurrent weights would connect all ${shapeText(shape)} units of an image with each other; put flatten() below them, or leave recurrent out`,
    );
  }
  return graph.add({ kind, name, index, from: node, shape, neuron, trainable, recurrent, initializer, dropout });
}
