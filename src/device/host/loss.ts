import type { LossAxis, LossKernel, LossReduction } from "../../equations/kernels/kernels.js";
import type { Loss } from "../contract.js";
import { compileElements, type LossArray, type LossMemory, type LossRows, type LossSample } from "./loss-elements.js";

export type { LossRows } from "./loss-elements.js";

/** The value of a loss for one sample. Its gradient has the precision of its array. */
export type CompiledLoss = (sample: LossSample) => number;

/** Compiles the formulas of a loss. They are computed in double precision. */
export function compileLoss(
  kernel: LossKernel,
  sizes: { readonly outputs: number; readonly steps: number },
): CompiledLoss {
  const memory: LossMemory = { sizes, values: new Map() };
  const reductions = kernel.reductions.map((reduction) => compileReduction(reduction, memory));
  const value = compileReduction({ name: "value", kind: "sum", over: kernel.value.axes, ...kernel.value }, memory);
  const further = kernel.gradientReductions.map((reduction) => compileReduction(reduction, memory));
  const own: readonly LossAxis[] = kernel.rows === "steps" ? ["steps", "outputs"] : ["outputs"];
  const gradient = compileElements(kernel.gradient, own, memory);
  const result = memory.values.get("value")!.numbers;
  return (sample) => {
    for (const reduce of reductions) reduce(sample);
    value(sample);
    const { gradient: to } = sample;
    if (to !== undefined) {
      for (const reduce of further) reduce(sample);
      const { elements, steps, outputs } = gradient;
      gradient.compute(sample);
      for (let t = 0; t < steps; t++) {
        for (let n = 0; n < outputs; n++) to.data[to.start + t * to.stride + n] = elements[t * outputs + n]!;
      }
    }
    return result[0]!;
  };
}

function compileReduction(
  { name, kind, axes, over, formula }: LossReduction,
  memory: LossMemory,
): (sample: LossSample) => void {
  const { sizes } = memory;
  const remaining = axes.filter((axis) => !over.includes(axis));
  const strides = {
    steps: remaining.includes("steps") ? (remaining.includes("outputs") ? sizes.outputs : 1) : 0,
    outputs: remaining.includes("outputs") ? 1 : 0,
  };
  const count = remaining.reduce((product, axis) => product * sizes[axis], 1);
  const numbers = new Float64Array(count);
  const largest = new Float64Array(kind === "argmax" ? count : 0);
  const { elements, compute, steps, outputs } = compileElements(formula, axes, memory);
  memory.values.set(name, { numbers, strides });
  if (kind === "sum" && count === 1) {
    return (sample) => {
      compute(sample);
      let sum = 0;
      for (let i = 0; i < elements.length; i++) sum += elements[i]!;
      numbers[0] = sum;
    };
  }
  const isAlongSteps = over.includes("steps");
  return (sample) => {
    compute(sample);
    numbers.fill(kind === "max" ? Number.NEGATIVE_INFINITY : 0);
    largest.fill(Number.NEGATIVE_INFINITY);
    for (let t = 0; t < steps; t++) {
      for (let n = 0; n < outputs; n++) {
        const element = elements[t * outputs + n]!;
        const at = t * strides.steps + n * strides.outputs;
        if (kind === "sum") numbers[at] = numbers[at]! + element;
        else if (kind === "max") numbers[at] = Math.max(numbers[at]!, element);
        else if (element > largest[at]!) {
          largest[at] = element;
          numbers[at] = isAlongSteps ? t : n;
        }
      }
    }
  };
}

/** Divisor of the values and gradients of a run. */
export const divisorOf = ({ divisor, overSamples }: Pick<Loss, "divisor" | "overSamples">, samples: number): number =>
  overSamples ? divisor * samples : divisor;

/**
 * The loss of one sample and its gradient, both divided. The gradient is rounded to the precision of its array before and
 * after the division.
 */
export function dividedLoss(
  loss: CompiledLoss,
  sample: Required<LossSample>,
  { rows, outputs }: { readonly rows: number; readonly outputs: number },
  divisor: number,
): number {
  const value = loss(sample) / divisor;
  const { data, start, stride } = sample.gradient;
  for (let t = 0; t < rows; t++) {
    const first = start + t * stride;
    for (let n = first; n < first + outputs; n++) data[n] = data[n]! / divisor;
  }
  return value;
}

/** Arrays of a batch: outputs, targets and gradient are `[samples, rows, outputs]`, value is `[samples]`. */
export interface LossBatch {
  readonly from: LossArray;
  readonly target: LossArray | undefined;
  readonly gradient: LossArray;
  readonly value: LossArray;
}

/**
 * Compiles a loss per sample and its gradient. It is a few numbers per sample, so every device may compute it on the host.
 */
export function lossOnHost(
  operation: Loss,
  sizes: { readonly outputs: number; readonly steps: number },
): (samples: number, batch: LossBatch) => void {
  const { loss: kernel } = operation;
  const { outputs } = sizes;
  const loss = compileLoss(kernel, sizes);
  const rowsOf = (rows: LossKernel["target"]): number => (rows === "steps" ? sizes.steps : 1);
  const rows = rowsOf(kernel.rows);
  const slice = (data: LossArray, sample: number, per: number): LossRows => ({
    data,
    start: sample * per * outputs,
    stride: per === 1 ? 0 : outputs,
  });
  return (samples, { from, target, gradient, value }) => {
    const divisor = divisorOf(operation, samples);
    for (let b = 0; b < samples; b++) {
      const sample = {
        y: slice(from, b, rows),
        target: target && slice(target, b, rowsOf(kernel.target)),
        gradient: slice(gradient, b, rows),
      };
      value[b] = dividedLoss(loss, sample, { rows, outputs }, divisor);
    }
  };
}
