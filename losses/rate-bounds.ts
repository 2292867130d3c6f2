import { spikeRate } from "../networks/readout.js";
import { fields, number, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { type LossTerm, lossTerm, splitTerm, TERM, type TermOptions } from "./term.js";

export interface RateBoundsOptions extends Pick<TermOptions, "weight" | "layers"> {
  /** Least rate of every unit, spikes per step. Default: 0, no bound. */
  readonly lower?: number;
  /** Largest mean rate of a layer, spikes per step. Default: 1. */
  readonly upper?: number;
}

const check = signature("rateBounds", {
  options: optional(
    fields<RateBoundsOptions>(
      {
        lower: optional(number({ least: 0 })),
        upper: optional(number({ least: 0 })),
        weight: TERM.weight,
        layers: TERM.layers,
      },
      { root: "options" },
    ),
  ),
});

const definition = defineLoss({
  name: "rate-bounds",
  summary:
    "Squared distances of the units' rates below a lower bound and of the layer's mean rate above an upper bound.",
  source: "F. Zenke and T. Vogels, Neural Computation 33 (2021) 899-925",
  parameters: {
    lower: { value: 0, min: 0, summary: "least rate of every unit, spikes per step" },
    upper: { value: 1, min: 0, summary: "largest mean rate of the layer, spikes per step" },
  },
  loss: "mean(relu(lower - y)^2) + relu(mean(y) - upper)^2",
});

/**
 * Bounds of spike rates: units that fire too little are pushed up one by one, a layer that fires too much on average is
 * pushed down. Rates are mean outputs over the steps of a sample. Layers add up.
 * @param options `lower`: least rate of every unit, default 0; `upper`: largest mean rate of a layer, default 1; `weight`:
 * factor, default 1; `layers`: names or "all", default "all".
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function rateBounds(options: RateBoundsOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition.with({ ...values }), { of: spikeRate(), layers: "all", ...term });
}
