import { fields, number, optional, signature } from "../src/arguments/index.js";
import type { GraphBuilder, Place } from "./graph-builder.js";

/** Batch normalization per channel, over the samples of a batch, steps and space. */
export interface BatchNormLayer {
  readonly kind: "batchNorm";
  readonly epsilon: number;
  readonly momentum: number;
}

export interface BatchNormOptions {
  /** Added to the variance. Default: 1e-5. */
  epsilon?: number;
  /** Weight of a batch in the running mean and variance. Default: 0.1. */
  momentum?: number;
}

const check = signature("batchNorm", {
  options: fields<BatchNormOptions>(
    { epsilon: optional(number({ above: 0 })), momentum: optional(number({ least: 0, most: 1 })) },
    { root: "options" },
  ),
});

/**
 * Normalizes every channel (every unit after a dense layer) to gain * (x - mean) / sqrt(variance + epsilon) + shift. Training
 * uses mean and variance of the batch, over samples, steps and space; evaluation uses running ones. Gain (initially 1) and
 * shift (initially 0) are trained.
 * Source: S. Ioffe and C. Szegedy, ICML 2015; over time: H. Zheng et al., AAAI 2021.
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNormLayer {
  check([options]);
  return { kind: "batchNorm", epsilon: options.epsilon ?? 1e-5, momentum: options.momentum ?? 0.1 };
}

/** Adds a normalization to a graph. */
export function connectBatchNorm(
  { epsilon, momentum }: BatchNormLayer,
  below: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  return graph.add({ kind: "normalize", name, index, from: below.node, shape: below.shape, epsilon, momentum });
}
