import { isOfEveryStep, type LossInput } from "../../../losses/input.js";
import { neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import type { ErrorSource, Operation, SignalSpec } from "../../device/contract.js";
import type { PlacedTerm, Reduction } from "./placed-terms.js";

/** Signals that a term's input needs, and the operations that compute it from the signals of its layer. */
export interface InputPlan {
  readonly signal: string;
  readonly signals: Readonly<Record<string, SignalSpec>>;
  readonly operations: readonly Operation[];
}

export interface InputOptions {
  /** Time steps of a run. */
  readonly steps: number;
  /** True if a presentation is split into several runs; the host then divides rates by its steps. */
  readonly stream: boolean;
  /** True if the host reads the input after the run. */
  readonly visible: boolean;
}

/** True if a term reads the read-out of the network. */
const isReadout = (network: Network, { node, input }: PlacedTerm): boolean => {
  const { name, state } = network.readout;
  const isSame = input.name === name && (input as { state?: string }).state === state;
  return isSame && node === neuronsOf(network).at(-1);
};

/** The signal that a term reads, and its computation if nothing else in the plan computes it. */
export function inputPlan(network: Network, placed: PlacedTerm, options: InputOptions): InputPlan {
  const { node, input } = placed;
  const layer = node.name;
  if (isReadout(network, placed)) return { signal: "readout", signals: {}, operations: [] };
  const output = `${layer}.output`;
  const source = "state" in input ? `${layer}.now__${input.state}` : output;
  const values = { kind: "values", width: sizeOf(node.shape) } as const;
  if (isOfEveryStep(input)) {
    if (input.name === "everyState" || node.neuron.output !== "spikes")
      return { signal: source, signals: {}, operations: [] };
    const signal = `${layer}.outputValues`;
    return {
      signal,
      signals: { [signal]: { ...values, rows: "steps", role: options.visible ? "result" : "scratch" } },
      operations: [{ op: "add", from: [output], scale: 1, to: signal }],
    };
  }
  const signal = `${layer}.${input.name}`;
  const role = options.stream ? "kept" : options.visible ? "result" : "scratch";
  const kind = input.name === "count" || input.name === "rate" ? "sum" : "last";
  const scale = input.name === "rate" && !options.stream ? 1 / options.steps : 1;
  return {
    signal,
    signals: { [signal]: { ...values, rows: "sample", role } },
    operations: [{ op: "readout", kind, scale, from: source, to: signal }],
  };
}

/** Name of the signal of a term's values. */
export const valueSignal = (index: number): string => (index === 0 ? "loss" : `loss${index + 1}`);

/** The operations of a loss, and the errors that it sends to the layers. */
export interface LossPlan {
  readonly signals: Readonly<Record<string, SignalSpec>>;
  readonly operations: readonly Operation[];
  /** Errors at the outputs and states of a layer. */
  errorsAt(layer: string): readonly ErrorSource[];
}

/** The losses of one run, from the signals of the forward pass to the errors at its layers. */
export function lossPlan(
  network: Network,
  terms: readonly PlacedTerm[],
  reduction: Reduction,
  steps: number,
): LossPlan {
  const signals: Record<string, SignalSpec> = {};
  const operations: Operation[] = [];
  const errors = new Map<string, ErrorSource[]>();
  terms.forEach((placed, index) => {
    const { kernel, node, input } = placed;
    const width = sizeOf(node.shape);
    const from = inputPlan(network, placed, { steps, stream: false, visible: false });
    for (const [name, spec] of Object.entries(from.signals)) {
      if (signals[name] !== undefined) continue;
      signals[name] = spec;
      operations.push(...from.operations);
    }
    if (kernel.target !== "none") {
      signals.target = { kind: "values", width, rows: kernel.target, role: "input" };
    }
    const gradient = index === 0 ? "readout.gradient" : `${valueSignal(index)}.gradient`;
    signals[gradient] = { kind: "values", width, rows: kernel.rows, role: "scratch" };
    signals[valueSignal(index)] = { kind: "values", width: 1, rows: "sample", role: "result" };
    operations.push({
      op: "loss",
      loss: kernel,
      ...divisorOf(placed, reduction),
      from: from.signal,
      ...(kernel.target === "none" ? {} : { target: "target" }),
      gradient,
      value: valueSignal(index),
    });
    const source = { signal: gradient, ...entryOf(input, steps) };
    errors.set(node.name, [...(errors.get(node.name) ?? []), source]);
  });
  return { signals, operations, errorsAt: (layer) => errors.get(layer) ?? [] };
}

/** Place at which the derivative by an input enters the adjoint of its layer. */
function entryOf(input: LossInput, steps: number): Omit<ErrorSource, "signal"> {
  return {
    at: input.name.startsWith("last") ? "last" : "every",
    of: "state" in input ? `now__${input.state}` : "output",
    scale: input.name === "rate" ? 1 / steps : 1,
  };
}

/** Divisor of a term's values and gradients. */
function divisorOf({ term, size }: PlacedTerm, reduction: Reduction): { divisor: number; overSamples: boolean } {
  return { divisor: (reduction === "mean" ? size : 1) / term.weight, overSamples: reduction !== "sum" };
}

/**
 * The loss of a run's samples as it is reported: the sum over samples of the term's mean over outputs and steps, times its
 * weight, whatever the reduction.
 * @param sum Sum of the term's values over the samples.
 */
export function reportedLoss({ size }: PlacedTerm, sum: number, reduction: Reduction, samples: number): number {
  const undivided = reduction === "sum" ? sum : sum * samples * (reduction === "mean" ? size : 1);
  return undivided / size;
}
