import { fields, flag, optional, quantity } from "../src/arguments/index.js";
import type { ParameterSpec } from "../src/equations/definitions/parameters.js";

export interface PredispositionOptions {
  /**
   * T, the absolute weight at which predisposition takes effect; above 0, in units of the weight. The paper uses 10 and 5; in
   * a small network, whose weights are below 1, a T of 0.05 to 1 has an effect.
   */
  temperature: number;
  /** Add up, for every synapse, the sizes of its changes, from which the first-order prediction of symmetry follows. */
  pathLength?: boolean;
}

/** Predisposition as an option. */
export const PREDISPOSITION = fields<PredispositionOptions>({
  temperature: quantity,
  pathLength: optional(flag),
});

/** T as a parameter of an optimizer or a synapse. */
export const temperature = (value: number): ParameterSpec => ({
  value,
  min: 0,
  exclusiveMin: true,
  summary: "T of predisposition, in units of the weight",
});

/** T without predisposition: so far above any weight that p is 1. */
export const NO_PREDISPOSITION = 1e30;

/**
 * Predisposition: the factor p on a change of weight by `-m`, in `weight` and `temperature`. A strong weight is
 * potentiated (m < 0) less, p = 2 / (1 + exp(w / T)), and depressed more, p = 2 / (1 + exp(-w / T)). Two synapses with the
 * same changes therefore become alike: to first order, each change multiplies their difference by 1 - |change| / (2T).
 * Source: Yang and Li 2022 (arXiv 2212.09440), eq. 21 to 23.
 */
export const predisposition = (m: string): string => `2 * sigmoid((${m} < 0 ? -weight : weight) / temperature)`;
