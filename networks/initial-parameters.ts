import type { ParameterInfo } from "../src/equations/definitions/parameters.js";
import { columnsOf, fansOf, type GraphNode, type MapNode, type NeuronNode, sizeOf, sourcesOf } from "./graph.js";
import type { InitialDistributions, WeightDistribution } from "./initial-weights.js";
import { drawWeights, glorotUniform, type Initializer } from "./initializer.js";

/**
 * An array of a network: weights `[inputs, units]` (of a convolution `[window, channels]`), recurrent `[units, units]`, the
 * rest `[1, units]`, `[1, channels]` or `[1, 1]`.
 */
export interface Parameter {
  readonly rows: number;
  readonly columns: number;
  /** Row-major values; training writes them back here. */
  readonly data: Float32Array;
  /**
   * For weight matrices, gains and shifts: the unit in which an optimizer measures them where its learning rate is the default; a
   * power of 2. Left out: 1.
   */
  readonly scale?: number;
  /** Range of the value, if it is a parameter of a neuron. */
  readonly range?: readonly [min: number, max: number];
  /** True for running statistics, which training changes without a gradient. */
  readonly isStatistic?: true;
}

/** Initial arrays of a graph, and its nodes with the distributions that the weights were drawn from. */
export function initialParameters(
  graph: readonly GraphNode[],
  { weights, gains }: InitialDistributions,
  seed: number,
): { readonly nodes: readonly GraphNode[]; readonly parameters: ReadonlyMap<string, Parameter> } {
  const parameters = new Map<string, Parameter>();
  const nodes = graph.map((node, i): GraphNode => {
    const one = (
      array: string,
      columns: number,
      value: number,
      more: Pick<Parameter, "range" | "isStatistic" | "scale"> = {},
    ) =>
      parameters.set(`${node.name}.${array}`, {
        rows: 1,
        columns,
        data: new Float32Array(columns).fill(value),
        ...more,
      });
    switch (node.kind) {
      case "map": {
        const distribution = weights.get(node)!;
        parameters.set(`${node.name}.weights`, weightsOf(node, distribution, seed));
        // A layer's bias comes after its recurrent weights.
        if (node.bias && graph[i + 1]?.name !== node.name) one("bias", node.columns, 0);
        return { ...node, initializer: distribution.halfWidth };
      }
      case "neurons": {
        const { initializer, scale } = recurrentDistribution(node, graph, weights);
        if (node.recurrent) {
          const units = sizeOf(node.shape);
          const data = drawWeights(initializer, units, units, seed, 2 * node.index + 1);
          parameters.set(`${node.name}.recurrent`, { rows: units, columns: units, data, ...scaled(scale) });
        }
        const map = graph[i - 1];
        if (map?.kind === "map" && map.name === node.name && map.bias) one("bias", map.columns, 0);
        for (const [parameter, how] of Object.entries(node.trainable)) {
          if (how === "fixed") continue;
          const info = node.neuron.parameters[parameter]!;
          one(parameter, columnsOf(how, node.shape), info.value, { range: closedRange(info) });
        }
        return { ...node, initializer };
      }
      case "normalize": {
        const { channels } = node.shape;
        const gain = gains.get(node) ?? 1;
        const unit = scaled(2 ** Math.round(Math.log2(gain)));
        one("gain", channels, gain, unit);
        one("shift", channels, 0, unit);
        one("mean", channels, 0, { isStatistic: true });
        one("variance", channels, 1, { isStatistic: true });
        return node;
      }
      default:
        return node;
    }
  });
  return { nodes, parameters };
}

const scaled = (scale: number): Pick<Parameter, "scale"> => (scale === 1 ? {} : { scale });

function weightsOf(map: MapNode, distribution: WeightDistribution, seed: number): Parameter {
  const { rows, columns, index } = map;
  const [, fanOut] = fansOf(map);
  const data = drawWeights(distribution.halfWidth, rows, columns, seed, 2 * index, { ...distribution, fanOut });
  return { rows, columns, data, ...scaled(distribution.scale) };
}

/** Distribution of the recurrent weights of neurons: their own, or that which belongs to the map of their currents. */
function recurrentDistribution(
  node: NeuronNode,
  graph: readonly GraphNode[],
  weights: InitialDistributions["weights"],
): { initializer: Initializer; scale: number } {
  let at: GraphNode = graph[node.from]!;
  while (at.kind !== "map" && at.kind !== "input" && at.kind !== "neurons") at = graph[sourcesOf(at)[0]!]!;
  const { recurrent, scale } = (at.kind === "map" && weights.get(at)) || { recurrent: glorotUniform, scale: 1 };
  return { initializer: node.initializer ?? recurrent, scale };
}

/** An inclusive range: an exclusive bound (e.g. of a time constant above 0) is moved inwards by a thousandth. */
function closedRange({ value, min, max, exclusiveMin, exclusiveMax }: ParameterInfo): readonly [number, number] {
  const inset = 1e-3 * Math.max(Math.abs(value), Number.MIN_VALUE);
  return [exclusiveMin ? min + inset : min, exclusiveMax ? max - inset : max];
}
