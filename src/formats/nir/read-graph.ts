import { SpikevineError } from "../../errors.js";
import { type Hdf5Array, type Hdf5File, withHdf5 } from "../../io/hdf5/read.js";

/** A node of a NIR graph: its type, and its arrays by name. */
export interface NirNode {
  /** Names of the graphs around it and its own, joined by "/". */
  readonly name: string;
  readonly type: string;
  readonly arrays: ReadonlyMap<string, Hdf5Array>;
}

/** A NIR graph without nested ones: the nodes of those have their path as name. */
export interface NirGraph {
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** Limits of a graph, which keep a hostile file from being read for long. */
const DEEPEST = 8;
const MOST_NODES = 10_000;

/**
 * Reads the graph of a NIR file.
 * @throws SpikevineError if it is no NIR file, or an edge names a node that is not there
 */
export async function readNir(bytes: Uint8Array, name: string): Promise<NirGraph> {
  return withHdf5(bytes, name, async (file) => {
    if ((await file.kind(["node"])) !== "group") throw fault(name, 'has no group "node"', "give a NIR file");
    return readGraph(file, name, ["node"], "", { left: MOST_NODES });
  });
}

async function readGraph(
  file: Hdf5File,
  fileName: string,
  path: readonly string[],
  prefix: string,
  budget: { left: number },
): Promise<NirGraph> {
  const type = await textAt(file, fileName, [...path, "type"]);
  if (type !== "NIRGraph") throw fault(fileName, `has a node "${prefix}" of type ${type} where a graph is needed`);
  const nodes = new Map<string, NirNode>();
  const graphs = new Map<string, NirGraph>();
  const names = await file.names([...path, "nodes"]);
  for (const own of names) {
    if (budget.left-- <= 0) throw fault(fileName, `has more than ${MOST_NODES} nodes`, "divide it");
    const here = [...path, "nodes", own];
    const name = prefix + own;
    const nodeType = await textAt(file, fileName, [...here, "type"]);
    if (nodeType !== "NIRGraph") {
      nodes.set(name, { name, type: nodeType, arrays: await readArrays(file, here) });
      continue;
    }
    if (here.length > 2 * DEEPEST) throw fault(fileName, `has graphs inside each other deeper than ${DEEPEST}`);
    graphs.set(name, await readGraph(file, fileName, here, `${name}/`, budget));
  }
  const edges = await readEdges(file, fileName, path, prefix, names);
  for (const graph of graphs.values()) {
    for (const [name, node] of graph.nodes) nodes.set(name, node);
    edges.push(...graph.edges.map(([from, to]): [string, string] => [from, to]));
  }
  return { nodes, edges: edges.map(([from, to]) => [portOf(graphs, from, "Output"), portOf(graphs, to, "Input")]) };
}

async function readArrays(file: Hdf5File, path: readonly string[]): Promise<Map<string, Hdf5Array>> {
  const arrays = new Map<string, Hdf5Array>();
  for (const name of await file.names(path)) {
    if (name !== "type" && (await file.kind([...path, name])) === "array") {
      arrays.set(name, await file.read([...path, name]));
    }
  }
  return arrays;
}

async function readEdges(
  file: Hdf5File,
  fileName: string,
  path: readonly string[],
  prefix: string,
  names: readonly string[],
): Promise<[string, string][]> {
  const { shape, values } = await file.read([...path, "edges"]);
  if (
    shape.length !== 2 ||
    shape[1] !== 2 ||
    !Array.from<unknown>(values).every((value) => typeof value === "string")
  ) {
    throw fault(fileName, "has edges that are not pairs of names");
  }
  const edges = Array.from({ length: shape[0]! }, (_, i): [string, string] => [
    (values as readonly string[])[2 * i]!,
    (values as readonly string[])[2 * i + 1]!,
  ]);
  for (const name of edges.flat()) {
    if (names.includes(name)) continue;
    throw fault(
      fileName,
      `has an edge of "${name}"${prefix ? ` in ${prefix.slice(0, -1)}` : ""}, but its nodes are ${names.slice(0, 20).join(", ")}`,
      "correct the edge",
    );
  }
  return edges.map(([from, to]) => [prefix + from, prefix + to]);
}

/** The port of a nested graph that an edge of the outer one means, or the node itself. */
function portOf(graphs: ReadonlyMap<string, NirGraph>, name: string, type: string): string {
  const graph = graphs.get(name);
  if (graph === undefined) return name;
  const ports = [...graph.nodes.values()].filter(
    (node) => node.type === type && node.name.lastIndexOf("/") === name.length,
  );
  if (ports.length === 1) return ports[0]!.name;
  throw new SpikevineError(`NIR: graph ${name} has ${ports.length} nodes of type ${type}; give it exactly one.`);
}

async function textAt(file: Hdf5File, name: string, path: readonly string[]): Promise<string> {
  const { values } = await file.read(path);
  if (values.length === 1 && typeof values[0] === "string") return values[0];
  throw fault(name, `has a type at ${path.join("/")} that is not a text`);
}

/** The error of a broken file. */
export const fault = (file: string, problem: string, fix = "give another copy of it"): SpikevineError =>
  new SpikevineError(`NIR: "${file}" ${problem}; ${fix}.`);
