import { sizeOf } from "./graph.js";
import type { Place } from "./graph-builder.js";

/** An image becomes a row of units. */
export interface FlattenLayer {
  readonly kind: "flatten";
}

/**
 * Makes an image a row of units, pixel after pixel with the channels innermost. A dense layer does not need it; batch
 * normalization and neurons after it have one value per unit in place of one per channel.
 */
export const flatten = (): FlattenLayer => ({ kind: "flatten" });

/** The same node as a row of units. */
export const connectFlatten = (_: FlattenLayer, { node, shape }: Place): Place => ({
  node,
  shape: { channels: sizeOf(shape), height: 1, width: 1 },
});
