import { advance, advanceParts, loopsOf, requireOneScheme } from "./advance.js";
import { automatic } from "./automatic.js";
import { isScheme, readScheme } from "./by-state.js";
import { dormandPrince } from "./dormand-prince.js";
import { exactLinear } from "./exact-linear.js";
import { exponentialEuler } from "./exponential-euler.js";
import { forwardEuler } from "./forward-euler.js";
import type { Integrator } from "./integrator.js";
import { rk2 } from "./rk2.js";
import { rk4 } from "./rk4.js";
import { needsNumbers, partsOf, schemeNames } from "./scheme.js";
import { semiImplicit } from "./semi-implicit.js";
import { eulerMaruyama, heun, isAdditive, milstein } from "./stochastic.js";
import type { SystemIntegrator } from "./system.js";

export type { Schemes } from "./by-state.js";
export type { AdaptiveIntegrator, DormandPrinceOptions } from "./dormand-prince.js";
export type { IntegrationProblem, Integrator } from "./integrator.js";
export type { Loop } from "./loop.js";
export { formulasOf, mapLoop } from "./loop.js";
export type { CompositeIntegrator, Part, Scheme } from "./scheme.js";
export type { Calculus, NoiseProblem, SystemIntegrator, SystemProblem } from "./system.js";
export {
  advance,
  advanceParts,
  automatic,
  dormandPrince,
  eulerMaruyama,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  heun,
  isAdditive,
  isScheme,
  loopsOf,
  milstein,
  needsNumbers,
  partsOf,
  readScheme,
  requireOneScheme,
  rk2,
  rk4,
  schemeNames,
  semiImplicit,
};

export const integrators: Readonly<Record<string, Integrator>> = { exponentialEuler, forwardEuler, semiImplicit };

/** Schemes that integrate all equations of a definition together. */
export const systemIntegrators: Readonly<Record<string, SystemIntegrator>> = {
  eulerMaruyama,
  exactLinear,
  heun,
  milstein,
  rk2,
  rk4,
};
