import { spikeCount } from "../networks/readout.js";
import { fields, number, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, splitTerm, TERM } from "./term.js";

export interface MeanSquaredCountOptions {
  /** Fraction of the steps in which the unit of the correct class fires, in [0, 1]. Default: 1. */
  readonly correct?: number;
  /** Fraction of the steps in which every other unit fires, in [0, 1]. Default: 0. */
  readonly incorrect?: number;
  /** Factor of the term, above 0. Default: 1. */
  readonly weight?: number;
}

const fraction = number({ least: 0, most: 1 });
const check = signature("meanSquaredCount", {
  options: optional(
    fields<MeanSquaredCountOptions>(
      { correct: optional(fraction), incorrect: optional(fraction), weight: TERM.weight },
      { root: "options" },
    ),
  ),
});

const definition = defineLoss({
  name: "mean-squared-count",
  summary: "Squared difference of the spike counts and target counts of the correct and the other classes, per step.",
  source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054 (snnTorch, mse_count_loss)",
  parameters: {
    correct: { value: 1, min: 0, max: 1, summary: "fraction of the steps in which the correct unit fires" },
    incorrect: { value: 0, min: 0, max: 1, summary: "fraction of the steps in which the others fire" },
  },
  // In a population code, a class has the spikes of several units.
  loss: "(y - floor(steps * units * (target > 0.5 ? correct : incorrect)))^2 / steps",
});

/**
 * Mean squared error of spike counts, divided by the steps: the units of the correct class should fire in `correct` of the
 * steps, the others in `incorrect`. Target counts are rounded down. It reads the spike count, whatever the network's read-out
 * is. The same as snnTorch's `mse_count_loss`.
 * @param options `correct`: default 1; `incorrect`: default 0; `weight`: factor of the term, default 1.
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function meanSquaredCount(options: MeanSquaredCountOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition.with({ ...values }), { of: spikeCount(), ...term });
}
