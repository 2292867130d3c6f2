import { choice, fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineOptimizer, type OptimizerDefinition } from "../src/equations/definitions/optimizer.js";
import { exponentialEuler, forwardEuler, type Integrator, semiImplicit } from "../src/equations/integrators/index.js";
import { SpikevineError } from "../src/errors.js";
import { RHO_RATE } from "./bio-adam-dynamics.js";
import {
  NO_PREDISPOSITION,
  PREDISPOSITION,
  type PredispositionOptions,
  predisposition,
  temperature,
} from "./predisposition.js";

export interface BioAdamOptions {
  /** gamma, the size of the step. */
  learningRate?: number;
  /** tau_m, in the unit of `interval`: with the default interval, in updates. */
  tauM?: number;
  /** tau_rho, in the unit of `interval`. */
  tauRho?: number;
  /** R, the resting level of rho. Default: 1e6, which suits spiking networks; the paper has 1e8. */
  rhoRest?: number;
  /** Time between two updates, during which the gradient is constant. Default: 1. */
  interval?: number;
  /**
   * Integrator of m and rho over that time: `semi-implicit` (default), the paper's eq. 17, for intervals up to tau;
   * `exact`, the solution, for any interval; `forward-euler`, unstable where interval (1 + R |gradient|) is above
   * 2 tau_rho, which training reports.
   */
  integrator?: keyof typeof INTEGRATORS;
  /**
   * Weights grow in size more slowly than they shrink, so that synapses with the same gradients become alike. Biases and
   * thresholds are not synapses and have no predisposition.
   */
  predisposition?: PredispositionOptions;
  /** Largest |m rho| in one update; off by default, as in the paper. */
  cap?: number;
}

const INTEGRATORS = {
  "semi-implicit": semiImplicit,
  exact: exponentialEuler,
  "forward-euler": forwardEuler,
} as const satisfies Record<string, Integrator>;

const check = signature("plasticity/bio-adam", {
  options: fields<BioAdamOptions>(
    {
      learningRate: optional(quantity),
      tauM: optional(quantity),
      tauRho: optional(quantity),
      rhoRest: optional(quantity),
      interval: optional(quantity),
      integrator: optional(choice(Object.keys(INTEGRATORS))),
      predisposition: optional(PREDISPOSITION),
      cap: optional(quantity),
    },
    { root: "options" },
  ),
});

/**
 * Bio-Adam: Adam as two substances in every synapse. m follows the gradient. rho starts at 1, rests at R, is consumed in
 * proportion to |gradient|, and settles at 1 / (|gradient| + 1/R). An update is the step of these dynamics over the time
 * between two updates; `bioAdamDynamics` is the same in continuous time.
 *
 * The default is semi-implicit in rho and keeps it in (0, R] at any gradient.
 * @throws SpikevineError if an option is out of range, or an interval is too long for its integrator.
 */
export function bioAdam(options: BioAdamOptions = {}): OptimizerDefinition {
  check([options]);
  const { cap, integrator = "semi-implicit", predisposition: predisposed, ...values } = options;
  const time = { min: 0, exclusiveMin: true } as const;
  const limit = {
    parameter: "rhoRest",
    advice:
      'forward Euler is unstable where interval * (1 + rhoRest * |gradient|) is above 2 * tauRho: use the integrator "semi-implicit" or "exact", a shorter interval or a smaller rhoRest',
  };
  const change = cap === undefined ? "m * rho" : "clip(m * rho, -cap, cap)";
  const recordsPathLength = predisposed?.pathLength === true;
  const rule = defineOptimizer({
    name: "bio-adam",
    summary: "Adam as the continuous-time dynamics of two substances, m and rho, in every synapse.",
    source: "Yang and Li 2022 (arXiv 2212.09440), algorithm 1, eq. 8, 15 and 17; predisposition: eq. 21 to 23",
    parameters: {
      learningRate: { value: 1e-4, min: 0, summary: "gamma, the size of the step" },
      tauM: { value: 10, ...time, summary: "tau_m, time constant of m" },
      tauRho: { value: 1000, ...time, summary: "tau_rho, time constant of rho" },
      rhoRest: { value: 1e6, ...time, summary: "R, resting level of rho" },
      interval: { value: 1, ...time, summary: "time between two updates" },
      ...(cap === undefined ? {} : { cap: { value: cap, ...time, summary: "largest |m rho|" } }),
      ...(predisposed === undefined ? {} : { temperature: temperature(predisposed.temperature) }),
    },
    states: {
      m: { initial: 0, summary: "m = (m- - m+) / 2, follows the gradient" },
      rho: {
        initial: 1,
        summary: "rho, consumed in proportion to the size of the gradient",
        ...(integrator === "forward-euler" ? { limit } : {}),
      },
      ...(recordsPathLength
        ? { pathLength: { initial: 0, summary: "sum of the sizes of all changes, before predisposition" } }
        : {}),
    },
    dynamics: {
      rates: { m: "1 / tauM * (gradient - m)", rho: RHO_RATE },
      integrator: INTEGRATORS[integrator],
      interval: "interval",
    },
    ...(recordsPathLength ? { update: { pathLength: `pathLength + abs(learningRate * ${change})` } } : {}),
    weight: `weight - learningRate * ${change}${predisposed === undefined ? "" : ` * ${predisposition("m")}`}`,
    ...(predisposed === undefined ? {} : { offSynapses: { temperature: NO_PREDISPOSITION } }),
  }).with(values);
  const { interval, tauM, tauRho } = rule.parameters;
  const shortest = Math.min(tauM!.value, tauRho!.value);
  if (integrator !== "exact" && interval!.value > shortest) {
    throw new SpikevineError(
      `plasticity/bio-adam: "interval" is ${interval!.value}, longer than a time constant (${shortest}); shorten it or use the integrator "exact".`,
    );
  }
  return rule;
}
