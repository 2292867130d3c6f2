import { fields, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, TERM, type TermOptions } from "./term.js";

export type MeanSquaredErrorOptions = Omit<TermOptions, "layers">;

const { layers: _, ...ONE_LAYER } = TERM;
const check = signature("meanSquaredError", {
  options: optional(fields<MeanSquaredErrorOptions>(ONE_LAYER, { root: "options" })),
});

const definition = defineLoss({
  name: "mean-squared-error",
  summary: "Squared difference of the outputs and the target.",
  source: "S. Wozniak et al., Nature Machine Intelligence 2 (2020) 325-336",
  loss: "(y - target)^2",
});

/**
 * Squared error, (y - target)^2. Its mean is over outputs and samples, and over steps where it reads every step. It has no
 * factor 1/2, so it is the mean squared error of the SNU's MNIST example (Wozniak et al. 2020, IBM/neuroaikit), and of
 * `everyState("v")` snnTorch's `mse_membrane_loss`.
 * @param options `weight`, `of` and `unit` as for `lossTerm`.
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function meanSquaredError(options: MeanSquaredErrorOptions = {}): LossTerm {
  check([options]);
  return lossTerm(definition, options);
}
