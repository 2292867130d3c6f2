import { either, list, optional, signature } from "../src/arguments/index.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import type { GraphBuilder, Place } from "./graph-builder.js";
import { LAYER } from "./layer-kind.js";
import type { Layer } from "./layers.js";
import { asLayer } from "./neuron-layer.js";
import { shapeText } from "./windows.js";

/** The sum of two branches that read the same input. */
export interface ResidualLayer {
  readonly kind: "residual";
  readonly body: readonly Layer[];
  /** Empty: the input itself. */
  readonly shortcut: readonly Layer[];
}

/** One layer, or several in order; a neuron is a layer of such neurons. */
export type Branch = Layer | NeuronDefinition | readonly (Layer | NeuronDefinition)[];

const BRANCH = either(LAYER, list(LAYER));
const check = signature("residual", { body: BRANCH, shortcut: optional(BRANCH) });

/**
 * Adds the output of a branch of layers to its input, or to the output of a second branch, the shortcut. Put neurons after
 * it to have them receive the sum.
 * Source: K. He et al., CVPR 2016.
 */
export function residual(body: Branch, shortcut: Branch = []): ResidualLayer {
  check([body, shortcut]);
  return { kind: "residual", body: layersOf(body), shortcut: layersOf(shortcut) };
}

const layersOf = (branch: Branch): readonly Layer[] => [branch].flat().map((layer) => asLayer(layer as Layer));

/** Adds both branches and their sum to a graph. */
export function connectResidual(
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
      `its body has the shape ${shapeText(one.shape)} and its shortcut ${shapeText(other.shape)}; make them equal, e.g. by a shortcut of convolution(${one.shape.channels}, 1, { stride: 2 })`,
    );
  }
  return graph.add({ kind: "add", name, index, from: [one.node, other.node], shape: one.shape, scale: 1 });
}
