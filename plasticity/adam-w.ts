import { fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineOptimizer, type OptimizerDefinition } from "../src/equations/definitions/optimizer.js";
import { ADAM, ADAM_STEP, type AdamOptions } from "./adam.js";

export interface AdamWOptions extends Omit<AdamOptions, "biasCorrection"> {
  /** Fraction of a weight that an update removes, per learning rate. Default: 0.01. */
  weightDecay?: number;
}

const check = signature("plasticity/adam-w", {
  options: fields<AdamWOptions>(
    {
      learningRate: optional(quantity),
      beta1: optional(quantity),
      beta2: optional(quantity),
      epsilon: optional(quantity),
      weightDecay: optional(quantity),
    },
    { root: "options" },
  ),
});

/**
 * Adam with decoupled weight decay: the decay does not pass through the running means. Weights and recurrent weights
 * decay; other trained arrays do so only where `train`'s `weightDecays` names them.
 * @throws SpikevineError if an option is out of range.
 * Source: I. Loshchilov and F. Hutter, ICLR 2019 (arXiv 1711.05101), algorithm 2, with the schedule on the decay as well.
 */
export function adamW(options: AdamWOptions = {}): OptimizerDefinition {
  check([options]);
  return defineOptimizer({
    name: "adam-w",
    summary: "Adam with decoupled weight decay.",
    source:
      "Loshchilov and Hutter 2019 (arXiv 1711.05101), algorithm 2; as in PyTorch, the decay is multiplied by the learning rate",
    parameters: {
      ...ADAM.parameters,
      weightDecay: { value: 0.01, min: 0, summary: "fraction of a weight that an update removes, per learning rate" },
    },
    states: ADAM.states,
    update: ADAM.update,
    weight: `weight - learningRate * weightDecay * weight - ${ADAM_STEP}`,
    offSynapses: { weightDecay: 0 },
  }).with({ ...options });
}
