import { lossByName } from "../../training/losses/index.js";
import type { Loss } from "../contract.js";

/** Arrays of a batch's losses: outputs, targets and gradient are `[samples, outputs]`, value is `[samples]`. */
export interface LossBatch {
  readonly samples: number;
  readonly outputs: number;
  readonly from: LossArray;
  readonly target: LossArray;
  readonly gradient: LossArray;
  readonly value: LossArray;
}

type LossArray = Float32Array | Float64Array;

/**
 * Loss per sample and its gradient, both divided according to the reduction. It is a few numbers per sample, so every
 * device may compute it on the host.
 */
export function lossOnHost(operation: Pick<Loss, "loss" | "reduction">, batch: LossBatch): void {
  const loss = lossByName(operation.loss);
  const { samples, outputs } = batch;
  const divisors = { mean: outputs * samples, batch: samples, sum: 1 };
  const divisor = divisors[operation.reduction];
  for (let sample = 0; sample < samples; sample++) {
    const row = (array: LossArray): LossArray => array.subarray(sample * outputs, (sample + 1) * outputs);
    const gradient = row(batch.gradient);
    batch.value[sample] = loss(row(batch.from), row(batch.target), gradient) / divisor;
    for (let n = 0; n < outputs; n++) gradient[n] = gradient[n]! / divisor;
  }
}
