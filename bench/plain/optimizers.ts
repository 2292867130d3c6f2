import { LEARNING_RATE, type Workload } from "../workloads.js";

/** Changes an array of parameters in place by its gradient. */
type Update = () => void;

/** The update of one array. */
export function plainUpdate(rule: Workload["rule"], weights: Float32Array, gradient: Float32Array): Update {
  return rule === "sgd" ? sgd(weights, gradient) : adam(weights, gradient);
}

function sgd(weights: Float32Array, gradient: Float32Array): Update {
  return () => {
    for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! - LEARNING_RATE.sgd * gradient[i]!;
  };
}

function adam(weights: Float32Array, gradient: Float32Array): Update {
  const mean = new Float32Array(weights.length);
  const square = new Float32Array(weights.length);
  let updates = 0;
  return () => {
    updates++;
    const scale = LEARNING_RATE.adam / (1 - 0.9 ** updates);
    const correction = 1 / Math.sqrt(1 - 0.999 ** updates);
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i]!;
      const m = 0.9 * mean[i]! + 0.1 * g;
      const v = 0.999 * square[i]! + 0.001 * g * g;
      mean[i] = m;
      square[i] = v;
      weights[i] = weights[i]! - (scale * m) / (Math.sqrt(v) * correction + 1e-8);
    }
  };
}
