import { type GraphNode, type NeuronNode, needsError, neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import { spikeFactors } from "../../../networks/spike-dropout.js";
import type { ErrorSource, Operation, Scan, SignalSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import type { ErrorRoutes } from "../credit/credit-assignment.js";
import type { LossPlan } from "../losses/operations.js";
import { addNeighbors, isNeighborKernel } from "../neighborhood/neighbor-errors.js";
import type { NeighborhoodAggregation } from "../neighborhood/neighborhood-aggregation.js";
import { Errors, errorOf } from "./errors.js";
import { batchStatisticsOf, type Forward, mapOf } from "./forward.js";
import { bindParameters } from "./scan.js";
import { upwardError } from "./upward.js";

export interface BackwardOptions {
  loss: LossPlan;
  truncate?: number;
  /** Name of the tensor of importance factors that a layer's error is multiplied by, if any. */
  factor(layer: string): string | undefined;
  /** Ways of the errors to hidden layers. */
  routes: ErrorRoutes;
  /** Gradients of spikes by neighborhood aggregation; left out: by surrogates. */
  neighborhood?: NeighborhoodAggregation;
}

/** Name of the gradient tensor of a parameter. */
export const gradientOf = (parameter: string): string => `${parameter}.gradient`;

/**
 * Backward pass from the read-out to the gradient of every parameter. Every node turns the error at its output into the errors
 * of the nodes that it reads, from the last node to the first; errors of several readers add up. Adds to the forward
 * procedure's signals.
 */
export function backward(network: Network, pass: Forward, options: BackwardOptions): Operation[] {
  const { signals } = pass;
  const { nodes } = network;
  const operations: Operation[] = [];
  const gradients: Operation[] = [];
  const errors = new Errors(signals, operations);
  const neurons = neuronsOf(network);
  const output = neurons.at(-1)!;
  const lastSpiking = neurons.findLast((node) => isNeighborKernel(pass.kernels.get(node.name)!))?.name ?? output.name;
  const context: Context = { network, pass, options, errors, operations, gradients, lastSpiking };
  Object.assign(signals, options.loss.signals);
  operations.push(...options.loss.operations);

  // Weights that read spikes of a layer with dropout have a factor in the forward pass. It is part of their feedback too.
  const factors = options.routes.byFeedback ? spikeFactors(nodes) : [];
  const fromAbove = (signal: string, node: NeuronNode): ErrorSource => ({
    signal,
    at: "every",
    of: "output",
    scale: factors[nodes.indexOf(node)] ?? 1,
  });
  const scanned = new Set<NeuronNode>();
  const scanBack = (node: NeuronNode, sources: readonly ErrorSource[]): void => {
    addAdjointScan(context, node, sources);
    scanned.add(node);
  };
  scanBack(output, []);
  const receive = (node: NeuronNode): void => {
    const direct = options.routes.direct(node);
    if (direct === undefined) return;
    const error = errorOf(output.name);
    const to = `${node.name}.outputError`;
    errors.write({ op: "inputGradient", error, weights: direct, to }, sizeOf(node.shape), "steps");
    scanBack(node, [fromAbove(to, node)]);
  };
  for (const [i, node] of neurons.slice(0, -1).entries()) {
    receive(node);
    if (options.routes.upward && i > 0) {
      scanBack(node, [fromAbove(upwardError(network, neurons[i - 1]!, node, errors), node)]);
    }
  }

  const needed = needsError(nodes);
  for (const [i, node] of [...nodes.entries()].reverse()) {
    if (!needed[i]) continue;
    if (node.kind === "neurons" && scanned.has(node)) {
      errors.pass(node.from, { signal: errorOf(node.name) });
      continue;
    }
    const received = errors.at(i, `${node.name}.outputError`, sizeOf(node.shape));
    const isReached = received.length > 0 || (node.kind === "neurons" && options.loss.errorsAt(node.name).length > 0);
    if (!isReached) {
      if (node.kind === "pool" || node.kind === "add") continue;
      throw unreached(node);
    }
    if (node.kind === "neurons") {
      scanBack(
        node,
        received.map((signal) => fromAbove(signal, node)),
      );
      errors.pass(node.from, { signal: errorOf(node.name) });
    } else {
      const error = errors.sum(received, `${node.name}.outputError`);
      passDown(context, node, isStatic(node, pass.outputs[i]!, signals, error) ? errors.summed(error) : error, needed);
    }
  }
  // Gradients come after all errors, so that a device can process the batch sample by sample before it sums over it.
  return [...operations, ...gradients];
}

interface Context {
  readonly network: Network;
  readonly pass: Forward;
  readonly options: BackwardOptions;
  readonly errors: Errors;
  readonly operations: Operation[];
  readonly gradients: Operation[];
  /** The last layer of spiking neurons, to which the effects of spikes of the others are compared when they are rescaled. */
  readonly lastSpiking: string;
}

/**
 * True if a node computes one row per sample, so that its error can be summed over steps first. A dense map leaves that to
 * the device, which sums the products of its few rows.
 */
const isStatic = (
  node: GraphNode,
  output: string,
  signals: Readonly<Record<string, SignalSpec>>,
  error: string,
): boolean =>
  signals[output]!.rows === "sample" &&
  signals[error]!.rows === "steps" &&
  !(node.kind === "map" && node.convolution === undefined);

function unreached({ name }: GraphNode): SpikevineError {
  return new SpikevineError(
    `train: ${name} would receive no error by direct or indirect feedback, which reaches currents of neurons only; put neurons after ${name}, or use credit: "backpropagation" or "feedback-alignment".`,
  );
}

/** The adjoint scan of a layer of neurons, from the errors at its output to the error at its current. */
function addAdjointScan(context: Context, node: NeuronNode, errors: readonly ErrorSource[]): void {
  const { pass, options, operations, gradients } = context;
  const { name } = node;
  const kernel = pass.kernels.get(name)!;
  const error = errorOf(name);
  const width = sizeOf(node.shape);
  pass.signals[error] = { kind: "values", width, rows: "steps", role: "scratch" };
  const parameterErrors: Record<string, string> = {};
  for (const [parameter, how] of Object.entries(node.trainable)) {
    if (how === "fixed") continue;
    const signal = `${name}.${parameter}.error`;
    parameterErrors[parameter] = signal;
    pass.signals[signal] = { kind: "values", width, rows: "sample", role: "scratch" };
    gradients.push({ op: "unitGradient", from: signal, to: gradientOf(`${name}.${parameter}`) });
  }
  const factor = options.factor(name);
  const parameters = bindParameters(node);
  const { neighborhood } = options;
  const all = [...errors, ...options.loss.errorsAt(name)];
  const entering =
    neighborhood === undefined || !isNeighborKernel(kernel)
      ? all
      : addNeighbors(
          { node, kernel, parameters, current: currentOf(pass, name), last: context.lastSpiking },
          all,
          neighborhood,
          pass.signals,
          operations,
        );
  // The effects of spikes contain the mask already.
  const isMasked = node.dropout > 0 && entering === all;
  operations.push({
    op: "adjointScan",
    neuron: kernel,
    parameters,
    ...(node.recurrent ? { recurrent: pass.scaled.of(`${name}.recurrent`) } : {}),
    stored: Object.fromEntries(kernel.adjointNeeds.map((value) => [value, `${name}.${value}`])),
    errors: entering,
    ...(options.truncate === undefined ? {} : { truncate: options.truncate }),
    ...(isMasked ? { mask: `${name}.mask` } : {}),
    to: error,
    ...(factor === undefined ? {} : { factor }),
    parameterErrors,
  });
  if (node.recurrent) {
    const to = gradientOf(`${name}.recurrent`);
    gradients.push({ op: "weightGradient", from: `${name}.output`, error, delayed: true, to });
    gradients.push(...pass.scaled.gradient(`${name}.recurrent`, to));
  }
}

/** Name of the signal of the currents of a layer of neurons. */
const currentOf = ({ operations }: Forward, layer: string): string => {
  const scan = operations.find((operation) => operation.op === "scan" && operation.to === `${layer}.output`);
  return (scan as Scan).current;
};

/** Gradients of a node's own arrays, and its contributions to the errors of the nodes below. */
function passDown(
  { pass, options, errors, gradients }: Context,
  node: Exclude<GraphNode, NeuronNode>,
  error: string,
  needed: readonly boolean[],
): void {
  const { rows } = pass.signals[error]!;
  switch (node.kind) {
    case "input":
      return;
    case "map": {
      const { weights, ...windows } = mapOf(node);
      const from = pass.outputs[node.from]!;
      gradients.push({ op: "weightGradient", from, error, delayed: false, ...windows, to: gradientOf(weights) });
      gradients.push(...pass.scaled.gradient(weights, gradientOf(weights)));
      if (node.bias) gradients.push({ op: "unitGradient", from: error, to: gradientOf(`${node.name}.bias`) });
      const down = options.routes.down(node);
      if (down === undefined || !needed[node.from]) return;
      errors.pass(node.from, {
        rows,
        operation: (to) => ({ op: "inputGradient", error, ...mapOf(node, pass.scaled.of(down)), to }),
      });
      return;
    }
    case "pool": {
      const { pool: kind, windows, scale } = node;
      const from = pass.outputs[node.from]!;
      if (!needed[node.from]) return;
      errors.pass(node.from, {
        rows,
        operation: (to) => ({ op: "poolGradient", kind, windows, scale, error, from, to }),
      });
      return;
    }
    case "normalize": {
      const { name, epsilon } = node;
      const from = pass.outputs[node.from]!;
      const to = `${name}.inputError`;
      errors.write(
        {
          op: "normalizeGradient",
          epsilon,
          error,
          from,
          gain: `${name}.gain`,
          ...batchStatisticsOf(name),
          to,
          gainGradient: gradientOf(`${name}.gain`),
          shiftGradient: gradientOf(`${name}.shift`),
        },
        sizeOf(node.shape),
        pass.signals[from]!.rows,
      );
      if (needed[node.from]) errors.pass(node.from, { signal: to });
      return;
    }
    case "add":
      for (const source of node.from) {
        if (!needed[source]) continue;
        errors.pass(
          source,
          node.scale === 1
            ? { signal: error }
            : { rows, operation: (to) => ({ op: "add", from: [error], scale: node.scale, to }) },
        );
      }
  }
}
