import { defineOptimizer, type OptimizerDefinition } from "../src/equations/definitions/optimizer.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

export interface RmspropOptions {
  learningRate?: number;
  /** Memory of the mean square, in [0, 1). */
  decay?: number;
  epsilon?: number;
}

/**
 * RMSprop: the gradient divided by the root of its running mean square. `decay` is 0.9 as in the lecture; PyTorch's default is
 * 0.99.
 * @throws SpikevineError if an option is out of range.
 */
export const rmsprop = (options: RmspropOptions = {}): OptimizerDefinition =>
  defineOptimizer({
    name: "rmsprop",
    summary: "The gradient divided by the root of its running mean square.",
    source: "Tieleman and Hinton 2012, lecture 6.5",
    parameters: {
      learningRate: { value: 0.001, min: 0, summary: "step size" },
      decay: { value: 0.9, min: 0, max: 1, exclusiveMax: true, summary: "memory of the mean square" },
      epsilon: { value: 1e-8, min: 0, exclusiveMin: true, summary: "makes the division finite" },
    },
    states: { v: { initial: 0, summary: "running mean of the squared gradient" } },
    update: { v: "decay * v + (1 - decay) * gradient^2" },
    weight: "weight - learningRate * gradient / (sqrt(v) + epsilon)",
  }).with(options as ParameterValues);
