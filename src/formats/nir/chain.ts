import { isNeuronNode } from "./neuron-nodes.js";
import { numbersOf } from "./numbers-of.js";
import { fault, type NirGraph, type NirNode } from "./read-graph.js";

/** A node of a chain, with the map through which neurons reach themselves. */
export interface Link {
  readonly node: NirNode;
  readonly recurrent?: NirNode;
}

export interface Chain {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Nodes between input and output; ports of nested graphs are left out. */
  readonly links: readonly Link[];
}

/**
 * The chain that a graph is.
 * @throws SpikevineError if it branches, has other loops than through one map of neurons, or nodes that nothing reaches
 */
export function chainOf({ nodes, edges }: NirGraph, file: string): Chain {
  const after = (name: string): string[] => edges.filter(([from]) => from === name).map(([, to]) => to);
  const before = (name: string): string[] => edges.filter(([, to]) => to === name).map(([from]) => from);
  const outer = (type: string): NirNode => {
    const ports = [...nodes.values()].filter((node) => node.type === type && !node.name.includes("/"));
    if (ports.length !== 1)
      throw fault(file, `has ${ports.length} nodes of type ${type}`, "give a graph with exactly one");
    return ports[0]!;
  };
  const [input, output] = [outer("Input"), outer("Output")];
  const reached = new Set([input.name]);
  const links: Link[] = [];
  let at = input;
  while (at !== output) {
    const recurrent = isNeuronNode(at) ? loopOf(at) : undefined;
    if (recurrent !== undefined) reached.add(recurrent.name);
    if (at.type !== "Input" && at.type !== "Output")
      links.push(recurrent === undefined ? { node: at } : { node: at, recurrent });
    const next = after(at.name).filter((name) => name !== recurrent?.name);
    if (next.length !== 1) throw fault(file, `has ${next.length} edges from ${at.name}`, "give a chain of nodes");
    at = nodes.get(next[0]!)!;
    if (reached.has(at.name))
      throw fault(file, `has a loop through ${at.name}`, "give loops through one Affine or Linear of neurons");
    reached.add(at.name);
    const sources = before(at.name).filter((name) => !isLoop(name, at.name));
    if (sources.length !== 1) throw fault(file, `has ${sources.length} edges into ${at.name}`, "give a chain of nodes");
  }
  const lost = [...nodes.keys()].find((name) => !reached.has(name));
  if (lost !== undefined)
    throw fault(file, `has a node ${lost} that is not on the way from input to output`, "leave it out");
  return { inputShape: numbersOf(input, "shape", file), outputShape: numbersOf(output, "shape", file), links };

  /** Whether a node only carries the output of neurons back to them. */
  function isLoop(name: string, neurons: string): boolean {
    const { type } = nodes.get(name)!;
    return (
      (type === "Affine" || type === "Linear") && before(name).join() === neurons && after(name).join() === neurons
    );
  }

  function loopOf({ name }: NirNode): NirNode | undefined {
    const loops = after(name).filter((next) => isLoop(next, name));
    if (loops.length > 1) throw fault(file, `has ${loops.length} recurrent maps of ${name}`, "add their weights");
    return loops.length === 1 ? nodes.get(loops[0]!)! : undefined;
  }
}
