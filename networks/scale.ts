import { number, signature } from "../src/arguments/index.js";
import type { GraphBuilder, Place } from "./graph-builder.js";

/** Multiplication by a constant. */
export interface ScaleLayer {
  readonly kind: "scale";
  readonly factor: number;
}

const check = signature("scale", { factor: number() });

/** Multiplies all values by a factor that is not trained. */
export function scale(factor: number): ScaleLayer {
  check([factor]);
  return { kind: "scale", factor };
}

/** Adds a multiplication to a graph. */
export function connectScale(
  { factor }: ScaleLayer,
  { node, shape }: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  return graph.add({ kind: "add", name, index, from: [node], shape, scale: factor });
}
