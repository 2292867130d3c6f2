import {
  defineOptimizer,
  type OptimizerDefinition,
  type OptimizerSpec,
} from "../src/equations/definitions/optimizer.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

export interface MomentumOptions {
  learningRate?: number;
  /** Fraction of the velocity that is kept, in [0, 1). */
  momentum?: number;
}

const parameters: OptimizerSpec["parameters"] = {
  learningRate: { value: 0.001, min: 0, summary: "step along the velocity" },
  momentum: {
    value: 0.9,
    min: 0,
    max: 1,
    exclusiveMax: true,
    summary: "fraction of the velocity that an update keeps",
  },
};
const states = { velocity: { initial: 0, summary: "decaying sum of gradients" } };
const update = { velocity: "momentum * velocity + gradient" };

/**
 * Heavy-ball momentum.
 * @throws SpikevineError if an option is out of range.
 */
export const momentum = (options: MomentumOptions = {}): OptimizerDefinition =>
  defineOptimizer({
    name: "momentum",
    summary: "Gradient descent with heavy-ball momentum.",
    source: "Polyak 1964; the undamped form of Sutskever et al. 2013",
    parameters,
    states,
    update,
    weight: "weight - learningRate * velocity",
  }).with(options as ParameterValues);

/**
 * Nesterov's accelerated gradient: the gradient is evaluated ahead, along the velocity.
 * @throws SpikevineError if an option is out of range.
 */
export const nesterov = (options: MomentumOptions = {}): OptimizerDefinition =>
  defineOptimizer({
    name: "nesterov",
    summary: "Gradient descent with Nesterov momentum.",
    source: "Nesterov 1983; Sutskever et al. 2013, eq. 3-4, in the form that evaluates the gradient at the weights",
    parameters,
    states,
    update,
    weight: "weight - learningRate * (gradient + momentum * velocity)",
  }).with(options as ParameterValues);
