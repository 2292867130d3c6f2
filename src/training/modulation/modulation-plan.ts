import type { Network } from "../../../networks/network.js";
import type { Modulation } from "../../../plasticity/optimizer.js";
import type { Operation, TensorSpec, Update } from "../../device/contract.js";
import { multiply, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import { gradientOf } from "../plan/backward.js";

/** Tensor [1, units]: summed absolute weights into each unit. */
export const importanceOf = (layer: string): string => `${layer}.importance`;
/** Tensor [1, units]: factors of the errors of a layer's units. */
export const factorOf = (layer: string): string => `${layer}.factor`;
/** Tensor in the shape of a layer's weights; each row is filled with the factor of the presynaptic unit. */
export const presynapticOf = (layer: string): string => `${layer}.presynapticFactor`;

/** Additions of a modulation to a training plan, and the layers that it concerns. */
export interface ModulationPlan {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  /** Layers whose units have factors. */
  readonly layers: readonly string[];
  /** Those of these layers whose errors are multiplied by the factors. */
  readonly errors: readonly string[];
  /** Between the gradients and the updates: gradients times factors of presynaptic units. */
  readonly scale: readonly Update[];
  /** After the updates: importance of units, where the device sums it. */
  readonly sums: readonly Operation[];
  /** Weights whose finiteness follows from the importance that the host reads after every update. */
  readonly seen: readonly string[];
}

/** True if the factors of a batch depend on its dropout mask. */
export const dependsOnBatch = ({ layers }: Network, modulation: Modulation): boolean =>
  modulation.dropped === "unmodulated" && layers.some(({ dropout }) => dropout > 0);

const NOTHING: ModulationPlan = { tensors: {}, layers: [], errors: [], scale: [], sums: [], seen: [] };

/**
 * Layers of a network that a modulation acts on.
 * @throws SpikevineError for outgoing importance with fewer than two hidden layers, where it would have no effect.
 */
export function modulationPlan(network: Network, modulation: Modulation | undefined): ModulationPlan {
  if (modulation === undefined) return NOTHING;
  const hidden = network.layerNames.slice(0, -1);
  const tensors: Record<string, TensorSpec> = {};
  const perUnit = (name: string, layer: string): string => {
    tensors[name] = { rows: 1, columns: network.layers[network.layerNames.indexOf(layer)]!.units };
    return name;
  };
  if (modulation.grouping === "incoming") {
    const sums = hidden.map((layer): Operation => {
      perUnit(factorOf(layer), layer);
      const to = perUnit(importanceOf(layer), layer);
      return { op: "reduce", kind: "absoluteColumns", from: `${layer}.weights`, to };
    });
    const seen = dependsOnBatch(network, modulation) ? [] : hidden.map((layer) => `${layer}.weights`);
    return { tensors, layers: hidden, errors: hidden, scale: [], sums, seen };
  }
  if (hidden.length < 2) {
    throw new SpikevineError(
      `train: ${modulation.name} modulates weights between hidden layers, and the network has ${hidden.length === 0 ? "none" : "only one"}; add one, or use grapes({ grouping: "incoming" }).`,
    );
  }
  const errors = hidden.slice(1, -1);
  for (const layer of errors) perUnit(factorOf(layer), layer);
  const scale = hidden.slice(1).map((layer): Update => {
    const { rows, columns } = network.parameters.get(`${layer}.weights`)!;
    tensors[presynapticOf(layer)] = { rows, columns };
    return product(gradientOf(`${layer}.weights`), presynapticOf(layer));
  });
  return { tensors, layers: hidden.slice(0, -1), errors, scale, sums: [], seen: [] };
}

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
