import { isNeuronNode } from "./neuron-nodes.js";
import { numbersOf } from "./numbers-of.js";
import { fault, type NirGraph, type NirNode } from "./read-graph.js";

/** A node of a chain, with the map through which neurons reach themselves. */
export interface Link {
  readonly node: NirNode;
  readonly recurrent?: NirNode;
}

/** Chains that read the same output, and whose outputs are summed. An empty one is that output itself. */
export interface Fork {
  readonly branches: readonly (readonly Part[])[];
}

export type Part = Link | Fork;

export interface Chain {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Nodes between input and output; ports of nested graphs are left out. */
  readonly parts: readonly Part[];
}

/** A way from a node to the next one that several edges reach. */
interface Way {
  readonly parts: readonly Part[];
  readonly end: NirNode;
  /** Edges through which this way reaches its end. */
  readonly edges: number;
}

const edgesOf = (ways: readonly Way[]): number => ways.reduce((sum, { edges }) => sum + edges, 0);

/** Forks inside each other: deeper ones of a hostile file would exhaust the stack. */
const DEEPEST = 64;
const SERIES = "give branches that start at one node and are summed at another";
const LOOPS = "give loops through one Affine or Linear of neurons";

/**
 * The chain that a graph is, some parts of which are branches that are summed.
 * @throws SpikevineError if branches meet in another way, there are other loops than through one map of neurons, or nodes that are
 * not on the way from input to output
 */
export function chainOf({ nodes, edges }: NirGraph, file: string): Chain {
  const [targets, sources] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const [from, to] of edges) {
    targets.set(from, [...(targets.get(from) ?? []), to]);
    sources.set(to, [...(sources.get(to) ?? []), from]);
  }
  const after = (name: string): readonly string[] => targets.get(name) ?? [];
  const before = (name: string): readonly string[] => sources.get(name) ?? [];
  const outer = (type: string): NirNode => {
    const ports = [...nodes.values()].filter((node) => node.type === type && !node.name.includes("/"));
    if (ports.length !== 1)
      throw fault(file, `has ${ports.length} nodes of type ${type}`, "give a graph with exactly one");
    return ports[0]!;
  };
  const [input, output] = [outer("Input"), outer("Output")];
  const reached = new Set<string>([input.name]);
  const { parts, end, edges: arriving } = follow(input, 0);
  if (end !== output || arriving < inputsOf(end).length) throw unmet(end, arriving);
  reached.add(output.name);
  const lost = [...nodes.keys()].find((name) => !reached.has(name));
  if (lost !== undefined)
    throw fault(file, `has a node ${lost} that is not on the way from input to output`, "leave it out");
  return { inputShape: numbersOf(input, "shape", file), outputShape: numbersOf(output, "shape", file), parts };

  /** The way after a node, up to a node that other edges reach too, or to the output. */
  function follow(start: NirNode, depth: number): Way {
    if (depth > DEEPEST) throw fault(file, `has branches inside each other deeper than ${DEEPEST}`, SERIES);
    const parts: Part[] = [];
    for (let at = start; ; ) {
      const recurrent = loopOf(at);
      const next = after(at.name).filter((name) => name !== recurrent?.name);
      if (next.length === 0) throw fault(file, `has 0 edges from ${at.name}`, "give a way from it to the output");
      const ways: readonly Way[] =
        next.length === 1
          ? [{ parts: [], end: nodes.get(next[0]!)!, edges: 1 }]
          : joined(
              at,
              next.map((name) => branch(nodes.get(name)!, depth + 1)),
              depth,
            );
      if (ways.length > 1) parts.push({ branches: ways.map((way) => way.parts) });
      const { end } = ways[0]!;
      const edges = edgesOf(ways);
      if (end === output || edges < inputsOf(end).length) return { parts, end, edges };
      parts.push(...reach(end));
      at = end;
    }
  }

  /** Ways from a node that end at one node: those that are summed earlier become one way, which goes on from their sum. */
  function joined(from: NirNode, ways: readonly Way[], depth: number): readonly Way[] {
    const ends = [...new Set(ways.map(({ end }) => end))];
    if (ends.length === 1) return ways;
    const into = (end: NirNode): readonly Way[] => ways.filter((way) => way.end === end);
    const sum = ends.find((end) => end !== output && edgesOf(into(end)) === inputsOf(end).length);
    if (sum === undefined) {
      const names = ends.slice(0, 2).map(({ name }) => `at ${name}`);
      throw fault(
        file,
        `has branches from ${from.name} that are not summed at one node, but ${names.join(" and ")}`,
        SERIES,
      );
    }
    const fork: Fork = { branches: into(sum).map(({ parts }) => parts) };
    const own = reach(sum);
    const rest = follow(sum, depth + 1);
    const whole: Way = { ...rest, parts: [fork, ...own, ...rest.parts] };
    return joined(from, [...ways.filter(({ end }) => end !== sum), whole], depth + 1);
  }

  /** The way that begins with an edge into a node. */
  function branch(node: NirNode, depth: number): Way {
    if (node === output || inputsOf(node).length > 1) return { parts: [], end: node, edges: 1 };
    const own = reach(node);
    const rest = follow(node, depth);
    return { ...rest, parts: [...own, ...rest.parts] };
  }

  /** The link of a node that is now reached; ports have none. */
  function reach(node: NirNode): Link[] {
    if (reached.has(node.name)) throw fault(file, `has a loop through ${node.name}`, LOOPS);
    const recurrent = loopOf(node);
    for (const one of [node, recurrent]) if (one !== undefined) reached.add(one.name);
    if (node.type === "Input" || node.type === "Output") return [];
    return [recurrent === undefined ? { node } : { node, recurrent }];
  }

  /** Nodes whose outputs are the input of a node, besides its own. */
  function inputsOf({ name }: NirNode): readonly string[] {
    return before(name).filter((source) => !isLoop(source, name));
  }

  /** The error of a node, some edges into which do not come from the branches before it. */
  function unmet(node: NirNode, arriving: number): Error {
    const ahead = new Set<string>(after(node.name));
    for (const name of ahead) for (const further of after(name)) ahead.add(further);
    if (ahead.has(node.name)) return fault(file, `has a loop through ${node.name}`, LOOPS);
    const all = inputsOf(node).length;
    return fault(file, `has ${all} edges into ${node.name}, ${arriving} of them from the branches before it`, SERIES);
  }

  /** Whether a node only carries the output of neurons back to them. */
  function isLoop(name: string, neurons: string): boolean {
    const { type } = nodes.get(name)!;
    if ((type !== "Affine" && type !== "Linear") || !isNeuronNode(nodes.get(neurons)!)) return false;
    return before(name).join() === neurons && after(name).join() === neurons;
  }

  function loopOf(node: NirNode): NirNode | undefined {
    const loops = after(node.name).filter((next) => isLoop(next, node.name));
    if (loops.length > 1) throw fault(file, `has ${loops.length} recurrent maps of ${node.name}`, "add their weights");
    return loops.length === 1 ? nodes.get(loops[0]!)! : undefined;
  }
}
