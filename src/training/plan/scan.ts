import { type NeuronNode, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import type { Operation, ParameterBinding, SignalSpec } from "../../device/contract.js";
import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import { addNoise } from "../hardware/activation-noise.js";
import { isNeighborKernel } from "../neighborhood/neighbor-errors.js";
import { type ForwardOptions, visible } from "./forward-options.js";

interface ScannedLayer {
  readonly node: NeuronNode;
  /** Position among the layers of neurons: the key of its draws. */
  readonly index: number;
  readonly kernel: NeuronKernel;
  /** Name of the signal of currents. */
  readonly current: string;
  /** Name of the tensor of recurrent weights, if it has any. */
  readonly recurrent?: string;
  readonly isLast: boolean;
  readonly network: Network;
  readonly options: ForwardOptions;
}

/** The forward scan of a layer of neurons, with its noise and its dropout; returns the name of its output. */
export function addScan(layer: ScannedLayer, signals: Record<string, SignalSpec>, operations: Operation[]): string {
  const { node, index, kernel, current, recurrent, options } = layer;
  const { name } = node;
  const width = sizeOf(node.shape);
  const output = `${name}.output`;
  signals[output] = { kind: kernel.output, width, rows: "steps", role: visible(options) };
  const { noise: deviation = 0 } = options;
  const received = deviation > 0 ? addNoise({ layer: name, index, current, deviation }, signals, operations) : current;

  const store: Record<string, string> = {};
  for (const value of storedValues(layer)) {
    const signal = `${name}.${value}`;
    store[value] = signal;
    signals[signal] = { kind: "values", width, rows: "steps", role: visible(options) };
  }
  const mask = options.dropout && node.dropout > 0 ? `${name}.mask` : undefined;
  if (mask !== undefined) {
    signals[mask] = { kind: "values", width, rows: "sample", role: "scratch" };
    // Spikes stay bits; the weights that read them have the factor 1 / keep.
    const value = kernel.output === "spikes" ? { value: 1 } : {};
    operations.push({ op: "dropoutMask", keep: 1 - node.dropout, ...value, layer: index, to: mask });
  }
  const carry = options.stream ? `${name}.carry` : undefined;
  if (carry !== undefined) {
    signals[carry] = { kind: "values", width: (kernel.states.length + 1) * width, rows: "sample", role: "kept" };
  }
  operations.push({
    op: "scan",
    neuron: kernel,
    parameters: bindParameters(node),
    current: received,
    ...(recurrent === undefined ? {} : { recurrent }),
    to: output,
    store,
    ...(carry === undefined ? {} : { carry }),
    ...(mask === undefined ? {} : { mask }),
  });
  return output;
}

/** Values of every step that a layer's scan keeps. */
function storedValues({ node, kernel, isLast, network, options }: ScannedLayer): string[] {
  const stored = new Set<string>();
  if (options.store === "adjoint") {
    const neighbors = isNeighborKernel(kernel) ? kernel.neighborNeeds : [];
    for (const value of [...kernel.adjointNeeds, ...neighbors]) stored.add(value);
  }
  if (options.store === "all") for (const state of kernel.states) stored.add(`now__${state}`);
  if (isLast && network.readout.name === "lastState") stored.add(`now__${network.readout.state}`);
  for (const state of options.states?.(node.name) ?? []) stored.add(`now__${state}`);
  return [...stored];
}

/** Parameters of a neuron: trained ones are tensors, the others are constants in the kernels. */
export function bindParameters({ name, neuron, trainable }: NeuronNode): Record<string, ParameterBinding> {
  return Object.fromEntries(
    Object.entries(neuron.parameters).map(([parameter, { value }]) => [
      parameter,
      trainable[parameter] === "fixed" ? value : { tensor: `${name}.${parameter}` },
    ]),
  );
}
