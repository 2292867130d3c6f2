import { SpikevineError } from "../../errors.js";
import { exactLinear } from "./exact-linear.js";
import { exponentialEuler, isConditionallyLinear } from "./exponential-euler.js";
import type { Integrator } from "./integrator.js";
import { rk4 } from "./rk4.js";
import type { CompositeIntegrator } from "./scheme.js";
import { eulerMaruyama, heun, isAdditive, milstein } from "./stochastic.js";
import type { SystemIntegrator, SystemProblem } from "./system.js";

/**
 * Chooses by the equations: `exactLinear` if they are linear with constant coefficients, `exponentialEuler` if every equation
 * is linear in its own variable, else `rk4`. With noise: `eulerMaruyama` if it is additive, else `milstein`, or, if a noise acts
 * through a state that another one drives, `heun` (Stratonovich) or `eulerMaruyama` (Ito).
 */
export const automatic: CompositeIntegrator = {
  name: "automatic",
  summary:
    "the first of exactLinear, exponentialEuler, rk4 that supports the equations; with noise of eulerMaruyama, milstein, heun",
  source: "in the manner of M. Stimberg, R. Brette and D. Goodman, eLife 8 (2019) e47314",
  parts: (problem) => [{ scheme: choose(problem), states: [...problem.rates.keys()] }],
};

function choose(problem: SystemProblem): Integrator | SystemIntegrator {
  const { rates, noise, dt } = problem;
  if (noise !== undefined && noise.names.length > 0) {
    if (isAdditive(rates, noise)) return eulerMaruyama;
    if (supports(milstein, problem)) return milstein;
    return noise.calculus === "ito" ? eulerMaruyama : heun;
  }
  if (dt.kind === "constant" && supports(exactLinear, problem)) return exactLinear;
  return [...rates].every(([x, rate]) => isConditionallyLinear(rate, x)) ? exponentialEuler : rk4;
}

function supports(scheme: SystemIntegrator, problem: SystemProblem): boolean {
  try {
    scheme.system(problem);
    return true;
  } catch (error) {
    if (error instanceof SpikevineError) return false;
    throw error;
  }
}
