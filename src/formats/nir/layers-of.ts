import { type Layer, residual } from "../../../networks/index.js";
import type { Fork, Link, Part } from "./chain.js";
import type { NirNeurons } from "./neuron-nodes.js";

/** A layer of a link. */
interface LinkLayer {
  readonly layer: Layer;
  readonly neurons?: NirNeurons;
}

/** A link with the name that its layer has in the network. */
interface BuiltLink {
  readonly layer: string;
  readonly link: Link;
  readonly neurons?: NirNeurons;
}

interface Built {
  readonly layers: readonly Layer[];
  readonly built: readonly BuiltLink[];
}

/**
 * Layers of the parts of a chain; branches are residual layers, of which each sums two.
 * @param nameOf name of a layer by its number from 1, as a network gives it
 */
export function layersOf(
  parts: readonly Part[],
  layerOf: (link: Link) => LinkLayer,
  nameOf: (number: number) => string,
): Built {
  const layers: Layer[] = [];
  const built: BuiltLink[] = [];
  parts.forEach((part, i) => {
    const name = nameOf(i + 1);
    if ("branches" in part) {
      const sum = sumOf(part, layerOf, name);
      layers.push(...sum.layers);
      built.push(...sum.built);
    } else {
      const { layer, ...rest } = layerOf(part);
      layers.push(layer);
      built.push({ layer: name, link: part, ...rest });
    }
  });
  return { layers, built };
}

function sumOf({ branches: [first, ...others] }: Fork, layerOf: (link: Link) => LinkLayer, name: string): Built {
  const body = layersOf(first!, layerOf, (number) => `${name}_${number}`);
  const rest: readonly Part[] = others.length === 1 ? others[0]! : [{ branches: others }];
  const shortcut = layersOf(rest, layerOf, (number) => `${name}_shortcut${number}`);
  return { layers: [residual(body.layers, shortcut.layers)], built: [...body.built, ...shortcut.built] };
}
