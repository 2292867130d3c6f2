import { checkSteps } from "../../../networks/check-steps.js";
import { type GraphNode, type MapNode, type NeuronNode, neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import { populationWindows } from "../../../networks/population.js";
import { spikeFactors } from "../../../networks/spike-dropout.js";
import type { Operation, SignalSpec } from "../../device/contract.js";
import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import { neighborKernel } from "../neighborhood/neighbor-errors.js";
import { type ForwardOptions, visible } from "./forward-options.js";
import { addInput } from "./input.js";
import { ScaledArrays } from "./scaled-arrays.js";
import { addScan } from "./scan.js";

export type { ForwardOptions } from "./forward-options.js";

/** Forward pass of a procedure, from pixels to the read-out. */
export interface Forward {
  readonly signals: Record<string, SignalSpec>;
  readonly operations: Operation[];
  /** One kernel per layer of neurons, by its name, shared by the forward pass and the adjoint. */
  readonly kernels: ReadonlyMap<string, NeuronKernel>;
  /** Name of the output signal of each node of the network. */
  readonly outputs: readonly string[];
  /** Name of the read-out signal `[batch, outputs]`. */
  readonly readout: string;
  /** Weights that read spikes of layers with dropout. */
  readonly scaled: ScaledArrays;
}

/** Name of the read-out of every unit, whose sums over the units of a class are the read-out of a population code. */
export const UNIT_READOUT = "readout.units";

/** Operations and signals from the `pixels` input to the `readout`. */
export function forward(network: Network, options: ForwardOptions): Forward {
  checkSteps(network);
  const signals: Record<string, SignalSpec> = {};
  const operations: Operation[] = [];
  const outputs: string[] = [];
  const kernels = new Map<string, NeuronKernel>();
  const layers = neuronsOf(network);
  const scaled = new ScaledArrays();
  const factors = options.dropout ? spikeFactors(network.nodes) : [];
  for (const [i, node] of network.nodes.entries()) {
    if (node.kind === "input") {
      const { input = "image", stream } = options;
      outputs.push(addInput(network, { input, stream, role: visible(options) }, signals, operations));
    } else if (node.kind === "neurons") {
      const trained = Object.keys(node.trainable).filter((parameter) => node.trainable[parameter] !== "fixed");
      const settings = { dt: network.dt, trained };
      const neighbors = options.neighborhood && neighborKernel(node, settings, options.neighborhood);
      const kernel = neighbors ?? node.neuron.kernel(settings);
      kernels.set(node.name, kernel);
      const isLast = node === layers.at(-1);
      const current = asCurrent(outputs[node.from]!, `${node.name}.current`, signals, operations);
      outputs.push(
        addScan(
          {
            node,
            index: layers.indexOf(node),
            kernel,
            current,
            isLast,
            network,
            options,
            ...(node.recurrent ? { recurrent: scaled.scale(`${node.name}.recurrent`, factors[i] ?? 1) } : {}),
          },
          signals,
          operations,
        ),
      );
    } else {
      const weights = node.kind === "map" ? scaled.scale(`${node.name}.weights`, factors[node.from] ?? 1) : undefined;
      outputs.push(addNode(node, weights, outputs, options, signals, operations));
    }
  }
  addReadout(network, options, signals, operations);
  return {
    signals,
    operations: [...scaled.operations, ...operations],
    kernels,
    outputs,
    readout: "readout",
    scaled,
  };
}

/** Spikes that are a current by themselves, as numbers; a signal of values is one already. */
function asCurrent(from: string, to: string, signals: Record<string, SignalSpec>, operations: Operation[]): string {
  const { kind, width, rows } = signals[from]!;
  if (kind === "values") return from;
  signals[to] = { kind: "values", width, rows, role: "scratch" };
  operations.push({ op: "add", from: [from], scale: 1, to });
  return to;
}

/** A map by these weights, a pooling, a normalization or a sum; returns the name of its output. */
function addNode(
  node: Exclude<GraphNode, NeuronNode | { kind: "input" }>,
  weights: string | undefined,
  outputs: readonly string[],
  options: ForwardOptions,
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): string {
  const { name } = node;
  const put = (what: string, from: readonly string[], kind: SignalSpec["kind"] = "values"): string => {
    const to = `${name}.${what}`;
    const rows = from.some((signal) => signals[signal]!.rows === "steps") ? "steps" : "sample";
    signals[to] = { kind, width: sizeOf(node.shape), rows, role: "scratch" };
    return to;
  };
  if (node.kind === "add") {
    const from = node.from.map((source) => outputs[source]!);
    const to = put("sum", from);
    operations.push({ op: "add", from, scale: node.scale, to });
    return to;
  }
  const from = outputs[node.from]!;
  switch (node.kind) {
    case "map": {
      const to = put("current", [from]);
      operations.push({
        op: "current",
        from,
        ...mapOf(node, weights),
        ...(node.bias ? { bias: `${name}.bias` } : {}),
        to,
      });
      return to;
    }
    case "pool": {
      const { pool: kind, windows, scale } = node;
      const to = put("pooled", [from], kind === "max" ? signals[from]!.kind : "values");
      operations.push({ op: "pool", kind, windows, scale, from, to });
      return to;
    }
    case "normalize": {
      const to = put("normalized", [from]);
      const { statistics = options.dropout ? "batch" : "running" } = options;
      operations.push({
        op: "normalize",
        statistics,
        epsilon: node.epsilon,
        from,
        gain: `${name}.gain`,
        shift: `${name}.shift`,
        mean: `${name}.mean`,
        variance: `${name}.variance`,
        ...(statistics === "batch"
          ? { momentum: options.isFrozen?.(name) ? 0 : node.momentum, ...batchStatisticsOf(name) }
          : {}),
        to,
      });
      return to;
    }
  }
}

/** Weights of a map, by default its own, and its windows if it is a convolution. */
export const mapOf = (
  { name, convolution }: MapNode,
  weights = `${name}.weights`,
): { weights: string; convolution?: NonNullable<MapNode["convolution"]> } => ({
  weights,
  ...(convolution === undefined ? {} : { convolution }),
});

/** Names of the tensors that receive the statistics of a batch. */
export const batchStatisticsOf = (layer: string): { batchMean: string; batchVariance: string } => ({
  batchMean: `${layer}.batchMean`,
  batchVariance: `${layer}.batchVariance`,
});

function addReadout(
  network: Network,
  options: ForwardOptions,
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): void {
  const { name, shape } = neuronsOf(network).at(-1)!;
  const kind = network.readout.name === "count" || network.readout.name === "rate" ? "sum" : "last";
  const units = sizeOf(shape);
  const windows = populationWindows(units, network.outputs);
  const ofUnits = windows === undefined ? "readout" : UNIT_READOUT;
  const role = options.stream ? "kept" : windows === undefined ? "result" : "scratch";
  signals[ofUnits] = { kind: "values", width: units, rows: "sample", role };
  operations.push({
    op: "readout",
    kind,
    // A rate is per step of the whole presentation. For a stream the host divides, since it knows the number of steps.
    scale: network.readout.name === "rate" && !options.stream ? 1 / options.steps : 1,
    from: network.readout.name === "lastState" ? `${name}.now__${network.readout.state}` : `${name}.output`,
    to: ofUnits,
  });
  if (windows === undefined) return;
  signals.readout = { kind: "values", width: network.outputs, rows: "sample", role: "result" };
  operations.push({ op: "pool", kind: "sum", windows, scale: 1, from: UNIT_READOUT, to: "readout" });
}
