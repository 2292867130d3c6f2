import { fields, optional, quantity, signature, text } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { everyState } from "./input.js";
import { type LossTerm, lossTerm, splitTerm, TERM } from "./term.js";

export interface LargestPotentialOptions {
  /** State of the last layer. Default: "v". */
  readonly state?: string;
  /** Factor of the term, above 0. Default: 1. */
  readonly weight?: number;
  /** Value of the state that counts as 1, e.g. "1 mV". */
  readonly unit?: number | string;
}

const check = signature("largestPotential", {
  options: optional(
    fields<LargestPotentialOptions>(
      { state: optional(text('the name of a state, e.g. "v"')), weight: TERM.weight, unit: optional(quantity) },
      { root: "options" },
    ),
  ),
});

const definition = defineLoss({
  name: "largest-potential",
  summary: "Cross-entropy of the softmax of the largest membrane potentials.",
  source: "E. Neftci, H. Mostafa and F. Zenke, IEEE Signal Processing Magazine 36 (2019) 51-63; SpyTorch",
  loss: "-sum(target * logSoftmax(largestOverSteps(y)))",
});

/**
 * Cross-entropy of the largest membrane potential over the steps, before the reset; the derivative is that of the first step
 * of the largest value. The loss of SpyTorch, and snnTorch's `ce_max_membrane_loss`.
 * @param options `state`: default "v"; `weight`: factor of the term, default 1; `unit`: value of the state that counts as 1.
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function largestPotential(options: LargestPotentialOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition, { of: everyState(values.state ?? "v"), ...term });
}
