import type { Network } from "../../../networks/network.js";
import type { Operation, SignalSpec } from "../../device/contract.js";
import type { Route } from "../credit/credit-assignment.js";
import { bindParameters, type Forward } from "./forward.js";

export interface BackwardOptions {
  loss: string;
  reduction: "mean" | "batch" | "sum";
  steps: number;
  truncate?: number;
  /** Name of the tensor of importance factors that a layer's error is multiplied by, if any. */
  factor(layer: string): string | undefined;
  /** Routes of the error to each hidden layer, in the order in which the errors are computed. */
  routes: readonly Route[];
}

/** Name of the gradient tensor of a parameter. */
export const gradientOf = (parameter: string): string => `${parameter}.gradient`;

const errorOf = (layer: string): string => `${layer}.error`;

/**
 * Backward pass from the read-out to the gradient of every parameter: the loss, then for the last layer and, along the
 * routes, for every other layer the error at its output, its adjoint scan, and its gradients. Adds to the forward
 * procedure's signals.
 */
export function backward(network: Network, pass: Forward, options: BackwardOptions): Operation[] {
  const { signals } = pass;
  const operations: Operation[] = [];
  const sample = (width: number): SignalSpec => ({ kind: "values", width, rows: "sample", role: "scratch" });
  signals.target = { kind: "values", width: network.outputs, rows: "sample", role: "input" };
  signals["readout.gradient"] = sample(network.outputs);
  signals.loss = { ...sample(1), role: "result" };
  operations.push({
    op: "loss",
    loss: options.loss,
    reduction: options.reduction,
    from: pass.readout,
    target: "target",
    gradient: "readout.gradient",
    value: "loss",
  });
  const gradients: Operation[] = [];
  const scanBack = (index: number, outputError: string): void => {
    const layer = network.layers[index]!;
    const name = network.layerNames[index]!;
    const isLast = index === network.layers.length - 1;
    const kernel = pass.kernels[index]!;
    const error = errorOf(name);
    signals[error] = { kind: "values", width: layer.units, rows: "steps", role: "scratch" };
    const parameterErrors: Record<string, string> = {};
    for (const [parameter, how] of Object.entries(layer.trainable)) {
      if (how === "fixed") continue;
      const signal = `${name}.${parameter}.error`;
      parameterErrors[parameter] = signal;
      signals[signal] = sample(layer.units);
      gradients.push({ op: "unitGradient", from: signal, to: gradientOf(`${name}.${parameter}`) });
    }
    const factor = options.factor(name);
    const { readout } = network;
    operations.push({
      op: "adjointScan",
      neuron: kernel,
      parameters: bindParameters(layer, name),
      ...(layer.recurrent ? { recurrent: `${name}.recurrent` } : {}),
      stored: Object.fromEntries(kernel.adjointNeeds.map((value) => [value, `${name}.${value}`])),
      errors: [
        {
          signal: outputError,
          at: isLast && readout.name.startsWith("last") ? "last" : "every",
          of: isLast && readout.name === "lastState" ? `now__${readout.state}` : "output",
          scale: isLast && readout.name === "rate" ? 1 / options.steps : 1,
        },
      ],
      ...(options.truncate === undefined ? {} : { truncate: options.truncate }),
      ...(layer.dropout > 0 ? { mask: `${name}.mask` } : {}),
      to: error,
      ...(factor === undefined ? {} : { factor }),
      parameterErrors,
    });
    gradients.push({
      op: "weightGradient",
      from: pass.presynaptic[index]!,
      error,
      delayed: false,
      to: gradientOf(`${name}.weights`),
    });
    if (layer.recurrent) {
      const to = gradientOf(`${name}.recurrent`);
      gradients.push({ op: "weightGradient", from: `${name}.output`, error, delayed: true, to });
    }
    if (layer.bias) gradients.push({ op: "unitGradient", from: error, to: gradientOf(`${name}.bias`) });
  };

  scanBack(network.layers.length - 1, "readout.gradient");
  for (const { to, from, weights, direction } of options.routes) {
    const outputError = `${network.layerNames[to]}.outputError`;
    signals[outputError] = { kind: "values", width: network.layers[to]!.units, rows: "steps", role: "scratch" };
    const error = errorOf(network.layerNames[from]!);
    operations.push(
      direction === "down"
        ? { op: "inputGradient", error, weights, to: outputError }
        : { op: "current", from: error, weights, to: outputError },
    );
    scanBack(to, outputError);
  }
  // Gradients come after all errors, so that a device can process the batch sample by sample before it sums over it.
  return [...operations, ...gradients];
}
