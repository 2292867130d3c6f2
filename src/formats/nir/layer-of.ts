import {
  averagePool,
  convolution,
  dense,
  flatten,
  type Layer,
  neuronLayer,
  scale,
  sumPool,
} from "../../../networks/index.js";
import type { Link } from "./chain.js";
import type { NirConventions } from "./conventions.js";
import { isNeuronNode, type NirNeurons, type NirTimes, neuronsOfNode } from "./neuron-nodes.js";
import { numbersOf } from "./numbers-of.js";
import { fault, type NirNode } from "./read-graph.js";

const KNOWN =
  "Input, Output, Affine, Linear, Conv2d, SumPool2d, AvgPool2d, Flatten, Scale, IF, LIF, CubaLIF, LI, CubaLI, I and Threshold";

/**
 * The layer of a node, and its neurons.
 * @throws SpikevineError if networks here cannot express it
 */
export function layerOf(
  { node, recurrent }: Link,
  conventions: NirConventions,
  times: NirTimes,
  file: string,
): { readonly layer: Layer; readonly neurons?: NirNeurons } {
  if (isNeuronNode(node)) {
    const neurons = neuronsOfNode(node, conventions, times, file);
    const varied = [...neurons.values].filter(([, values]) => values.some((value) => value !== values[0]));
    const trainable = Object.fromEntries(varied.map(([parameter]) => [parameter, "unit" as const]));
    return { layer: neuronLayer(neurons.neuron, { recurrent: recurrent !== undefined, trainable }), neurons };
  }
  return { layer: mapOf(node, file) };
}

function mapOf(node: NirNode, file: string): Layer {
  const { type, name, arrays } = node;
  const pair = (field: string, absent?: number): [number, number] => {
    const [first = 0, second = first] = numbersOf(node, field, file, absent);
    if (Number.isInteger(first) && Number.isInteger(second) && first >= 0 && second >= 0) return [first, second];
    throw fault(file, `has ${field} [${first}, ${second}] in ${name}, not whole numbers`);
  };
  const weightShape = arrays.get("weight")?.shape ?? [];
  switch (type) {
    case "Affine":
    case "Linear":
      if (weightShape.length !== 2)
        throw fault(file, `has weights of ${weightShape.length} dimensions in ${name}, not 2`);
      return dense(weightShape[0]!, { bias: type === "Affine" });
    case "Conv2d": {
      if (weightShape.length !== 4)
        throw fault(file, `has weights of ${weightShape.length} dimensions in ${name}, not 4`);
      const [groups] = numbersOf(node, "groups", file, 1);
      const options = { stride: pair("stride", 1), dilation: pair("dilation", 1), groups: groups! };
      const size = [weightShape[2]!, weightShape[3]!] as const;
      const padding = paddingOf(node, size, options, file) ?? pair("padding", 0);
      return convolution(weightShape[0]!, size, { ...options, padding, bias: arrays.has("bias") });
    }
    case "SumPool2d":
    case "AvgPool2d": {
      const pool = type === "SumPool2d" ? sumPool : averagePool;
      return pool(pair("kernel_size"), { stride: pair("stride"), padding: pair("padding", 0) });
    }
    case "Flatten": {
      const [start, end] = [numbersOf(node, "start_dim", file, 0)[0], numbersOf(node, "end_dim", file, -1)[0]];
      if (start === 0 && (end === -1 || end === 2)) return flatten();
      throw fault(file, `flattens the dimensions ${start} to ${end} in ${name}`, "flatten all dimensions");
    }
    case "Scale": {
      const factors = numbersOf(node, "scale", file);
      if (factors.every((factor) => factor === factors[0])) return scale(factors[0]!);
      throw fault(file, `has different factors in ${name}`, "multiply the weights below by them");
    }
    default:
      throw fault(file, `has ${name} of type ${type}, which is not supported`, `use ${KNOWN}`);
  }
}

/** Padding of a convolution that is given by a word; undefined if it is given by numbers. */
function paddingOf(
  { name, arrays }: NirNode,
  size: readonly [number, number],
  { stride, dilation }: { readonly stride: readonly number[]; readonly dilation: readonly number[] },
  file: string,
): [number, number] | undefined {
  const word = arrays.get("padding")?.values[0];
  if (typeof word !== "string") return undefined;
  if (word === "valid") return [0, 0];
  if (word !== "same") throw fault(file, `has the padding "${word}" in ${name}`, 'give "same", "valid" or numbers');
  const borders = size.map((pixels, side) => dilation[side]! * (pixels - 1)) as [number, number];
  if (stride.every((step) => step === 1) && borders.every((border) => border % 2 === 0)) {
    return [borders[0] / 2, borders[1] / 2];
  }
  throw fault(
    file,
    `has the padding "same" in ${name} with windows of ${size.join(" x ")} and stride ${stride.join(" x ")}`,
    "use windows of odd sizes and stride 1, or give the padding as numbers",
  );
}
