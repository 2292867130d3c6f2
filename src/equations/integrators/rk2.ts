import { constant, type Expression, substitute } from "../language/expression.js";
import { add, divide, multiply } from "../language/formal.js";
import type { SystemIntegrator } from "./system.js";

/**
 * The midpoint scheme of order 2 for all equations together: two evaluations of the rates per step, the second at the
 * middle that forward Euler predicts. Inputs are constant during the step.
 * Source: C. Runge, Mathematische Annalen 46 (1895) 167-178.
 */
export const rk2: SystemIntegrator = {
  name: "rk2",
  summary: "x + dt f(m), m = x + f(x) dt / 2",
  source: "C. Runge, Math. Ann. 46 (1895) 167-178",
  order: 2,
  movesTime: true,
  system({ rates, dt }) {
    const half = divide(dt, constant(2));
    const middle = new Map<Expression, Expression>([...rates].map(([x, rate]) => [x, add(x, multiply(half, rate))]));
    return new Map([...rates].map(([x, rate]) => [x, add(x, multiply(dt, substitute(rate, middle)))]));
  },
};
