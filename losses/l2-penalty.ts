import { fields, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, TERM, type TermOptions } from "./term.js";

export type L2PenaltyOptions = Pick<TermOptions, "weight" | "layers">;

const check = signature("l2Penalty", {
  options: optional(fields<L2PenaltyOptions>({ weight: TERM.weight, layers: TERM.layers }, { root: "options" })),
});

const definition = defineLoss({
  name: "l2-penalty",
  summary: "Sum of the squares of the weights.",
  source: "A. Krogh and J. Hertz, NIPS 4 (1991) 950-957",
  penalty: "weight^2",
});

/**
 * Sum of the squares of the weights of layers, recurrent ones included; biases are not penalized. Its gradient is 2 weight, so `weight` is half of what `weightDecay` calls decay.
 * @param options `weight`: factor of the term, default 1; `layers`: names or "all", default "all".
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function l2Penalty(options: L2PenaltyOptions = {}): LossTerm {
  check([options]);
  return lossTerm(definition, { layers: "all", ...options });
}
