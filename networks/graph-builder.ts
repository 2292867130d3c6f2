import type { ImageShape } from "../src/device/contract.js";
import { SpikevineError } from "../src/errors.js";
import type { GraphNode } from "./graph.js";
import type { AnyLayer } from "./layer-kind.js";

/** The output of a node as the next layer reads it. `flatten` changes the shape, not the node. */
export interface Place {
  readonly node: number;
  readonly shape: ImageShape;
}

/** A graph under construction: layers add their nodes, and indices are given to layers in order. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  #layers = 0;

  constructor(private readonly connect: (layer: AnyLayer, below: Place, graph: GraphBuilder, name: string) => Place) {}

  add(node: GraphNode): Place {
    this.nodes.push(node);
    return { node: this.nodes.length - 1, shape: node.shape };
  }

  /** Connects layers one after the other; the first one is number 1. */
  sequence(layers: readonly AnyLayer[], below: Place, nameOf: (number: number) => string): Place {
    let place = below;
    layers.forEach((layer, i) => {
      place = this.connect(layer, place, this, nameOf(i + 1));
    });
    return place;
  }

  /** Index of the next layer. */
  nextIndex(): number {
    return this.#layers++;
  }

  /** Refuses a layer that does not fit its input. */
  refuse(name: string, problem: string): never {
    throw new SpikevineError(`network: ${name}: ${problem}.`);
  }
}
