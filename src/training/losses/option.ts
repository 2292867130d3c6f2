import { losses } from "../../../losses/index.js";
import { type LossTerm, lossTerm } from "../../../losses/term.js";
import { choice, either, list, made, type RequiredKind } from "../../arguments/index.js";
import { LOSS_DEFINITION, type LossDefinition } from "../../equations/definitions/loss.js";

type OneLoss = string | LossDefinition | LossTerm;

/** The loss of a training: a name, a definition or a term, or several terms that add up. */
export type LossOption = OneLoss | readonly OneLoss[];

const NAME: RequiredKind = { ...choice(Object.keys(losses)), claims: (value) => typeof value === "string" };
const ONE: RequiredKind = {
  ...either(NAME, made("a loss, e.g. crossEntropy()", "loss", "weight"), LOSS_DEFINITION),
  expects: 'a loss, e.g. "cross-entropy" or crossEntropy()',
};

/** The loss of a training as an argument. */
export const LOSS: RequiredKind = either(ONE, list(ONE, 1));

/** The terms of a loss option. */
export const termsOf = (option: LossOption): readonly LossTerm[] =>
  (Array.isArray(option) ? (option as readonly OneLoss[]) : [option as OneLoss]).map((one) => {
    if (typeof one === "string") return losses[one]!();
    return "kernel" in one ? lossTerm(one) : one;
  });
