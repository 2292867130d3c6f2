import { SpikevineError } from "../src/errors.js";
import type { GradientTransform } from "./optimiser.js";

/**
 * L2 regularisation of the weight matrices: gradient + decay * weight.
 * @throws SpikevineError if `decay` is negative or not finite.
 */
export function weightDecay(decay: number): GradientTransform {
  if (!(decay >= 0 && Number.isFinite(decay))) {
    throw new SpikevineError(`plasticity/weight-decay: decay is ${decay}; give a number of at least 0.`);
  }
  return {
    kind: "gradient",
    name: "weight-decay",
    equation: "gradient + weightDecay * weight",
    extras: { weightDecay: decay },
    appliesTo: "weights",
  };
}
