import type { Network } from "../../../networks/network.js";
import { SpikevineError } from "../../errors.js";
import { gradientOf } from "../plan/backward.js";
import { type LossPlan, lossPlan, reportedLoss, valueSignal } from "./operations.js";
import { type LossOption, termsOf } from "./option.js";
import { type PenaltyPlan, penaltyPlan } from "./penalties.js";
import { type PlacedTerm, placeTerms, type Reduction, type TargetRows } from "./placed-terms.js";
import { termNames } from "./term-values.js";

/** The loss of a training, derived for a network. */
export interface NetworkLoss {
  readonly terms: readonly PlacedTerm[];
  readonly plan: LossPlan;
  readonly penalties: PenaltyPlan;
  /** States of a layer that the loss reads. */
  states(layer: string): readonly string[];
  /** True if a term reads targets. */
  readonly usesTargets: boolean;
  /** Names of the terms, penalties included. */
  readonly names: readonly string[];
  /**
   * The terms of the loss of a run as they are reported: summed over samples, 0 for penalties.
   * @param sums Sum over the samples of every term's values, by the name of its signal.
   */
  reported(sums: ReadonlyMap<string, number>, samples: number): number[];
  /** Names of the signals with the values of the terms. */
  readonly values: readonly string[];
}

/**
 * Derives the loss of a training.
 * @throws SpikevineError if a term does not fit the network.
 */
export function networkLoss(
  network: Network,
  option: LossOption,
  reduction: Reduction,
  targets: TargetRows,
): NetworkLoss {
  const given = termsOf(option);
  const terms = placeTerms(network, given, targets);
  if (terms.length === 0) {
    throw new SpikevineError(
      "train: the loss consists of penalties of weights alone; add a loss, e.g. crossEntropy().",
    );
  }
  const values = terms.map((_, index) => valueSignal(index));
  return {
    terms,
    plan: lossPlan(network, terms, reduction, network.steps),
    penalties: penaltyPlan(network, given, gradientOf),
    states: (layer) =>
      terms.flatMap(({ node, input }) => (node.name === layer && "state" in input ? [input.state as string] : [])),
    usesTargets: terms.some(({ kernel }) => kernel.target !== "none"),
    names: termNames(given),
    values,
    reported(sums, samples) {
      const found = given.map(() => 0);
      terms.forEach((term, i) => {
        found[term.index]! += reportedLoss(term, sums.get(values[i]!)!, reduction, samples);
      });
      return found;
    },
  };
}
