import { defineRule, type RuleDefinition } from "../src/equations/rule.js";

export interface BioAdamOptions {
  /** gamma, the size of the step. */
  learningRate?: number;
  /** tau_m in updates, at least 1. */
  tauM?: number;
  /** tau_rho in updates, at least 1. */
  tauRho?: number;
  /** R, the resting level of rho. 1e8 as in the paper; 1e5 to 1e6 suits spiking networks better. */
  rhoRest?: number;
  /** Largest |m rho| in one update; off by default, as in the paper. */
  cap?: number;
}

/**
 * Bio-Adam: Adam as two substances in every synapse, in the paper's discrete form. m follows the gradient; rho, which
 * starts at 1 and rests at R, is used up by |gradient| and settles at 1 / (|gradient| + 1/R).
 *
 * Eq. 17 is semi-implicit in rho and keeps it in (0, R] at any gradient.
 * @throws SpikevineError if an option is out of range.
 */
export const bioAdam = ({ cap, ...values }: BioAdamOptions = {}): RuleDefinition =>
  defineRule({
    name: "bio-adam",
    summary: "Adam as the continuous-time dynamics of two substances, m and rho, in every synapse.",
    source: "Yang and Li 2022 (arXiv 2212.09440), algorithm 1, eq. 9 and 17",
    parameters: {
      learningRate: { value: 1e-4, min: 0, summary: "gamma, the size of the step" },
      tauM: { value: 10, min: 1, summary: "tau_m, time constant of m in updates" },
      tauRho: { value: 1000, min: 1, summary: "tau_rho, time constant of rho in updates" },
      rhoRest: { value: 1e8, min: 0, exclusiveMin: true, summary: "R, resting level of rho" },
      ...(cap === undefined ? {} : { cap: { value: cap, min: 0, exclusiveMin: true, summary: "largest |m rho|" } }),
    },
    states: {
      m: { initial: 0, summary: "m = (m- - m+) / 2, follows the gradient" },
      rho: { initial: 1, summary: "rho, used up by the size of the gradient" },
    },
    update: {
      m: "(1 - 1 / tauM) * m + gradient * (1 / tauM)",
      rho: "((tauRho - 1) * rho + rhoRest) / (tauRho + rhoRest * abs(gradient))",
    },
    weight: `weight - learningRate * ${cap === undefined ? "m * rho" : "clip(m * rho, -cap, cap)"}`,
  }).with(values);
