import type { GraphNode, MapNode, NeuronNode, PoolNode } from "../../../networks/graph.js";
import { sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import type { ImageShape } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import type { Hdf5Values } from "../../io/hdf5/contents.js";
import { channelsFirst, orderOf, torchRecurrentWeights, torchShape, torchWeights } from "../state-dict/arrays.js";
import { integer, integers, type NodeFields, reals } from "./nir-file.js";
import { type RecognizedNeuron, recognizeNeuron, type Values } from "./recognize-neurons.js";

/** A node of a file, before it is written. */
export interface ExportedNode {
  readonly type: string;
  readonly fields: NodeFields;
}

/** Shape of a signal as PyTorch and NIR order it: a row, or channels, height and width. */
export const signalShape = ({ channels, height, width }: ImageShape): readonly number[] =>
  height * width === 1 ? [channels] : [channels, height, width];

/** The error of a layer that a file cannot contain. */
export const refuse = (layer: string, problem: string, fix: string): SpikevineError =>
  new SpikevineError(`NIR: ${layer} ${problem}; ${fix}.`);

export function exportedMap(network: Network, map: MapNode): ExportedNode {
  const { name, columns, convolution, bias } = map;
  const order = orderOf(network.nodes, map.from);
  const weight: Hdf5Values = {
    shape: torchShape(map),
    values: torchWeights(map, order, network.parameters.get(`${name}.weights`)!.data),
  };
  const added = bias ? network.parameters.get(`${name}.bias`)!.data : new Float32Array(columns);
  const biases: Hdf5Values = { shape: [columns], values: added };
  if (convolution === undefined) {
    return bias ? { type: "Affine", fields: { weight, bias: biases } } : { type: "Linear", fields: { weight } };
  }
  const { input, stride, padding, dilation, groups } = convolution;
  const sizes = { input_shape: integers(input.height, input.width), stride: integers(...stride) };
  const rest = { padding: integers(...padding), dilation: integers(...dilation), groups: integer(groups) };
  return { type: "Conv2d", fields: { weight, bias: biases, ...sizes, ...rest } };
}

/** @throws SpikevineError for a maximum, which NIR does not have */
export function exportedPool({ name, pool, windows, scale }: PoolNode): ExportedNode {
  const { size, stride, padding } = windows;
  if (pool === "max") throw refuse(name, "is maxPool, which NIR does not have", "use sumPool or averagePool");
  const fields = { kernel_size: integers(...size), stride: integers(...stride), padding: integers(...padding) };
  return { type: scale === 1 ? "SumPool2d" : "AvgPool2d", fields };
}

export const exportedFlatten = (shape: ImageShape): ExportedNode => ({
  type: "Flatten",
  fields: { start_dim: integer(0), end_dim: integer(-1), input_type: integers(...signalShape(shape)) },
});

export const exportedScale = (shape: ImageShape, factor: number): ExportedNode => ({
  type: "Scale",
  fields: { scale: reals(signalShape(shape), new Float64Array(sizeOf(shape)).fill(factor)) },
});

/** @throws SpikevineError for a neuron that NIR does not have */
export function exportedNeurons(
  network: Network,
  node: NeuronNode,
): { readonly node: ExportedNode; readonly recognized: RecognizedNeuron } {
  const { name, neuron, shape } = node;
  const recognized = recognizeNeuron(neuron);
  if (recognized === undefined) {
    throw refuse(
      name,
      `has the neuron ${neuron.name} (${neuron.summary.replace(/\.$/, "")}), which NIR does not have`,
      "use lif, leaky or integrator with reset zero or subtract, synaptic with reset subtract, li, or neurons of loadNir",
    );
  }
  const values = (parameter: string): Values => valuesOf(network, node, parameter);
  if (recognized.start !== undefined && values(recognized.start).some((value) => value !== 0)) {
    throw refuse(
      name,
      `starts at ${recognized.start} ${values(recognized.start)[0]}, and NIR has no initial potential`,
      `give ${neuron.name} ${recognized.start} 0`,
    );
  }
  const fields: Record<string, Hdf5Values> = {};
  for (const [field, given] of Object.entries(recognized.fields(values, network.dt))) {
    const wrong = given.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) {
      throw refuse(name, `has a decay of 1, for which ${field} would be infinite`, "give a decay below 1");
    }
    const spread = given.length === 1 ? new Float64Array(sizeOf(shape)).fill(given[0]!) : given;
    fields[field] = reals(signalShape(shape), spread);
  }
  return { node: { type: recognized.type, fields }, recognized };
}

/** Values of a parameter of neurons: one, or one per unit with the channels first. */
function valuesOf(network: Network, node: NeuronNode, parameter: string): Values {
  const { name, neuron, shape, trainable } = node;
  const how = trainable[parameter] ?? "fixed";
  if (how === "fixed") return [neuron.parameters[parameter]!.value];
  const { data } = network.parameters.get(`${name}.${parameter}`)!;
  const order = orderOf(network.nodes, network.nodes.indexOf(node));
  if (data.length === 1) return [data[0]!];
  const at = channelsFirst(order);
  const values: number[] = [];
  for (let unit = 0; unit < sizeOf(shape); unit++) {
    // A value per channel is that of all its pixels.
    values[at(unit)] = data[data.length === sizeOf(shape) ? unit : unit % data.length]!;
  }
  return values;
}

/** The map from the output of neurons to their own input. */
export function exportedRecurrence(network: Network, node: NeuronNode): ExportedNode {
  const units = sizeOf(node.shape);
  const weights = network.parameters.get(`${node.name}.recurrent`)!.data;
  const order = orderOf(network.nodes, network.nodes.indexOf(node));
  const weight: Hdf5Values = { shape: [units, units], values: torchRecurrentWeights(weights, order) };
  return { type: "Linear", fields: { weight } };
}

/** Whether a node passes on its input unchanged: units without a state, which end a network without neurons. */
export const isIdentity = (node: GraphNode): boolean => node.kind === "neurons" && node.neuron.name === "linear";
