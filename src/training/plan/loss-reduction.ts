import type { Loss } from "../../device/contract.js";

/**
 * What a run divides a loss by. A cross-entropy belongs to a sample as a whole: its mean is over the batch, not over
 * outputs as well.
 */
export function reductionOf(loss: string, reduction: Loss["reduction"]): Loss["reduction"] {
  return loss === "cross-entropy" && reduction === "mean" ? "batch" : reduction;
}

/** What is reported is one number a sample, whatever the reduction: averaged over outputs for a squared error. */
export function reportedLoss(loss: string, summedOverOutputs: number, outputs: number): number {
  return loss === "cross-entropy" ? summedOverOutputs : summedOverOutputs / outputs;
}

/** The sum over outputs that a run's value stands for. */
export function unreduced(value: number, reduction: Loss["reduction"], samples: number, outputs: number): number {
  return reduction === "sum" ? value : value * samples * (reduction === "mean" ? outputs : 1);
}
