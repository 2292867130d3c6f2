import { choice, signature } from "../../arguments/index.js";
import { crossEntropy } from "./cross-entropy.js";
import type { LossFunction } from "./loss.js";
import { meanSquaredError } from "./mean-squared-error.js";

export type { LossFunction } from "./loss.js";
export { crossEntropy, meanSquaredError };

/** The losses by their name in a plan, a file or a flag. */
export const losses: Readonly<Record<string, LossFunction>> = Object.freeze({
  "cross-entropy": crossEntropy,
  "mean-squared-error": meanSquaredError,
});

/** The name of a loss as an option. */
export const LOSS = choice(Object.keys(losses));

const check = signature("lossByName", { name: LOSS });

/**
 * Checks the name of a loss.
 * @throws SpikevineError naming the known losses if the name is unknown.
 */
export function lossByName(name: string): LossFunction {
  check([name]);
  return losses[name]!;
}
