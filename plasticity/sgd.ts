import { defineOptimizer, type OptimizerDefinition } from "../src/equations/definitions/optimizer.js";

/**
 * Stochastic gradient descent.
 * @throws SpikevineError if `learningRate` is not a number of at least 0.
 */
export const sgd = (options: { learningRate?: number } = {}): OptimizerDefinition =>
  defineOptimizer({
    name: "sgd",
    summary: "Stochastic gradient descent.",
    source: "Robbins and Monro 1951",
    parameters: { learningRate: { value: 0.01, min: 0, summary: "step along the negative gradient" } },
    weight: "weight - learningRate * gradient",
  }).with(options);
