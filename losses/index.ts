import { crossEntropy } from "./cross-entropy.js";
import { firstSpike } from "./first-spike.js";
import { l1Penalty } from "./l1-penalty.js";
import { l2Penalty } from "./l2-penalty.js";
import { largestPotential } from "./largest-potential.js";
import { meanSquaredCount } from "./mean-squared-count.js";
import { meanSquaredError } from "./mean-squared-error.js";
import { rateBounds } from "./rate-bounds.js";
import { rateRegularization } from "./rate-regularization.js";
import type { LossTerm } from "./term.js";

export { defineLoss, type LossDefinition, type LossSpec } from "../src/equations/definitions/loss.js";
export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.js";
export { type FirstSpikeOptions, firstSpike } from "./first-spike.js";
export { type EveryOutput, type EveryState, everyOutput, everyState, type LossInput } from "./input.js";
export { type L1PenaltyOptions, l1Penalty } from "./l1-penalty.js";
export { type L2PenaltyOptions, l2Penalty } from "./l2-penalty.js";
export { type LargestPotentialOptions, largestPotential } from "./largest-potential.js";
export { type MeanSquaredCountOptions, meanSquaredCount } from "./mean-squared-count.js";
export { type MeanSquaredErrorOptions, meanSquaredError } from "./mean-squared-error.js";
export { type RateBoundsOptions, rateBounds } from "./rate-bounds.js";
export { type RateRegularizationOptions, rateRegularization } from "./rate-regularization.js";
export { type LossTerm, lossTerm, type TermOptions } from "./term.js";

/** Losses by name, for commands and experiment files. */
export const losses: Readonly<Record<string, (options?: object) => LossTerm>> = Object.freeze({
  "cross-entropy": crossEntropy,
  "mean-squared-error": meanSquaredError,
  "mean-squared-count": meanSquaredCount,
  "first-spike": firstSpike,
  "largest-potential": largestPotential,
  "rate-regularization": rateRegularization,
  "rate-bounds": rateBounds,
  "l1-penalty": l1Penalty,
  "l2-penalty": l2Penalty,
});
