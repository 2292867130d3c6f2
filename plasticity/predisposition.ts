import { fields, flag, optional, quantity } from "../src/arguments/index.js";
import type { ParameterSpec } from "../src/equations/definitions/parameters.js";

export interface PredispositionOptions {
  /**
   * T, the size of weight at which predisposition is felt; above 0, in units of the weight. The paper uses 10 and 5; in a
   * small network, whose weights are below 1, T of 0.05 to 1 does something.
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

/** T as a parameter of a rule or a synapse. */
export const temperature = (value: number): ParameterSpec => ({
  value,
  min: 0,
  exclusiveMin: true,
  summary: "T of predisposition, in units of the weight",
});

/** T where predisposition has no part: so far above any weight that p is 1. */
export const NO_PREDISPOSITION = 1e30;

/**
 * Predisposition: the factor p on a change of weight by `-m`, in `weight` and `temperature`. A strong weight is
 * potentiated (m < 0) less, p = 2 / (1 + exp(w / T)), and depressed more, p = 2 / (1 + exp(-w / T)). Two synapses that get
 * the same changes therefore grow alike, to first order by 1 - |change| / (2T) each time.
 * Source: Yang and Li 2022 (arXiv 2212.09440), eq. 21 to 23.
 */
export const predisposition = (m: string): string => `2 * sigmoid((${m} < 0 ? -weight : weight) / temperature)`;
