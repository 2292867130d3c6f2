import { type GraphNode, type MapNode, sizeOf, sourcesOf } from "../../../networks/graph.js";
import type { ImageShape } from "../../device/contract.js";

/** Shape of the weights of a map as PyTorch stores them: `[units, inputs]`, or `[channels, inputs, height, width]`. */
export function torchShape({ rows, columns, convolution }: MapNode): readonly number[] {
  if (convolution === undefined) return [columns, rows];
  const [height, width] = convolution.size;
  return [columns, rows / (height * width), height, width];
}

/**
 * Shape of the image, channels last, in whose order the output of a node is. A row of neurons after a flattened image keeps the
 * order of the image.
 */
export function orderOf(nodes: readonly GraphNode[], index: number): ImageShape {
  const node = nodes[index]!;
  const { shape } = node;
  if (node.kind === "input" || node.kind === "map" || shape.height * shape.width > 1) return shape;
  const [source] = sourcesOf(node);
  const below = orderOf(nodes, source!);
  return sizeOf(below) === sizeOf(shape) ? below : shape;
}

/**
 * Weights of PyTorch as a map stores them: `[inputs, units]`. The input of a dense layer after an image is flattened with its
 * channels first in PyTorch and last here; so are the windows of a convolution.
 * @param below order of the input
 */
export function mapWeights(map: MapNode, below: ImageShape, values: ArrayLike<number>): Float32Array {
  const { rows, columns } = map;
  const from = inputOrder(map, below);
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      weights[row * columns + column] = values[column * rows + from(row)]!;
    }
  }
  return weights;
}

/** Weights of a map as PyTorch stores them: the inverse of `mapWeights`. */
export function torchWeights(map: MapNode, below: ImageShape, weights: Float32Array): Float32Array {
  const { rows, columns } = map;
  const from = inputOrder(map, below);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[column * rows + from(row)] = weights[row * columns + column]!;
    }
  }
  return values;
}

/** Index of an input of a map in PyTorch, by its index here. */
function inputOrder({ rows, convolution }: MapNode, below: ImageShape): (index: number) => number {
  const [height, width] = convolution?.size ?? [below.height, below.width];
  return channelsFirst({ channels: rows / (height * width), height, width });
}

/** Index in an image with its channels first, by the index in the image with its channels last. */
export function channelsFirst({ channels, height, width }: ImageShape): (index: number) => number {
  const pixels = height * width;
  return (index) => (index % channels) * pixels + Math.floor(index / channels);
}

/** Recurrent weights `[to, from]` of PyTorch as `[from, to]` here, between units in the order of an image. */
export function recurrentWeights(values: ArrayLike<number>, order: ImageShape): Float32Array {
  const units = sizeOf(order);
  const at = channelsFirst(order);
  return Float32Array.from(
    { length: units * units },
    (_, i) => values[at(i % units) * units + at(Math.floor(i / units))]!,
  );
}

/** Recurrent weights as PyTorch stores them: the inverse of `recurrentWeights`. */
export function torchRecurrentWeights(weights: Float32Array, order: ImageShape): Float32Array {
  const units = sizeOf(order);
  const at = channelsFirst(order);
  const values = new Float32Array(units * units);
  for (let i = 0; i < weights.length; i++) {
    values[at(i % units) * units + at(Math.floor(i / units))] = weights[i]!;
  }
  return values;
}

/**
 * Values of a parameter of neurons, one per unit of an image with its channels last.
 * @param values one for all, one per channel, or one per unit with the channels first
 * @returns undefined if their number does not fit the array
 */
export function unitValues(
  shape: ImageShape,
  columns: number,
  values: ArrayLike<number>,
): ArrayLike<number> | undefined {
  if (values.length === 1) return Float32Array.from({ length: columns }, () => values[0]!);
  if (values.length !== columns) return undefined;
  if (columns !== sizeOf(shape) || shape.height * shape.width === 1) return values;
  const from = channelsFirst(shape);
  return Float32Array.from({ length: columns }, (_, i) => values[from(i)]!);
}
