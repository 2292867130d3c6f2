import { isOfEveryStep, type LossInput } from "../../../losses/input.js";
import { neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import { populationWindows } from "../../../networks/population.js";
import type { ErrorSource, Operation, SignalSpec } from "../../device/contract.js";
import { UNIT_READOUT } from "../plan/forward.js";
import type { PlacedTerm, Reduction } from "./placed-terms.js";

/** A signal that a term's input needs, and the operation that computes it. */
export interface ComputedSignal {
  readonly spec: SignalSpec;
  readonly operation: Operation & { readonly to: string };
}

/** The signal that a term reads, that of the values of every unit, and the computation of both from the signals of its layer. */
export interface InputPlan {
  readonly signal: string;
  readonly ofUnits: string;
  readonly computed: readonly ComputedSignal[];
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

/** The signals that a term reads, and their computation if nothing else in the plan computes them. */
export function inputPlan(network: Network, placed: PlacedTerm, options: InputOptions): InputPlan {
  const { node, input, width } = placed;
  const units = sizeOf(node.shape);
  if (isReadout(network, placed)) {
    const ofUnits = units === network.outputs ? "readout" : UNIT_READOUT;
    return { signal: width === network.outputs ? "readout" : UNIT_READOUT, ofUnits, computed: [] };
  }
  const windows = populationWindows(units, width);
  const unitValues = unitPlan(placed, { ...options, visible: options.visible && windows === undefined });
  if (windows === undefined) return unitValues;
  const { signal: ofUnits } = unitValues;
  const to = `${ofUnits}.classes`;
  const rows = isOfEveryStep(input) ? "steps" : "sample";
  const spec = { kind: "values", width, rows, role: options.visible ? "result" : "scratch" } as const;
  const operation = { op: "pool", kind: "sum", windows, scale: 1, from: ofUnits, to } as const;
  return { signal: to, ofUnits, computed: [...unitValues.computed, { spec, operation }] };
}

function unitPlan({ node, input }: PlacedTerm, options: InputOptions): InputPlan {
  const layer = node.name;
  const output = `${layer}.output`;
  const source = "state" in input ? `${layer}.now__${input.state}` : output;
  const values = { kind: "values", width: sizeOf(node.shape) } as const;
  if (isOfEveryStep(input)) {
    if (input.name === "everyState" || node.neuron.output !== "spikes")
      return { signal: source, ofUnits: source, computed: [] };
    const to = `${layer}.outputValues`;
    const spec = { ...values, rows: "steps", role: options.visible ? "result" : "scratch" } as const;
    return { signal: to, ofUnits: to, computed: [{ spec, operation: { op: "add", from: [output], scale: 1, to } }] };
  }
  const to = `${layer}.${input.name}`;
  const role = options.stream ? "kept" : options.visible ? "result" : "scratch";
  const kind = input.name === "count" || input.name === "rate" ? "sum" : "last";
  const scale = input.name === "rate" && !options.stream ? 1 / options.steps : 1;
  const spec = { ...values, rows: "sample", role } as const;
  return {
    signal: to,
    ofUnits: to,
    computed: [{ spec, operation: { op: "readout", kind, scale, from: source, to } }],
  };
}

/** Adds signals that are not there yet, and the operations that compute them. */
export function addComputed(
  computed: readonly ComputedSignal[],
  { signals, operations }: { readonly signals: Record<string, SignalSpec>; readonly operations: Operation[] },
): void {
  for (const { spec, operation } of computed) {
    if (signals[operation.to] !== undefined) continue;
    signals[operation.to] = spec;
    operations.push(operation);
  }
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
    const { kernel, node, input, width } = placed;
    const units = sizeOf(node.shape);
    const from = inputPlan(network, placed, { steps, stream: false, visible: false });
    addComputed(from.computed, { signals, operations });
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
    const windows = populationWindows(units, width);
    const error = windows === undefined ? gradient : `${gradient}.units`;
    if (windows !== undefined) {
      signals[error] = { kind: "values", width: units, rows: kernel.rows, role: "scratch" };
      operations.push({
        op: "poolGradient",
        kind: "sum",
        windows,
        scale: 1,
        error: gradient,
        from: from.ofUnits,
        to: error,
      });
    }
    const source = { signal: error, ...entryOf(input, steps) };
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
