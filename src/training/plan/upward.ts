import { type GraphNode, type NeuronNode, sizeOf, sourcesOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import { SpikevineError } from "../../errors.js";
import { type Errors, errorOf } from "./errors.js";
import { mapOf } from "./forward.js";

/**
 * Error at the output of hidden neurons in indirect feedback alignment: that of the neurons below, propagated by the forward
 * weights (Nøkland 2016, eq. 8), sums of pools and factors.
 * @throws SpikevineError if a node between them is not linear, or they are on different branches.
 */
export function upwardError({ nodes }: Network, below: NeuronNode, neurons: NeuronNode, errors: Errors): string {
  const path: GraphNode[] = [];
  for (let node = nodes[neurons.from]!; node !== below; ) {
    const sources = sourcesOf(node);
    const isLinear = node.kind === "map" || node.kind === "add" || (node.kind === "pool" && node.pool === "sum");
    if (!isLinear || sources.length !== 1) {
      throw new SpikevineError(
        `train: credit is "indirect-feedback-alignment", which propagates errors from ${below.name} up to ${neurons.name} by linear maps, but ${node.name} is ${KINDS[node.kind]}; use another credit.`,
      );
    }
    path.unshift(node);
    node = nodes[sources[0]!]!;
  }
  let from = errorOf(below.name);
  for (const [i, node] of path.entries()) {
    const to = i === path.length - 1 ? `${neurons.name}.outputError` : `${node.name}.upwardError`;
    const width = sizeOf(node.shape);
    if (node.kind === "map") errors.write({ op: "current", from, ...mapOf(node), to }, width, "steps");
    if (node.kind === "add") errors.write({ op: "add", from: [from], scale: node.scale, to }, width, "steps");
    if (node.kind === "pool") {
      const { windows, scale } = node;
      errors.write({ op: "pool", kind: "sum", windows, scale, from, to }, width, "steps");
    }
    from = to;
  }
  return from;
}

const KINDS: Readonly<Record<GraphNode["kind"], string>> = {
  input: "not above it",
  map: "a map",
  pool: "a maximum",
  normalize: "a normalization",
  add: "a sum of branches",
  neurons: "another layer of neurons",
};
