import { checkSteps } from "../../../networks/check-steps.js";
import type { DenseLayer } from "../../../networks/dense.js";
import type { Network } from "../../../networks/network.js";
import type { Operation, ParameterBinding, SignalSpec } from "../../device/contract.js";
import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import { STREAM } from "../../random/counter.js";
import { addNoise } from "../hardware/activation-noise.js";

/** Forward pass of a procedure, from pixels to the read-out. */
export interface Forward {
  readonly signals: Record<string, SignalSpec>;
  readonly operations: Operation[];
  /** One kernel per layer, shared by the forward pass and the adjoint. */
  readonly kernels: readonly NeuronKernel[];
  /** Name of the input signal of each layer's synapses. */
  readonly presynaptic: readonly string[];
  /** Name of the read-out signal `[batch, outputs]`. */
  readonly readout: string;
}

export interface ForwardOptions {
  steps: number;
  /** Values of every step that are kept: those that the adjoint needs, all (for monitors), or none. */
  store: "adjoint" | "all" | "none";
  /** Draws dropout masks (training only). */
  dropout: boolean;
  /** Standard deviation of the noise on the current of every layer, if any. */
  noise?: number;
  /** Carries states from run to run, so that a long presentation can be split into several runs. */
  stream: boolean;
}

/** Operations and signals from the `pixels` input to the `readout`. */
export function forward(network: Network, options: ForwardOptions): Forward {
  checkSteps(network);
  const signals: Record<string, SignalSpec> = {};
  const operations: Operation[] = [];
  const encoder = network.encoder.kernel({ dt: network.dt });
  const inputRows = encoder.static ? "sample" : "steps";
  signals.pixels = { kind: "values", width: network.inputs, rows: "sample", role: "input" };
  signals.input = { kind: encoder.output, width: network.inputs, rows: inputRows, role: visible(options) };
  operations.push({ op: "encode", encoder, stream: STREAM.encoder, from: "pixels", to: "input" });

  const kernels: NeuronKernel[] = [];
  const presynaptic: string[] = [];
  let below = "input";
  network.layers.forEach((layer, index) => {
    const trained = Object.keys(layer.trainable).filter((parameter) => layer.trainable[parameter] !== "fixed");
    const kernel = layer.neuron.kernel({ dt: network.dt, trained });
    kernels.push(kernel);
    presynaptic.push(below);
    below = addLayer(network, index, kernel, below, options, signals, operations);
  });
  addReadout(network, below, options, signals, operations);
  return { signals, operations, kernels, presynaptic, readout: "readout" };
}

const visible = (options: ForwardOptions): "result" | "scratch" => (options.store === "all" ? "result" : "scratch");

function addLayer(
  network: Network,
  index: number,
  kernel: NeuronKernel,
  below: string,
  options: ForwardOptions,
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): string {
  const layer = network.layers[index]!;
  const name = network.layerNames[index]!;
  const width = layer.units;
  const current = `${name}.current`;
  const output = `${name}.output`;
  signals[current] = { kind: "values", width, rows: signals[below]!.rows, role: "scratch" };
  signals[output] = { kind: kernel.output, width, rows: "steps", role: visible(options) };
  operations.push({
    op: "current",
    from: below,
    weights: `${name}.weights`,
    ...(layer.bias ? { bias: `${name}.bias` } : {}),
    to: current,
  });
  const { noise: deviation = 0 } = options;
  const heard = deviation > 0 ? addNoise({ layer: name, index, current, deviation }, signals, operations) : current;

  const store: Record<string, string> = {};
  for (const value of storedValues(network, index, kernel, options)) {
    const signal = `${name}.${value}`;
    store[value] = signal;
    signals[signal] = { kind: "values", width, rows: "steps", role: visible(options) };
  }
  const mask = options.dropout && layer.dropout > 0 ? `${name}.mask` : undefined;
  if (mask !== undefined) {
    signals[mask] = { kind: "values", width, rows: "sample", role: "scratch" };
    operations.push({ op: "dropoutMask", keep: 1 - layer.dropout, layer: index, to: mask });
  }
  const carry = options.stream ? `${name}.carry` : undefined;
  if (carry !== undefined) {
    signals[carry] = { kind: "values", width: (kernel.states.length + 1) * width, rows: "sample", role: "kept" };
  }
  operations.push({
    op: "scan",
    neuron: kernel,
    parameters: bindParameters(layer, name),
    current: heard,
    ...(layer.recurrent ? { recurrent: `${name}.recurrent` } : {}),
    to: output,
    store,
    ...(carry === undefined ? {} : { carry }),
    ...(mask === undefined ? {} : { mask }),
  });
  return output;
}

/** Values of every step that a layer's scan keeps. */
function storedValues(network: Network, index: number, kernel: NeuronKernel, options: ForwardOptions): string[] {
  const stored = new Set<string>();
  if (options.store === "adjoint") for (const value of kernel.adjointNeeds) stored.add(value);
  if (options.store === "all") for (const state of kernel.states) stored.add(`now__${state}`);
  if (index === network.layers.length - 1 && network.readout.name === "lastState") {
    stored.add(`now__${network.readout.state}`);
  }
  return [...stored];
}

/** Parameters of a neuron: trained ones are tensors, the others are constants in the kernels. */
export function bindParameters(layer: DenseLayer, name: string): Record<string, ParameterBinding> {
  return Object.fromEntries(
    Object.entries(layer.neuron.parameters).map(([parameter, { value }]) => [
      parameter,
      layer.trainable[parameter] === "fixed" ? value : { tensor: `${name}.${parameter}` },
    ]),
  );
}

function addReadout(
  network: Network,
  output: string,
  options: ForwardOptions,
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): void {
  const lastName = network.layerNames.at(-1)!;
  const kind = network.readout.name === "count" || network.readout.name === "rate" ? "sum" : "last";
  signals.readout = {
    kind: "values",
    width: network.outputs,
    rows: "sample",
    role: options.stream ? "kept" : "result",
  };
  operations.push({
    op: "readout",
    kind,
    // A rate is per step of the whole presentation. For a stream the host divides, since it knows the number of steps.
    scale: network.readout.name === "rate" && !options.stream ? 1 / options.steps : 1,
    from: network.readout.name === "lastState" ? `${lastName}.now__${network.readout.state}` : output,
    to: "readout",
  });
}
