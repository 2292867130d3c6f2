import { add, multiply } from "../language/formal.js";
import type { Integrator } from "./integrator.js";

/** x + f(x) dt. Stable only for steps well below the fastest time constant. Source: L. Euler 1768, §650. */
export const forwardEuler: Integrator = {
  name: "forwardEuler",
  summary: "x + f(x) dt",
  source: "L. Euler, Institutionum calculi integralis vol. 1 (1768), section 650",
  order: 1,
  stableUpTo: 2,
  step: ({ rate, variable, dt }) => add(variable, multiply(rate, dt)),
};
