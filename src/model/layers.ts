import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  flatten,
  type Layer,
  maxPool,
  neuronLayer,
  residual,
  scale,
  sumPool,
} from "../../networks/index.js";
import type { NeuronDefinition } from "../../neurons/index.js";
import { SpikevineError } from "../errors.js";
import type { DescribedLayer } from "./layer-description.js";

const POOLS = { averagePool, sumPool, maxPool };

/** Neurons of layers, those of branches included, each once, in the order of their first use. */
export function neuronsIn(layers: readonly Layer[]): readonly NeuronDefinition[] {
  const found = layers.flatMap((layer) => {
    if (layer.kind === "residual") return neuronsIn([...layer.body, ...layer.shortcut]);
    return "neuron" in layer && layer.neuron !== undefined ? [layer.neuron] : [];
  });
  return [...new Set(found)];
}

/** A layer as data; initial weights need no initializer, since a file holds the weights. */
export function describeLayer(layer: Layer, neurons: readonly NeuronDefinition[]): object {
  switch (layer.kind) {
    case "residual": {
      const { kind, body, shortcut } = layer;
      const described = (layers: readonly Layer[]): object[] => layers.map((one) => describeLayer(one, neurons));
      return { kind, body: described(body), shortcut: described(shortcut) };
    }
    case "dense":
    case "convolution":
    case "neurons": {
      const { kind, neuron, trainable: train, initializer: _, ...others } = layer;
      const own = kind === "dense" && neuron !== undefined ? {} : { kind };
      return { ...own, ...others, ...(neuron === undefined ? {} : { neuron: neurons.indexOf(neuron) }), train };
    }
    default:
      return layer;
  }
}

/**
 * Makes a layer from its description.
 * @throws SpikevineError if it names a neuron that the file does not have, or a value is invalid.
 */
export function buildLayer(layer: DescribedLayer, neurons: readonly NeuronDefinition[], where: string): Layer {
  if (layer.kind === "residual") {
    const built = (layers: readonly DescribedLayer[]): Layer[] => layers.map((one) => buildLayer(one, neurons, where));
    return residual(built(layer.body), built(layer.shortcut));
  }
  switch (layer.kind) {
    case "batchNorm":
      return batchNorm({ epsilon: layer.epsilon, momentum: layer.momentum });
    case "flatten":
      return flatten();
    case "scale":
      return scale(layer.factor);
    case "averagePool":
    case "sumPool":
    case "maxPool":
      return POOLS[layer.kind](layer.size, { stride: layer.stride, padding: layer.padding });
  }
  const { neuron: index, train: trainable } = layer;
  const neuron = index === undefined ? undefined : neurons[index];
  if (index !== undefined && neuron === undefined) {
    throw new SpikevineError(`${where} uses neuron ${index}, but the file has ${neurons.length} (from 0).`);
  }
  switch (layer.kind) {
    case "neurons":
      return neuronLayer(neuron!, { recurrent: layer.recurrent, dropout: layer.dropout, trainable });
    case "convolution": {
      const { channels, size, stride, padding, dilation, groups, bias, dropout } = layer;
      const options = { stride, padding, dilation, groups, bias };
      return neuron === undefined
        ? convolution(channels, size, options)
        : convolution(channels, size, neuron, { ...options, dropout, trainable });
    }
    default: {
      const { units, bias, recurrent, dropout } = layer;
      return neuron === undefined
        ? dense(units, { bias })
        : dense(units, neuron, { bias, recurrent, dropout, trainable });
    }
  }
}
