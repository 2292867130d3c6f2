import { type GraphNode, type MapNode, mapsInto, type NeuronNode, neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import type { Modulation } from "../../../plasticity/optimizer.js";
import type { Operation, TensorSpec, Update } from "../../device/contract.js";
import { multiply, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import { gradientOf } from "../plan/backward.js";

/** Tensor [1, columns]: summed absolute weights of each column of a map, a unit or a channel. */
export const importanceOf = (layer: string): string => `${layer}.importance`;
/** Tensor [1, columns]: factors of the errors of a layer's units or channels. */
export const factorOf = (layer: string): string => `${layer}.factor`;
/** Tensor in the shape of a layer's weights; each row is filled with the factor of the presynaptic unit. */
export const presynapticOf = (layer: string): string => `${layer}.presynapticFactor`;

/** Additions of a modulation to a training plan, and the layers that it concerns. */
export interface ModulationPlan {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  /** Layers of neurons whose units have factors. */
  readonly layers: readonly string[];
  /** Those of these layers whose errors are multiplied by the factors. */
  readonly errors: readonly string[];
  /** Maps into the neurons of each of `layers`. */
  readonly maps: ReadonlyMap<string, readonly MapNode[]>;
  /** Between the gradients and the updates: gradients times factors of presynaptic units. */
  readonly scale: readonly Update[];
  /** After the updates: importance of units, where the device sums it. */
  readonly sums: readonly Operation[];
  /** Weights whose finiteness follows from the importance that the host reads after every update. */
  readonly seen: readonly string[];
}

/** True if the factors of a batch depend on its dropout mask. */
export const dependsOnBatch = (network: Network, modulation: Modulation): boolean =>
  modulation.dropped === "unmodulated" && neuronsOf(network).some(({ dropout }) => dropout > 0);

const NOTHING: ModulationPlan = {
  tensors: {},
  layers: [],
  errors: [],
  maps: new Map(),
  scale: [],
  sums: [],
  seen: [],
};

/**
 * Name of the tensor of factors by which the errors and gradients of a layer, of neurons or of a map into them, are multiplied;
 * undefined if there are none.
 */
export function factorsOf({ errors, maps }: ModulationPlan, layer: string): string | undefined {
  const neurons = errors.find((name) => name === layer || maps.get(name)!.some((map) => map.name === layer));
  return neurons === undefined ? undefined : factorOf(neurons);
}

/**
 * Layers of a network that a modulation acts on.
 * @throws SpikevineError for outgoing importance with fewer than two hidden layers, where it would have no effect, or where the
 * importance of a unit is not defined.
 */
export function modulationPlan(network: Network, modulation: Modulation | undefined): ModulationPlan {
  if (modulation === undefined) return NOTHING;
  return modulation.grouping === "incoming" ? incoming(network, modulation) : outgoing(network, modulation);
}

/** Importance of a unit or channel: the sum over the maps into it. */
function incoming(network: Network, modulation: Modulation): ModulationPlan {
  const tensors: Record<string, TensorSpec> = {};
  const maps = new Map<string, readonly MapNode[]>();
  const sums: Operation[] = [];
  for (const node of neuronsOf(network).slice(0, -1)) {
    const into = mapsInto(network, node);
    const [first] = into;
    if (first === undefined) continue;
    checkChannels(modulation, node, into, [...maps.values()].flat());
    if (modulation.dropped === "unmodulated" && node.dropout > 0 && first.columns !== sizeOf(node.shape)) {
      throw new SpikevineError(
        `train: ${modulation.name} with dropped "unmodulated" needs one factor per unit, but ${node.name} has one per channel; use dropped "modulated".`,
      );
    }
    maps.set(node.name, into);
    tensors[factorOf(node.name)] = { rows: 1, columns: first.columns };
    for (const { name, columns } of into) {
      tensors[importanceOf(name)] = { rows: 1, columns };
      sums.push({ op: "reduce", kind: "absoluteColumns", from: `${name}.weights`, to: importanceOf(name) });
    }
  }
  const layers = [...maps.keys()];
  const weights = [...maps.values()].flat().map(({ name }) => `${name}.weights`);
  return {
    tensors,
    layers,
    errors: layers,
    maps,
    scale: [],
    sums,
    seen: dependsOnBatch(network, modulation) ? [] : weights,
  };
}

/** Refuses maps of which no column belongs to one unit or channel of one layer. */
function checkChannels(
  { name }: Modulation,
  node: NeuronNode,
  into: readonly MapNode[],
  others: readonly MapNode[],
): void {
  const shared = into.find((map) => others.includes(map));
  const [first] = into;
  const other = into.find(({ columns }) => columns !== first!.columns);
  const problem =
    shared !== undefined
      ? `${shared.name} has weights into two layers of neurons`
      : other !== undefined
        ? `${node.name} receives ${first!.columns} columns of weights from ${first!.name} and ${other.columns} from ${other.name}`
        : undefined;
  if (problem === undefined) return;
  throw new SpikevineError(`train: ${name} needs weights that belong to one layer, but ${problem}; leave grapes out.`);
}

/** Importance of a unit: the sum of its weights into the next layer. */
function outgoing(network: Network, modulation: Modulation): ModulationPlan {
  const odd = network.nodes.find(
    (node, i) =>
      node.kind !== "input" && (node.kind !== "neurons" || network.nodes[i - 1]!.kind !== "map") && !isDense(node),
  );
  if (odd !== undefined) {
    throw new SpikevineError(
      `train: ${modulation.name} needs dense layers of neurons, since the outgoing weights of a unit are a row of the next layer's, but ${odd.name} is none; use grapes({ grouping: "incoming" }).`,
    );
  }
  const hidden = neuronsOf(network).slice(0, -1);
  if (hidden.length < 2) {
    throw new SpikevineError(
      `train: ${modulation.name} modulates weights between hidden layers, and the network has ${hidden.length === 0 ? "none" : "only one"}; add one, or use grapes({ grouping: "incoming" }).`,
    );
  }
  const tensors: Record<string, TensorSpec> = {};
  const errors = hidden.slice(1, -1).map(({ name }) => name);
  for (const { name, shape } of hidden.slice(1, -1)) tensors[factorOf(name)] = { rows: 1, columns: sizeOf(shape) };
  const scale = hidden.slice(1).map(({ name }): Update => {
    const { rows, columns } = network.parameters.get(`${name}.weights`)!;
    tensors[presynapticOf(name)] = { rows, columns };
    return product(gradientOf(`${name}.weights`), presynapticOf(name));
  });
  const layers = hidden.slice(0, -1).map(({ name }) => name);
  const maps = new Map(hidden.map((node) => [node.name, mapsInto(network, node)]));
  return { tensors, layers, errors, maps, scale, sums: [], seen: [] };
}

const isDense = (node: GraphNode): boolean => node.kind === "map" && node.convolution === undefined;

/** An update that multiplies a tensor by another of the same shape. */
const product = (tensor: string, by: string): Update => ({
  op: "update",
  rule: {
    name: "product",
    states: [],
    uniforms: [],
    usesFactor: false,
    formulas: { weight: multiply(symbol("weight"), symbol("gradient")) },
  },
  weight: tensor,
  gradient: by,
  states: {},
  uniforms: {},
});
