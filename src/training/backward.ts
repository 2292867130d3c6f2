import type { Network } from "../../networks/network.js";
import type { Operation, SignalSpec } from "../device/contract.js";
import { bindParameters, type Forward } from "./forward.js";

export interface BackwardOptions {
  loss: string;
  reduction: "mean" | "batch" | "sum";
  steps: number;
  truncate?: number;
  /** Name of the tensor of importance factors that a layer's error is multiplied by, if any. */
  factor(layer: string): string | undefined;
  /** Name of the tensor of weights that a layer's error goes down through. Default: the layer's own. */
  feedback?(layer: string): string;
}

/** Name of the gradient tensor of a parameter. */
export const gradientOf = (parameter: string): string => `${parameter}.gradient`;

/**
 * From the read-out back to the gradient of every parameter: loss, then layer by layer from the last the adjoint scan,
 * the error handed upstream, and the gradients. Adds to the forward procedure's signals.
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
  for (let index = network.layers.length - 1; index >= 0; index--) {
    const layer = network.layers[index]!;
    const name = network.layerNames[index]!;
    const isLast = index === network.layers.length - 1;
    const kernel = pass.kernels[index]!;
    const error = `${name}.error`;
    const outputError = isLast ? "readout.gradient" : `${name}.outputError`;
    signals[error] = { kind: "values", width: layer.units, rows: "steps", role: "scratch" };
    if (!isLast) {
      const above = network.layerNames[index + 1]!;
      const weights = options.feedback?.(above) ?? `${above}.weights`;
      signals[outputError] = { kind: "values", width: layer.units, rows: "steps", role: "scratch" };
      operations.push({ op: "upstream", error: `${above}.error`, weights, to: outputError });
    }
    const parameterErrors: Record<string, string> = {};
    for (const [parameter, how] of Object.entries(layer.train)) {
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
      error: outputError,
      at: isLast && readout.name.startsWith("last") ? "last" : "every",
      of: isLast && readout.name === "lastState" ? `now__${readout.state}` : "output",
      scale: isLast && readout.name === "rate" ? 1 / options.steps : 1,
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
  }
  // Gradients come after all errors, so that a device can treat the whole batch sample by sample before it sums over it.
  return [...operations, ...gradients];
}
