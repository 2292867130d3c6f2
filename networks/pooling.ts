import { fields, optional, signature } from "../src/arguments/index.js";
import type { Pair } from "../src/device/contract.js";
import { SpikevineError } from "../src/errors.js";
import type { GraphBuilder, Place } from "./graph-builder.js";
import { pairOf, pairText, type Size, sizeKind, windowsIn } from "./windows.js";

/** Pooling of every channel of an image. */
export interface PoolingLayer {
  readonly kind: "averagePool" | "sumPool" | "maxPool";
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

export interface PoolingOptions {
  /** Distance of two windows. Default: the size of a window. */
  stride?: Size;
  /** Pixels around the image, of value 0 for sums and averages; at most half a window. Default: 0. */
  padding?: Size;
}

const parameters = {
  size: sizeKind(1),
  options: fields<PoolingOptions>(
    { stride: optional(sizeKind(1)), padding: optional(sizeKind(0)) },
    { root: "options" },
  ),
};
const checkAverage = signature("averagePool", parameters);
const checkSum = signature("sumPool", parameters);
const checkMax = signature("maxPool", parameters);

/** Mean over windows of `size` pixels, padding included. */
export function averagePool(size: Size, options: PoolingOptions = {}): PoolingLayer {
  checkAverage([size, options]);
  return pooling("averagePool", size, options);
}

/** Sum over windows of `size` pixels. */
export function sumPool(size: Size, options: PoolingOptions = {}): PoolingLayer {
  checkSum([size, options]);
  return pooling("sumPool", size, options);
}

/** Maximum over windows of `size` pixels: of spikes if it is after neurons, of currents if neurons come after it. */
export function maxPool(size: Size, options: PoolingOptions = {}): PoolingLayer {
  checkMax([size, options]);
  return pooling("maxPool", size, options);
}

function pooling(kind: PoolingLayer["kind"], size: Size, options: PoolingOptions): PoolingLayer {
  const layer = {
    kind,
    size: pairOf(size),
    stride: pairOf(options.stride ?? size),
    padding: pairOf(options.padding ?? 0),
  };
  if (layer.padding.some((padding, d) => 2 * padding > layer.size[d]!)) {
    throw new SpikevineError(
      `${kind}: padding is ${pairText(layer.padding)}, more than half of a window of ${pairText(layer.size)}; give less padding, so that every window has pixels.`,
    );
  }
  return layer;
}

/** Adds a pooling layer to a graph. */
export function connectPooling(
  layer: PoolingLayer,
  below: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  const { kind, size, stride, padding } = layer;
  const windows = windowsIn(below.shape, below.shape.channels, { size, stride, padding, dilation: [1, 1] }, (problem) =>
    graph.refuse(name, problem),
  );
  return graph.add({
    kind: "pool",
    name,
    index,
    from: below.node,
    shape: windows.output,
    pool: kind === "maxPool" ? "max" : "sum",
    windows,
    scale: kind === "averagePool" ? 1 / (size[0] * size[1]) : 1,
  });
}
