import { choice, fields, kind, number, optional, signature, tagOf, whole } from "../src/arguments/index.js";
import { DivergenceError } from "../src/errors.js";
import { drawBits, rowKey, STREAM } from "../src/random/counter.js";
import type { DrawKey, Modulation } from "./optimizer.js";

export interface GrapesOptions {
  /**
   * `propagating` (default): the modulated error is propagated to other layers; `local` (eq. 3): only the layer's own weight
   * changes are modulated. With direct feedback alignment, where errors come directly from the output, the two are the same.
   */
  version?: "propagating" | "local";
  /**
   * Controls that show the cause of a gain: `uniform` gives every unit of a layer the layer's mean factor,
   * `shuffled` gives each unit the factor of another, newly permuted at every update.
   */
  control?: "none" | "uniform" | "shuffled";
  /**
   * `below` (default): no factor is below 1; `none`: factors are from 0 to 2, as in the authors' code for feedback alignment,
   * direct and indirect.
   */
  bound?: "below" | "none";
  /**
   * Weights that determine the importance of a unit, and the errors that its factor multiplies.
   * - `incoming` (default; eq. 1): its incoming weights; the factor multiplies its error, in every hidden layer.
   * - `outgoing` (eq. 6): its outgoing weights; the factor multiplies the changes of these weights if they lead to a hidden layer,
   *   and the unit's error if it is in neither the first nor the last hidden layer. The authors' code does this with direct
   *   feedback alignment. Needs two hidden layers.
   */
  grouping?: "incoming" | "outgoing";
  /**
   * Units that dropout removes for the first sample of a batch. `modulated` (default): like all others; `unmodulated`, as in\n
   * * the authors' code: their importance in that batch is 0, hence m = 1 (0 with the bound `none`).
   */
  dropped?: "modulated" | "unmodulated";
}

const check = signature("plasticity/grapes", {
  options: fields<GrapesOptions>(
    {
      version: optional(choice(["propagating", "local"])),
      control: optional(choice(["none", "uniform", "shuffled"])),
      bound: optional(choice(["below", "none"])),
      grouping: optional(choice(["incoming", "outgoing"])),
      dropped: optional(choice(["modulated", "unmodulated"])),
    },
    { root: "options" },
  ),
});
const checkFactors = signature("importanceFactors", {
  importance: kind("a Float32Array", (value) => tagOf(value) === "Float32Array"),
  layer: whole(0),
  lowest: number({ least: 0, most: 2 }),
});

/**
 * GRAPES: the error of every hidden unit is multiplied by its importance, the summed absolute weight of its incoming
 * synapses: m_n = clip(2 i_n / max i, 1, 2), i_n = sum_pre |W[pre, n]|. The output layer is not modulated. Factors are
 * recomputed after every update. In a recurrent layer, importance is that of the weights from the previous layer, and
 * errors that are backpropagated through time inside the layer are not modulated.
 *
 * Source: Dellaferrera et al. 2022 (arXiv 2104.11604), eq. 1 to 3 and 6, and the authors' code (IBM/GRAPES). Eq. 2 prints
 * `min`; text and code bound from below.
 * @throws SpikevineError for an unknown choice.
 */
export function grapes(options: GrapesOptions = {}): Modulation {
  check([options]);
  const { version = "propagating", control = "none", bound = "below" } = options;
  const { grouping = "incoming", dropped = "modulated" } = options;
  const others = [grouping === "outgoing" ? grouping : "", bound === "none" ? "unbounded" : ""];
  return {
    kind: "modulation",
    name: ["grapes", version, ...others, control === "none" ? "" : control].filter(Boolean).join("-"),
    version,
    grouping,
    dropped,
    factors(importance, place) {
      const factors = importanceFactors(importance, place.layer, bound === "below" ? 1 : 0);
      if (control === "uniform") return factors.fill(factors.reduce((sum, m) => sum + m, 0) / factors.length);
      return control === "shuffled" ? shuffle(factors, place) : factors;
    },
  };
}

/**
 * Eq. 2: from importance `[units]` to factors `[units]` from `lowest` to 2. A layer without any weight has factor 1.
 * @throws SpikevineError if an importance is not finite: a weight has overflowed.
 */
export function importanceFactors(importance: Float32Array, layer = 0, lowest = 1): Float32Array {
  checkFactors([importance, layer, lowest]);
  let largest = 0;
  for (let n = 0; n < importance.length; n++) {
    const i = importance[n]!;
    if (!Number.isFinite(i)) {
      throw new DivergenceError(
        `plasticity/grapes: the importance of unit ${n} of layer ${layer + 1} is ${i}; a weight has overflowed: lower the learning rate.`,
      );
    }
    if (i > largest) largest = i;
  }
  const factors = new Float32Array(importance.length).fill(1);
  if (largest === 0) return factors;
  for (let n = 0; n < factors.length; n++) {
    factors[n] = Math.min(2, Math.max(lowest, (2 * importance[n]!) / largest));
  }
  return factors;
}

function shuffle(factors: Float32Array, { seed, update, layer }: DrawKey): Float32Array {
  const key = rowKey(seed, STREAM.modulation, update, layer, 0);
  for (let i = factors.length - 1; i > 0; i--) {
    const j = Math.floor((drawBits(key, i) / 2 ** 32) * (i + 1));
    const swap = factors[i]!;
    factors[i] = factors[j]!;
    factors[j] = swap;
  }
  return factors;
}
