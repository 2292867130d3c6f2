import { linear } from "../neurons/linear.js";
import type { ImageShape } from "../src/device/contract.js";
import { type BatchNormLayer, connectBatchNorm } from "./batch-norm.js";
import { type ConvolutionLayer, connectConvolution } from "./convolution.js";
import { connectDense, type DenseLayer } from "./dense.js";
import { connectFlatten, type FlattenLayer } from "./flatten.js";
import type { GraphNode } from "./graph.js";
import { GraphBuilder, type Place } from "./graph-builder.js";
import type { AnyLayer } from "./layer-kind.js";
import { connectNeurons, type NeuronLayer, neuronLayer } from "./neuron-layer.js";
import { connectPooling, type PoolingLayer } from "./pooling.js";
import { connectScale, type ScaleLayer } from "./scale.js";
import { shapeText } from "./windows.js";

/** A layer as data. */
export type Layer =
  | DenseLayer
  | ConvolutionLayer
  | PoolingLayer
  | BatchNormLayer
  | FlattenLayer
  | NeuronLayer
  | ResidualLayer
  | ScaleLayer;

/** The sum of two branches that read the same input. */
export interface ResidualLayer {
  readonly kind: "residual";
  readonly body: readonly Layer[];
  /** Empty: the input itself. */
  readonly shortcut: readonly Layer[];
}

type Connect<L> = (layer: L, below: Place, graph: GraphBuilder, name: string, index: number) => Place;

/** The nodes of each kind of layer. */
const CONNECT: { readonly [K in AnyLayer["kind"]]: Connect<Extract<Layer, { readonly kind: K }>> } = {
  dense: connectDense,
  convolution: connectConvolution,
  averagePool: connectPooling,
  sumPool: connectPooling,
  maxPool: connectPooling,
  batchNorm: connectBatchNorm,
  flatten: connectFlatten,
  neurons: connectNeurons,
  residual: connectResidual,
  scale: connectScale,
};

const connectLayer = (layer: AnyLayer, below: Place, graph: GraphBuilder, name: string): Place =>
  (CONNECT[layer.kind] as Connect<AnyLayer>)(layer, below, graph, name, graph.nextIndex());

/**
 * The nodes of a sequence of layers, the input first. The last node is a layer of neurons: where the last layer has none, its
 * values go through linear units, which have no state.
 * @throws SpikevineError naming the layer that does not fit its input.
 */
export function layersAsGraph(
  shape: ImageShape,
  layers: readonly Layer[],
  names: readonly string[],
): readonly GraphNode[] {
  const graph = new GraphBuilder(connectLayer);
  const input = graph.add({ kind: "input", name: "input", index: 0, shape });
  const output = graph.sequence(layers, input, (number) => names[number - 1]!);
  if (graph.nodes[output.node]!.kind !== "neurons") {
    connectNeurons(neuronLayer(linear()), output, graph, names.at(-1)!, graph.nextIndex());
  }
  return graph.nodes;
}

/** A change that gives both branches of a residual layer the same shape. */
function equalizing(body: ImageShape, shortcut: ImageShape): string {
  const { channels, height, width } = body;
  if (height === shortcut.height && width === shortcut.width) return `a shortcut of convolution(${channels}, 1)`;
  const isHalf = height === Math.ceil(shortcut.height / 2) && width === Math.ceil(shortcut.width / 2);
  if (isHalf) return `a shortcut of convolution(${channels}, 1, { stride: 2 })`;
  return `padding in the body, or a shortcut that ends in ${shapeText(body)}`;
}

/** Adds both branches and their sum to a graph. */
function connectResidual(
  { body, shortcut }: ResidualLayer,
  below: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  const one = graph.sequence(body, below, (i) => `${name}_${i}`);
  const other = graph.sequence(shortcut, below, (i) => `${name}_shortcut${i}`);
  if (shapeText(one.shape) !== shapeText(other.shape)) {
    graph.refuse(
      name,
      `its body has the shape ${shapeText(one.shape)} and its shortcut ${shapeText(other.shape)}; make them equal, e.g. by ${equalizing(one.shape, other.shape)}`,
    );
  }
  return graph.add({ kind: "add", name, index, from: [one.node, other.node], shape: one.shape, scale: 1 });
}
