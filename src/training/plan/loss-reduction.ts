import type { Loss } from "../../device/contract.js";

/**
 * Divisor of the loss of a run. A cross-entropy belongs to a sample as a whole, so its mean is over the batch only, not
 * over outputs.
 */
export function reductionOf(loss: string, reduction: Loss["reduction"]): Loss["reduction"] {
  return loss === "cross-entropy" && reduction === "mean" ? "batch" : reduction;
}

/** The reported value is one number per sample, whatever the reduction; a squared error is averaged over outputs. */
export function reportedLoss(loss: string, summedOverOutputs: number, outputs: number): number {
  return loss === "cross-entropy" ? summedOverOutputs : summedOverOutputs / outputs;
}

/** Sum over outputs that corresponds to the value of a run. */
export function unreduced(value: number, reduction: Loss["reduction"], samples: number, outputs: number): number {
  return reduction === "sum" ? value : value * samples * (reduction === "mean" ? outputs : 1);
}
