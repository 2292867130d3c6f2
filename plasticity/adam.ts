import { fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import {
  defineOptimizer,
  type OptimizerDefinition,
  type OptimizerSpec,
} from "../src/equations/definitions/optimizer.js";

export interface AdamOptions {
  learningRate?: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Divide the running means by 1 - beta^k. Default: true. Bio-Adam's paper compares with the form without it (A.1.2). */
  biasCorrection?: boolean;
}

const check = signature("plasticity/adam", {
  options: fields<AdamOptions>(
    {
      learningRate: optional(quantity),
      beta1: optional(quantity),
      beta2: optional(quantity),
      epsilon: optional(quantity),
      biasCorrection: optional(flag),
    },
    { root: "options" },
  ),
});

/** The parts that Adam shares with AdamW. */
export const ADAM = {
  parameters: {
    learningRate: { value: 0.001, min: 0, summary: "step size" },
    beta1: { value: 0.9, min: 0, max: 1, exclusiveMax: true, summary: "memory of the mean" },
    beta2: { value: 0.999, min: 0, max: 1, exclusiveMax: true, summary: "memory of the mean square" },
    epsilon: { value: 1e-8, min: 0, exclusiveMin: true, summary: "makes the division finite" },
  },
  states: {
    m: { initial: 0, summary: "running mean of the gradient" },
    v: { initial: 0, summary: "running mean of the squared gradient" },
  },
  update: { m: "beta1 * m + (1 - beta1) * gradient", v: "beta2 * v + (1 - beta2) * gradient^2" },
} satisfies Partial<OptimizerSpec>;

/** The step with bias correction. */
export const ADAM_STEP = "learningRate / (1 - beta1^k) * m / (sqrt(v) * (1 / sqrt(1 - beta2^k)) + epsilon)";

/**
 * Adam.
 * @throws SpikevineError if an option is out of range.
 */
export function adam(options: AdamOptions = {}): OptimizerDefinition {
  check([options]);
  const { biasCorrection = true, ...values } = options;
  return defineOptimizer({
    name: "adam",
    summary: "Running mean of the gradient divided by the root of its running mean square.",
    source: `Kingma and Ba 2015, algorithm 1${biasCorrection ? "" : ", without bias correction"}`,
    ...ADAM,
    weight: biasCorrection ? `weight - ${ADAM_STEP}` : "weight - learningRate * m / (sqrt(v) + epsilon)",
  }).with(values);
}
