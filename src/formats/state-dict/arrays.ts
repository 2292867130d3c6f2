import { type GraphNode, type MapNode, sizeOf } from "../../../networks/graph.js";
import type { ImageShape } from "../../device/contract.js";

/** Shape of the weights of a map as PyTorch stores them: `[units, inputs]`, or `[channels, inputs, height, width]`. */
export function torchShape({ rows, columns, convolution }: MapNode): readonly number[] {
  if (convolution === undefined) return [columns, rows];
  const [height, width] = convolution.size;
  return [columns, rows / (height * width), height, width];
}

/**
 * Weights of PyTorch as a map stores them: `[inputs, units]`. The input of a dense layer after an image is flattened with its
 * channels first in PyTorch and last here; so are the windows of a convolution.
 */
export function mapWeights(map: MapNode, below: GraphNode, values: ArrayLike<number>): Float32Array {
  const { rows, columns } = map;
  const [height, width] = map.convolution?.size ?? [below.shape.height, below.shape.width];
  const from = channelsFirst({ channels: rows / (height * width), height, width });
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      weights[row * columns + column] = values[column * rows + from(row)]!;
    }
  }
  return weights;
}

/** Index in an image with its channels first, by the index in the image with its channels last. */
export function channelsFirst({ channels, height, width }: ImageShape): (index: number) => number {
  const pixels = height * width;
  return (index) => (index % channels) * pixels + Math.floor(index / channels);
}

/** A square matrix `[to, from]` as `[from, to]`. */
export function transposed(values: ArrayLike<number>, units: number): Float32Array {
  return Float32Array.from({ length: units * units }, (_, i) => values[(i % units) * units + Math.floor(i / units)]!);
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
