import { exponentialEuler } from "./exponential-euler.js";
import { forwardEuler } from "./forward-euler.js";
import type { Integrator } from "./integrator.js";
import { semiImplicit } from "./semi-implicit.js";

export type { IntegrationProblem, Integrator } from "./integrator.js";
export { exponentialEuler, forwardEuler, semiImplicit };

export const integrators: Readonly<Record<string, Integrator>> = { exponentialEuler, forwardEuler, semiImplicit };
