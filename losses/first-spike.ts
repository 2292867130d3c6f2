import { fields, number, optional, signature } from "../src/arguments/index.js";
import { defineLoss } from "../src/equations/definitions/loss.js";
import { everyOutput } from "./input.js";
import { type LossTerm, lossTerm, splitTerm, TERM } from "./term.js";

export interface FirstSpikeOptions {
  /** Factor of the spike times, in steps, before the softmax; above 0. Default: 1. */
  readonly scale?: number;
  /** Factor of the term, above 0. Default: 1. */
  readonly weight?: number;
}

const check = signature("firstSpike", {
  options: optional(
    fields<FirstSpikeOptions>({ scale: optional(number({ above: 0 })), weight: TERM.weight }, { root: "options" }),
  ),
});

// A silent unit counts as one that fires in the last step. y - floor(y) is 0 for spikes and sums of spikes and has the slope 1,
// so the largest of the values over the steps has the derivative 1 by the output of the first spike.
const definition = defineLoss({
  name: "first-spike",
  summary: "Cross-entropy of the softmax of the negated times of the first spikes.",
  source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054 (snnTorch, ce_temporal_loss)",
  parameters: {
    scale: { value: 1, min: 0, exclusiveMin: true, summary: "factor of the times, in steps, before the softmax" },
  },
  loss: "-sum(target * logSoftmax(scale * largestOverSteps(y - floor(y) - (y > 0 or t == steps - 1 ? t : steps))))",
});

/**
 * Time to first spike: the unit of the correct class should fire first. Cross-entropy of the softmax of the negated times of
 * the first spikes, in steps. The derivative of a time by the output at the first spike is -1, and 0 by all other outputs
 * (a unit that never fires: at the last step), as in snnTorch's `ce_temporal_loss`.
 * @param options `scale`: factor of the times, default 1; `weight`: factor of the term, default 1.
 * @throws SpikevineError for an unknown option or a value outside its range.
 */
export function firstSpike(options: FirstSpikeOptions = {}): LossTerm {
  check([options]);
  const { term, values } = splitTerm(options);
  return lossTerm(definition.with({ ...values }), { of: everyOutput(), ...term });
}
