import { either, list, optional, signature } from "../src/arguments/index.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { asLayer } from "./as-layer.js";
import { LAYER } from "./layer-kind.js";
import type { Layer, ResidualLayer } from "./layers.js";

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
