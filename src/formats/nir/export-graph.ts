import { type GraphNode, sourcesOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { SpikevineError } from "../../errors.js";
import type { NirConventions } from "./conventions.js";
import {
  type ExportedNode,
  exportedFlatten,
  exportedMap,
  exportedNeurons,
  exportedPool,
  exportedRecurrence,
  exportedScale,
  isIdentity,
  refuse,
  signalShape,
} from "./export-nodes.js";
import { integers } from "./nir-file.js";
import type { RecognizedNeuron } from "./recognize-neurons.js";

/** Names of the nodes that recordings of a network refer to, too. */
export const NODE_NAMES = { input: "input", neurons: (layer: string): string => `${layer}_neurons` } as const;

/** A network as a NIR graph. */
export interface ExportedGraph {
  readonly nodes: ReadonlyMap<string, ExportedNode>;
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** Choices that the neurons agree in; those that make no difference are left out. */
  readonly conventions: Partial<NirConventions>;
  /** Unit of the times in the file, ms. */
  readonly timeUnit: number;
}

/**
 * The NIR graph of a network.
 * @throws SpikevineError for a layer that NIR does not have, and for neurons that no reader can run with the same choices
 */
export function exportedGraph(network: Network): ExportedGraph {
  const nodes = new Map<string, ExportedNode>();
  const edges: [string, string][] = [];
  /** Names of the nodes whose sum is the output of a node of the network. */
  const outputs: (readonly string[])[] = [];
  const recognized = new Map<string, RecognizedNeuron>();
  const put = (name: string, node: ExportedNode, sources: readonly string[]): readonly string[] => {
    nodes.set(name, node);
    edges.push(...sources.map((from): [string, string] => [from, name]));
    return [name];
  };
  const flattened = (from: number, name: string, branch: number): readonly string[] => {
    const { shape } = network.nodes[from]!;
    const sources = outputs[from]!;
    if (shape.height * shape.width === 1) return sources;
    return put(`${name}_flatten${branch || ""}`, exportedFlatten(shape), sources);
  };
  const isRow = ({ shape: { height, width } }: GraphNode): boolean => height * width === 1;
  for (const node of network.nodes) {
    const { name } = node;
    const takesRow = "convolution" in node || node.kind === "pool" ? false : isRow(node);
    const sources = sourcesOf(node).flatMap((from, branch) =>
      takesRow ? flattened(from, name, branch) : outputs[from]!,
    );
    if (isIdentity(node)) outputs.push(sources);
    else outputs.push(exported(node, sources));
  }
  const last = network.nodes.at(-1)!;
  put("output", { type: "Output", fields: { shape: integers(...signalShape(last.shape)) } }, outputs.at(-1)!);
  return { nodes, edges, ...agreement(recognized) };

  function exported(node: GraphNode, sources: readonly string[]): readonly string[] {
    const { name } = node;
    switch (node.kind) {
      case "input":
        return put(NODE_NAMES.input, { type: "Input", fields: { shape: integers(...signalShape(node.shape)) } }, []);
      case "map":
        return put(`${name}_map`, exportedMap(network, node), sources);
      case "pool":
        return put(`${name}_pool`, exportedPool(node), sources);
      case "add":
        return node.scale === 1 ? sources : put(`${name}_scale`, exportedScale(node.shape, node.scale), sources);
      case "normalize":
        throw refuse(name, "is batchNorm, which NIR does not have", "fold it into the weights with foldNormalization");
      case "neurons": {
        const { node: neurons, recognized: found } = exportedNeurons(network, node);
        recognized.set(name, found);
        const own = NODE_NAMES.neurons(name);
        put(own, neurons, sources);
        if (node.recurrent) {
          put(`${name}_recurrent`, exportedRecurrence(network, node), [own]);
          edges.push([`${name}_recurrent`, own]);
        }
        return [own];
      }
    }
  }
}

/**
 * The choices that the neurons of all layers agree in.
 * @throws SpikevineError if two layers differ in one: readers have one for a whole file
 */
function agreement(layers: ReadonlyMap<string, RecognizedNeuron>): Pick<ExportedGraph, "conventions" | "timeUnit"> {
  const agreed: Record<string, { readonly value: string | number; readonly layer: string }> = {};
  for (const [layer, { conventions, timeUnit }] of layers) {
    for (const [name, value] of Object.entries({ ...conventions, ...(timeUnit === undefined ? {} : { timeUnit }) })) {
      const before = agreed[name];
      if (before === undefined) agreed[name] = { value, layer };
      if (before === undefined || before.value === value) continue;
      throw new SpikevineError(
        `NIR: ${before.layer} has ${name} ${before.value} and ${layer} has ${value}, but readers have one ${name} for a file; use neurons of one kind.`,
      );
    }
  }
  const { timeUnit, ...conventions } = Object.fromEntries(
    Object.entries(agreed).map(([name, { value }]) => [name, value]),
  );
  return { conventions, timeUnit: (timeUnit as number | undefined) ?? 1000 };
}
