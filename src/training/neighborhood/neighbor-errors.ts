import { type NeuronNode, sizeOf } from "../../../networks/graph.js";
import type { ErrorSource, Operation, ParameterBinding, SignalSpec, TensorSpec } from "../../device/contract.js";
import type { NeighborKernel, NeuronKernel } from "../../equations/kernels/kernels.js";
import { constant, type Expression, multiply, operation, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import type { NeighborhoodAggregation } from "./neighborhood-aggregation.js";

/** A layer of spiking neurons in a backward pass by neighborhood aggregation. */
interface SpikingLayer {
  readonly node: NeuronNode;
  readonly kernel: NeighborKernel;
  readonly parameters: Readonly<Record<string, ParameterBinding>>;
  /** Name of the signal of its currents. */
  readonly current: string;
  /** Name of the last layer of spiking neurons, to which the sizes of the others are compared. */
  readonly last: string;
}

export const isNeighborKernel = (kernel: NeuronKernel): kernel is NeighborKernel => "neighborNeeds" in kernel;

/** The kernel of a layer, if its spikes have neighbors. */
export function neighborKernel(
  { neuron, name, recurrent }: NeuronNode,
  options: { readonly dt: number; readonly trained: readonly string[] },
  aggregation: NeighborhoodAggregation,
): NeighborKernel | undefined {
  if (neuron.output === "values") return undefined;
  if (recurrent) {
    throw new SpikevineError(
      `train: neighborhood aggregation follows a neuron with the same currents, but those of ${name} depend on its own spikes; leave out recurrent, or spikeGradient.`,
    );
  }
  return neuron.neighborKernel(options, aggregation);
}

/**
 * Operation that turns errors at the spikes of a layer into effects of single spikes; returns what enters the adjoint scan.
 * @throws SpikevineError for an error at a state that changes between spikes and at spikes.
 */
export function addNeighbors(
  { node, kernel, parameters, current, last }: SpikingLayer,
  errors: readonly ErrorSource[],
  { smoothing, rescaled }: NeighborhoodAggregation,
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): readonly ErrorSource[] {
  const { name } = node;
  const places = (states: readonly string[]): readonly string[] => states.map((state) => `now__${state}`);
  const [affected, traces] = [places(kernel.affected), places(kernel.traces)];
  const mixed = errors.find(({ of }) => affected.includes(of) && !traces.includes(of));
  if (mixed !== undefined) {
    throw new SpikevineError(
      `train: neighborhood aggregation finds effects of spikes, but ${mixed.of.replace("now__", "")} of ${name} changes between them too; give a loss of outputs, or put neurons with a graded output after ${name}.`,
    );
  }
  const atSpikes = errors.filter(({ of }) => of === "output" || traces.includes(of));
  const atStates = errors.filter((source) => !atSpikes.includes(source));
  if (atSpikes.length === 0) return atStates;
  const to = `${name}.neighbors${rescaled ? ".unscaled" : ""}`;
  signals[to] = { kind: "values", width: sizeOf(node.shape), rows: "steps", role: "scratch" };
  const needed = new Set([...kernel.neighborNeeds, ...atSpikes.flatMap(({ of }) => (of === "output" ? [] : [of]))]);
  operations.push({
    op: "neighbors",
    neuron: kernel,
    parameters,
    current,
    stored: Object.fromEntries([...needed].map((value) => [value, `${name}.${value}`])),
    errors: atSpikes,
    smoothing,
    ...(node.dropout > 0 ? { mask: `${name}.mask` } : {}),
    to,
  });
  const signal = `${name}.neighbors`;
  if (rescaled) {
    signals[signal] = signals[to]!;
    operations.push(rescaleEffects(name, last, to, signal));
  }
  return [{ signal, at: "every", of: "output", scale: 1 }, ...atStates];
}

/** Tensor [1, 1]: the mean size of the scaled effects of the spikes of a layer. */
const sizeOfEffects = (layer: string): string => `${layer}.effectSize`;

/** Tensors of the scaling of the effects of spikes. */
export const effectSizes = (layers: readonly string[]): Record<string, TensorSpec> =>
  Object.fromEntries(layers.map((layer) => [sizeOfEffects(layer), { rows: 1, columns: 1 }]));

/** Scales the effects of the spikes of a layer; those of the last layer are scaled first. */
function rescaleEffects(layer: string, last: string, from: string, to: string): Operation {
  const reference = layer === last ? {} : { reference: sizeOfEffects(last) };
  const formula = scaleOf(symbol(layer === last ? "mean" : "reference"));
  return { op: "rescale", from, formula, ...reference, size: sizeOfEffects(layer), to };
}

/** 1.2 log(N / (mean + 1e-5) + 1.02), with N the reference rounded to three decimals. */
function scaleOf(reference: Expression): Expression {
  const thousandths = operation("floor", operation("add", multiply(reference, constant(1000)), constant(0.5)));
  const rounded = operation("divide", thousandths, constant(1000));
  const ratio = operation("divide", rounded, operation("add", symbol("mean"), constant(1e-5)));
  return multiply(constant(1.2), operation("log", operation("add", ratio, constant(1.02))));
}
