import type { AddNode, GraphNode, NeuronNode, NormalizeNode, PoolNode } from "./graph.js";
import { sourcesOf } from "./graph.js";
import { type Moments, normals } from "./operating-point.js";

/** A node that changes a signal without weights and without memory. */
type Between = PoolNode | NormalizeNode | AddNode;

/** Moments of the output of a node, for those of the nodes before it; unknown ones count as 0. */
export function momentsAfter(
  node: Between,
  nodes: readonly GraphNode[],
  moments: readonly (Moments | undefined)[],
): Moments {
  const from = sourcesOf(node).map((source) => moments[source] ?? { mean: 0, constant: 0, changing: 0 });
  const [{ mean, constant, changing }] = from as [Moments];
  if (node.kind === "normalize") {
    const variance = constant + changing;
    return variance > 0 ? { mean: 0, constant: constant / variance, changing: changing / variance } : from[0]!;
  }
  if (node.kind === "add") {
    const sum = (of: (moments: Moments) => number): number => from.reduce((total, one) => total + of(one), 0);
    return {
      mean: node.scale * sum((one) => one.mean),
      constant: node.scale ** 2 * sum((one) => one.constant),
      changing: node.scale ** 2 * sum((one) => one.changing),
    };
  }
  const [height, width] = node.windows.size;
  const values = height * width;
  if (node.pool === "sum") {
    // Values count as independent.
    const factor = node.scale ** 2 * values;
    return { mean: node.scale * values * mean, constant: factor * constant, changing: factor * changing };
  }
  if (firesSpikes(nodes, node.from)) {
    const rate = 1 - (1 - mean) ** (values ** INDEPENDENT_SPIKES);
    const growth = mean > 0 && mean < 1 ? (rate * (1 - rate)) / (mean * (1 - mean)) : 1;
    return { mean: rate, constant: growth * constant, changing: growth * changing };
  }
  // Every value is a part that the window shares and a part of its own.
  const largest = largestOf(values);
  const own = 1 - NEIGHBOR_CORRELATION;
  const variance = NEIGHBOR_CORRELATION + own * largest.variance;
  return {
    mean: mean + largest.mean * Math.sqrt(own * (constant + changing)),
    constant: variance * constant,
    changing: variance * changing,
  };
}

/**
 * Correlation of the currents in a window of a maximum: neighboring pixels of images are alike, and so are the outputs of a
 * convolution there. With independent values, layers after such maxima fired at a third of their rate on digits, and
 * outputs not at all.
 */
const NEIGHBOR_CORRELATION = 0.7;
/** Spikes in a window are alike, too: as many as this power of the size of the window are independent. */
const INDEPENDENT_SPIKES = 0.5;

/** Number of windows that a maximum is averaged over. */
const WINDOWS = 1024;

/** Mean and variance of the largest of a number of standard normal values. */
function largestOf(values: number): { mean: number; variance: number } {
  const drawn = normals(WINDOWS * values);
  const largest = Float64Array.from({ length: WINDOWS }, (_, i) =>
    drawn.subarray(i * values, (i + 1) * values).reduce((a, b) => Math.max(a, b)),
  );
  const mean = largest.reduce((a, b) => a + b) / WINDOWS;
  return { mean, variance: largest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / WINDOWS };
}

/** Neurons that receive the output of a map. */
interface Reader {
  readonly neurons: NeuronNode;
  /** Moments of the neurons' current, for those of the map's output and of the nodes before it. */
  through(current: Moments, moments: readonly Moments[]): Moments;
}

/**
 * The first neurons that receive the output of a map, directly or through pools and sums; undefined if another map or a
 * normalization, which takes the size of the weights away, comes first.
 */
export function readerOf(nodes: readonly GraphNode[], map: number): Reader | undefined {
  const path: [index: number, node: Between][] = [];
  let at = map;
  for (const [index, node] of nodes.entries()) {
    if (index <= at || !sourcesOf(node).includes(at)) continue;
    if (node.kind === "neurons") {
      return {
        neurons: node,
        through(current, moments) {
          const known: (Moments | undefined)[] = [...moments];
          known[map] = current;
          for (const [i, between] of path) known[i] = momentsAfter(between, nodes, known);
          return known[node.from]!;
        },
      };
    }
    if (node.kind === "map" || node.kind === "normalize" || node.kind === "input") return undefined;
    path.push([index, node]);
    at = index;
  }
  return undefined;
}

/** True if a signal comes from neurons, directly or through nodes without weights. */
export function readsNeurons(nodes: readonly GraphNode[], from: number): boolean {
  const node = nodes[from]!;
  if (node.kind === "neurons") return true;
  return node.kind !== "map" && sourcesOf(node).some((source) => readsNeurons(nodes, source));
}

/** True if a signal consists of spikes: of neurons, or of a maximum of such. */
export function firesSpikes(nodes: readonly GraphNode[], from: number): boolean {
  const node = nodes[from]!;
  if (node.kind === "neurons") return node.neuron.output === "spikes";
  return node.kind === "pool" && node.pool === "max" && firesSpikes(nodes, node.from);
}
