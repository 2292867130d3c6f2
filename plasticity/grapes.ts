import { SpikevineError, unknownName } from "../src/errors.js";
import { drawBits, rowKey, STREAM } from "../src/random/counter.js";
import type { Modulation, Place } from "./optimiser.js";

export interface GrapesOptions {
  /**
   * `propagating` (default): the modulated error is handed to the layer below; `local` (eq. 3): only the layer's own
   * weight changes are modulated.
   */
  version?: "propagating" | "local";
  /**
   * Controls that tell where a gain comes from: `uniform` gives every unit of a layer the layer's mean factor,
   * `shuffled` gives each unit the factor of another, newly permuted at every update.
   */
  control?: "none" | "uniform" | "shuffled";
}

/**
 * GRAPES: the error of every hidden unit is multiplied by its importance, the summed absolute weight of its incoming
 * synapses: m_n = clip(2 i_n / max i, 1, 2), i_n = sum_pre |W[pre, n]|. The output layer is not modulated. Factors are
 * recomputed after every update.
 *
 * Source: Dellaferrera et al. 2022 (arXiv 2104.11604), eq. 1 to 3. Eq. 2 prints `min`; text and code bound from below.
 * @throws SpikevineError for an unknown version or control.
 */
export function grapes({ version = "propagating", control = "none" }: GrapesOptions = {}): Modulation {
  if (version !== "propagating" && version !== "local") {
    throw unknownName("GRAPES version", version, ["propagating", "local"]);
  }
  if (control !== "none" && control !== "uniform" && control !== "shuffled") {
    throw unknownName("GRAPES control", control, ["none", "uniform", "shuffled"]);
  }
  return {
    kind: "modulation",
    name: control === "none" ? `grapes-${version}` : `grapes-${version}-${control}`,
    version,
    factors(importance, place) {
      const factors = importanceFactors(importance, place.layer);
      if (control === "uniform") return factors.fill(factors.reduce((sum, m) => sum + m, 0) / factors.length);
      return control === "shuffled" ? shuffle(factors, place) : factors;
    },
  };
}

/**
 * Eq. 2: from importance `[units]` to factors `[units]` in [1, 2]. A layer without any weight has factor 1.
 * @throws SpikevineError if an importance is not finite: a weight has overflowed.
 */
export function importanceFactors(importance: Float32Array, layer = 0): Float32Array {
  let largest = 0;
  for (const [n, i] of importance.entries()) {
    if (!Number.isFinite(i)) {
      throw new SpikevineError(
        `plasticity/grapes: the importance of unit ${n} of layer ${layer + 1} is ${i}; a weight has overflowed: lower the learning rate.`,
      );
    }
    largest = Math.max(largest, i);
  }
  return importance.map((i) => (largest === 0 ? 1 : Math.min(2, Math.max(1, (2 * i) / largest))));
}

function shuffle(factors: Float32Array, { seed, update, layer }: Place): Float32Array {
  const key = rowKey(seed, STREAM.modulation, update, layer, 0);
  for (let i = factors.length - 1; i > 0; i--) {
    const j = Math.floor((drawBits(key, i) / 2 ** 32) * (i + 1));
    const swap = factors[i]!;
    factors[i] = factors[j]!;
    factors[j] = swap;
  }
  return factors;
}
