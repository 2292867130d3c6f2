import type { LossFunction } from "./loss.js";

/**
 * Cross-entropy of the softmax of the outputs: -sum_n t_n log(softmax(y)_n), with gradient softmax(y)_n sum_m t_m - t_n
 * (softmax(y) - t if the targets add up to 1, as one-hot labels do).
 *
 * The largest output is subtracted first, so no exponential overflows and log of zero does not occur. Terms with t_n =
 * 0 are added like the others: 0 times an infinite output is NaN, which makes divergence visible.
 */
export const crossEntropy: LossFunction = (output, target, gradient) => {
  let largest = -Infinity;
  let weight = 0;
  for (let n = 0; n < output.length; n++) {
    largest = Math.max(largest, output[n]!);
    weight += target[n]!;
  }
  let total = 0;
  let matched = 0;
  for (let n = 0; n < output.length; n++) {
    const shifted = output[n]! - largest;
    total += Math.exp(shifted);
    matched += target[n]! * shifted;
  }
  for (let n = 0; n < output.length; n++) {
    gradient[n] = (Math.exp(output[n]! - largest) / total) * weight - target[n]!;
  }
  return weight * Math.log(total) - matched;
};
