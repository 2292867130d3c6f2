import type { LossFunction } from "./loss.js";

/**
 * Squared error, sum_n (y_n - t_n)^2, with gradient 2 (y_n - t_n). It has no factor 1/2, so with reduction `mean` it is
 * the mean squared error over outputs and batch of the SNU's MNIST example (Wozniak et al. 2020, IBM/neuroaikit).
 */
export const meanSquaredError: LossFunction = (output, target, gradient) => {
  let value = 0;
  for (let n = 0; n < output.length; n++) {
    const difference = output[n]! - target[n]!;
    value += difference * difference;
    gradient[n] = 2 * difference;
  }
  return value;
};
