import type { Convolution, ImageShape, Windows } from "../src/device/contract.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { Initializer } from "./initializer.js";
import type { Trainability } from "./trainable.js";

/**
 * A network as a graph: nodes in the order in which a device computes them. Every node has one output, an image with its
 * channels last; a row of n units is an image of n channels and one pixel.
 */
export type GraphNode = InputNode | MapNode | PoolNode | NormalizeNode | AddNode | NeuronNode;

interface CommonNode {
  /** Name of the layer that the node belongs to, e.g. `layer1`: the prefix of its arrays and signals. */
  readonly name: string;
  /** Position of that layer among all layers, those of residual bodies included: the key of its random draws. */
  readonly index: number;
  /** Shape of the output. */
  readonly shape: ImageShape;
}

interface NodeOfOne extends CommonNode {
  /** Index of the node that it reads. */
  readonly from: number;
}

/** The encoder's output. */
export interface InputNode extends CommonNode {
  readonly kind: "input";
}

/** A linear map with weights `[rows, columns]` in the array `<name>.weights`: dense, or a convolution. */
export interface MapNode extends NodeOfOne {
  readonly kind: "map";
  readonly rows: number;
  readonly columns: number;
  readonly convolution?: Convolution;
  /** A trained value per column, in `<name>.bias`. */
  readonly bias: boolean;
  /** Distribution of the initial weights; undefined: the network chooses it. */
  readonly initializer: Initializer | undefined;
}

export interface PoolNode extends NodeOfOne {
  readonly kind: "pool";
  readonly pool: "sum" | "max";
  readonly windows: Windows;
  readonly scale: number;
}

/** Normalization per channel, with gain and shift in `<name>.gain` and `<name>.shift`. */
export interface NormalizeNode extends NodeOfOne {
  readonly kind: "normalize";
  readonly epsilon: number;
  readonly momentum: number;
}

/** `scale` times the sum of outputs of one shape. */
export interface AddNode extends CommonNode {
  readonly kind: "add";
  readonly from: readonly number[];
  readonly scale: number;
}

export interface NeuronNode extends NodeOfOne {
  readonly kind: "neurons";
  readonly neuron: NeuronDefinition;
  readonly trainable: Readonly<Record<string, Trainability>>;
  /** Weights from each unit's output one step earlier, in `<name>.recurrent`. */
  readonly recurrent: boolean;
  /** Distribution of the initial recurrent weights; undefined: the network chooses it. */
  readonly initializer: Initializer | undefined;
  /** Probability of dropping a unit's output in training. */
  readonly dropout: number;
}

/** The part of a network that its structure is read from. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
}

/** Number of values of a shape. */
export const sizeOf = ({ channels, height, width }: ImageShape): number => channels * height * width;

/** Indices of the nodes that a node reads. */
export function sourcesOf(node: GraphNode): readonly number[] {
  if (node.kind === "input") return [];
  return typeof node.from === "number" ? [node.from] : node.from;
}

export const mapsOf = ({ nodes }: Graph): readonly MapNode[] => nodes.filter((node) => node.kind === "map");

/** All layers of neurons; the last one is the output. */
export const neuronsOf = ({ nodes }: Graph): readonly NeuronNode[] => nodes.filter((node) => node.kind === "neurons");

/** Numbers of inputs and outputs that one weight of a map shares its sum with, as initializers take them. */
export function fansOf({ rows, columns, convolution }: MapNode): readonly [fanIn: number, fanOut: number] {
  // A weight of a convolution is one of the window's positions; its fan-out counts all of them, as in PyTorch.
  const positions = convolution === undefined ? 1 : convolution.size[0] * convolution.size[1];
  return [rows, positions * columns];
}

/** Columns of the array of a trained parameter of neurons. */
export function columnsOf(how: Trainability, shape: ImageShape): number {
  if (how === "layer") return 1;
  return how === "channel" ? shape.channels : sizeOf(shape);
}

/** True, by node, if a trained array lies in it or below it, so that an error has to reach its output. */
export function needsError(nodes: readonly GraphNode[]): readonly boolean[] {
  const needed: boolean[] = [];
  for (const node of nodes) {
    const trains = node.kind === "map" || node.kind === "normalize" || (node.kind === "neurons" && trainsAny(node));
    needed.push(trains || sourcesOf(node).some((source) => needed[source]));
  }
  return needed;
}

const trainsAny = ({ recurrent, trainable }: NeuronNode): boolean =>
  recurrent || Object.values(trainable).some((how) => how !== "fixed");

/** Maps whose outputs reach the current of neurons, directly or through nodes without weights of their own. */
export function mapsInto({ nodes }: Graph, neurons: NeuronNode): readonly MapNode[] {
  const found = new Set<MapNode>();
  const visit = (node: GraphNode): void => {
    if (node.kind === "map") found.add(node);
    else if (node.kind !== "neurons") for (const source of sourcesOf(node)) visit(nodes[source]!);
  };
  visit(nodes[neurons.from]!);
  return [...found];
}
