import { spikeRate } from "../networks/readout.js";
import { fields, number, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, splitTerm, TERM, type TermOptions } from "./term.js";

export interface RateRegularizationOptions extends Pick<TermOptions, "weight" | "layers"> {
  /** Target rate, spikes per step. Default: 0. */
  readonly rate?: number;
  /** Exponent of the difference: 1 (L1) or more. Default: 2 (L2). */
  readonly power?: number;
}

const check = signature("rateRegularization", {
  options: optional(
    fields<RateRegularizationOptions>(
      {
        rate: optional(number({ least: 0 })),
        power: optional(number({ least: 1 })),
        weight: TERM.weight,
        layers: TERM.layers,
      },
      { root: "options" },
    ),
  ),
});

const definition = defineLoss({
  name: "rate-regularization",
  summary: "Distance of every unit's spike rate from a target rate, averaged over units.",
  source: "G. Bellec et al., NeurIPS 2018 (regularization of firing rates towards a target)",
  parameters: {
    rate: { value: 0, min: 0, summary: "target rate, spikes per step" },
    power: { value: 2, min: 1, summary: "exponent of the difference: 1 (L1), 2 (L2)" },
  },
  loss: "mean(abs(y - rate)^power)",
});

/**
 * Spike-rate regularization: the mean over the units of a layer of |rate of the unit - target rate|^power. The rate of a unit
 * is its mean output over the steps of a sample. Layers add up.
 * @param options `rate`: target, spikes per step, default 0; `power`: 1 or 2, default 2; `weight`: factor, default 1;
 * `layers`: names or "all", default "all".
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function rateRegularization(options: RateRegularizationOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition.with({ ...values }), { of: spikeRate(), layers: "all", ...term });
}
