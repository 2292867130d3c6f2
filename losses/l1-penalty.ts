import { fields, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, TERM, type TermOptions } from "./term.js";

export type L1PenaltyOptions = Pick<TermOptions, "weight" | "layers">;

const check = signature("l1Penalty", {
  options: optional(fields<L1PenaltyOptions>({ weight: TERM.weight, layers: TERM.layers }, { root: "options" })),
});

const definition = defineLoss({
  name: "l1-penalty",
  summary: "Sum of the absolute values of the weights.",
  source: "R. Tibshirani, Journal of the Royal Statistical Society B 58 (1996) 267-288",
  penalty: "abs(weight)",
});

/**
 * Sum of the absolute values of the weights of layers, recurrent ones included; biases are not penalized. The derivative at 0 is 0.
 * @param options `weight`: factor of the term, default 1; `layers`: names or "all", default "all".
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function l1Penalty(options: L1PenaltyOptions = {}): LossTerm {
  check([options]);
  return lossTerm(definition, { layers: "all", ...options });
}
