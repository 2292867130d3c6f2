import { fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, splitTerm, TERM, type TermOptions } from "./term.js";

export interface CrossEntropyOptions extends Omit<TermOptions, "layers"> {
  /** Factor of the outputs before the softmax; default 1. A rate, at most 1, needs a larger one, e.g. 10. */
  readonly scale?: number | string;
}

const { layers: _, ...ONE_LAYER } = TERM;
const check = signature("crossEntropy", {
  options: optional(fields<CrossEntropyOptions>({ ...ONE_LAYER, scale: optional(quantity) }, { root: "options" })),
});

const definition = defineLoss({
  name: "cross-entropy",
  summary: "Cross-entropy of the softmax of the outputs and the target.",
  source: "J. Bridle, NIPS 2 (1989) 211-217",
  parameters: {
    scale: { value: 1, min: 0, exclusiveMin: true, summary: "factor of the outputs before the softmax" },
  },
  loss: "-sum(target * logSoftmax(scale * y))",
});

/**
 * Cross-entropy, -sum_n target_n log softmax(scale y)_n. Its mean is over samples, and over steps where it reads every step.
 * `crossEntropy()` of a spike count is snnTorch's `ce_count_loss`, of `everyOutput()` its `ce_rate_loss`; of `everyState("v")`
 * it is the loss on the membrane potential of snnTorch's tutorials.
 * @param options `scale`: factor of the outputs, default 1; `weight`, `of` and `unit` as for `lossTerm`.
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition.with({ ...values }), term);
}
