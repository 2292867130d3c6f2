import { fields, optional, quantity, signature } from "../src/arguments/index.js";
import { EQUATION_SCHEME } from "../src/equations/definitions/argument-kinds.js";
import { defineSynapse, type SynapseDefinition } from "../src/equations/definitions/synapse.js";
import { exponentialEuler, type Integrator } from "../src/equations/integrators/index.js";
import { PREDISPOSITION, type PredispositionOptions, predisposition, temperature } from "./predisposition.js";

/** Eq. 15, in `rho`, `gradient`, `tauRho` and `rhoRest`; the optimizer integrates the same equation. */
export const RHO_RATE = "(rhoRest - rho) / tauRho - rhoRest / tauRho * abs(gradient) * rho";

export interface BioAdamDynamicsOptions {
  /** tau_m, e.g. "10 ms". */
  tauM?: number | string;
  /** tau_rho, e.g. "1000 ms". */
  tauRho?: number | string;
  /** R, the resting level of rho. */
  rhoRest?: number;
  /** Resting level of m+ and m-, which stay positive while |m| is below it. */
  mRest?: number;
  /** Change of weight per time and m rho, e.g. "0.1 Hz". Default: 0, the weight stays. */
  learningRate?: number | string;
  predisposition?: PredispositionOptions;
  /**
   * `exponentialEuler` (default): exact for a gradient that is constant during a step, at any dt. `semiImplicit`: the paper's
   * eq. 17,
   * stable below 2 tauM and 2 tauRho. `forwardEuler`: unstable from dt (1 + R |g|) = 2 tauRho on.
   */
  integrator?: Integrator;
}

const check = signature("plasticity/bio-adam-dynamics", {
  options: fields<BioAdamDynamicsOptions>(
    {
      tauM: optional(quantity),
      tauRho: optional(quantity),
      rhoRest: optional(quantity),
      mRest: optional(quantity),
      learningRate: optional(quantity),
      predisposition: optional(PREDISPOSITION),
      integrator: optional(EQUATION_SCHEME),
    },
    { root: "options" },
  ),
});

/**
 * Bio-Adam in continuous time: a gradient g drives m+ and m- in opposite directions and m is half their difference; rho is
 * consumed in proportion to |g|.
 *
 *     tau_m dm+/dt = m_rest - m+ - g,   tau_m dm-/dt = m_rest - m- + g,   m = (m- - m+) / 2
 *     tau_rho drho/dt = R - rho - R rho |g|,   dw/dt = -learningRate m rho
 *
 * m+ + m- stays 2 m_rest; rho settles at 1 / (|g| + 1/R). Each equation is linear in its own variable and independent of the
 * others, so the default step is exact for m+, m- and rho. The weight changes by m rho at the end of the step. With
 * learningRate =
 * gamma / dt and `semiImplicit`, one step is one update of the optimizer `bioAdam`.
 * Source: Yang and Li 2022 (arXiv 2212.09440), eq. 7 (m+ and m-), 8 (m), 15 (rho) and 17 (scheme).
 * @throws SpikevineError for a wrong unit or a value out of range.
 */
export function bioAdamDynamics(options: BioAdamDynamicsOptions = {}): SynapseDefinition {
  check([options]);
  const { predisposition: predisposed, integrator = exponentialEuler, ...values } = options;
  const time = { min: 0, exclusiveMin: true } as const;
  return defineSynapse({
    name: "bio-adam-dynamics",
    summary: "Bio-Adam as the continuous-time dynamics of m+, m- and rho in every synapse.",
    source: "Y. Yang and P. Li, arXiv 2212.09440 (2022), eq. 7, 8, 15 and 17",
    signal: { symbol: "gradient", summary: "gradient of the loss by the weight" },
    parameters: {
      tauM: { value: "10 ms", ...time, summary: "tau_m, time constant of m+ and m-" },
      tauRho: { value: "1000 ms", ...time, summary: "tau_rho, time constant of rho" },
      rhoRest: { value: 1e8, min: 0, exclusiveMin: true, summary: "R, resting level of rho" },
      mRest: { value: 1, min: 0, summary: "m_rest, resting level of m+ and m-" },
      learningRate: { value: "0 Hz", min: 0, summary: "change of weight per time and m rho" },
      ...(predisposed === undefined ? {} : { temperature: temperature(predisposed.temperature) }),
    },
    states: {
      mPlus: { initial: "mRest", summary: "m+, decreases with the gradient" },
      mMinus: { initial: "mRest", summary: "m-, increases with the gradient" },
      rho: { initial: 1, summary: "rho, consumed in proportion to the size of the gradient" },
    },
    derived: { m: { equation: "(mMinus - mPlus) / 2", summary: "follows the gradient" } },
    dynamics: {
      mPlus: "(mRest - mPlus - gradient) / tauM",
      mMinus: "(mRest - mMinus + gradient) / tauM",
      rho: RHO_RATE,
      weight: `-learningRate * m * rho${predisposed === undefined ? "" : ` * ${predisposition("m")}`}`,
    },
    integrator,
  }).with({ parameters: { ...values } });
}
