import { number, signature } from "../src/arguments/index.js";
import type { GradientTransform } from "./optimizer.js";

const check = signature("plasticity/weight-decay", { decay: number({ least: 0 }) });

/**
 * L2 regularization of the weight matrices: gradient + decay * weight, as PyTorch's `weight_decay`, but for weights and
 * recurrent weights only. The optimizer receives the sum (coupled decay), so that Adam divides the decay by the size of the
 * gradient as well.
 * @throws SpikevineError if `decay` is negative or not finite.
 */
export function weightDecay(decay: number): GradientTransform {
  check([decay]);
  return {
    kind: "gradient",
    name: "weight-decay",
    equation: "gradient + weightDecay * weight",
    extras: { weightDecay: decay },
    appliesTo: "weights",
  };
}
