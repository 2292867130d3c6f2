import { unknownName } from "../../errors.js";
import { crossEntropy } from "./cross-entropy.js";
import type { LossFunction } from "./loss.js";
import { meanSquaredError } from "./mean-squared-error.js";

export type { LossFunction } from "./loss.js";
export { crossEntropy, meanSquaredError };

/** The losses by the name that a plan, a file or a flag gives them. */
export const losses: Readonly<Record<string, LossFunction>> = Object.freeze({
  "cross-entropy": crossEntropy,
  "mean-squared-error": meanSquaredError,
});

/** Throws a SpikevineError that names the known losses when there is none of this name. */
export function lossByName(name: string): LossFunction {
  const loss = Object.hasOwn(losses, name) ? losses[name] : undefined;
  if (loss === undefined) throw unknownName("loss", name, Object.keys(losses));
  return loss;
}
