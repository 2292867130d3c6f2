import { derivative } from "../analysis/differentiate.js";
import { COMPOSED } from "../language/composed-functions.js";
import { type Expression, type NamedSymbol, ONE, operation, schedule, select, ZERO } from "../language/expression.js";
import { add, divide, formalSubstitute, multiply, subtract } from "../language/formal.js";
import { forwardEuler } from "./forward-euler.js";
import type { IntegrationProblem, Integrator } from "./integrator.js";

/**
 * x + f(x) (exp(a dt) - 1) / a with a = df/dx: exact for an equation that is linear in its own variable and whose other
 * terms are constant during the step, and stable at any dt. The coefficient a may depend on other states, which keep their
 * values from the beginning of the step. If a depends on x itself, the equation is linearized around x at the beginning of
 * the step (the exponential Rosenbrock-Euler scheme, of order 2 for a single equation). If a is 0, the scheme equals forward
 * Euler. A condition at the top of the equation (`refractory ? 0 : ...`) is evaluated once, at the beginning of the step.
 * Source: Rotter and Diesmann 1999 (exact integration); MacGregor 1987, sec. 14.C; linearized: D. Pope, Communications of the
 * ACM 6 (1963) 491-493.
 */
export const exponentialEuler: Integrator = {
  name: "exponentialEuler",
  summary: "x + f(x) (exp(a dt) - 1) / a, a = df/dx",
  source: "S. Rotter and M. Diesmann, Biological Cybernetics 81 (1999) 381-402",
  order: 1,
  step,
};

const exprel = (x: Expression): Expression => COMPOSED.get("exprel")!.build(x);

/** Tells if a rate is linear in its own variable, in each branch of conditions at its top. */
export function isConditionallyLinear(rate: Expression, variable: NamedSymbol): boolean {
  if (rate.kind === "operation" && rate.operator === "select") {
    return rate.operands.slice(1).every((branch) => isConditionallyLinear(branch, variable));
  }
  return !schedule([derivative(rate, variable)]).includes(variable);
}

function step(problem: IntegrationProblem): Expression {
  const { rate, variable, dt, isConstant } = problem;
  if (rate.kind === "operation" && rate.operator === "select") {
    const [condition, whenTrue, whenFalse] = rate.operands as [Expression, Expression, Expression];
    return select(condition, step({ ...problem, rate: whenTrue }), step({ ...problem, rate: whenFalse }));
  }
  const a = derivative(rate, variable);
  if (a === ZERO) return forwardEuler.step(problem);
  // Such an a passes through 0, where (exp(a dt) - 1) / a loses its digits.
  if (schedule([a]).includes(variable)) return add(variable, multiply(rate, multiply(dt, exprel(multiply(a, dt)))));
  const decay = operation("exp", multiply(a, dt));
  const growth = subtract(decay, ONE);
  if (a.kind === "constant") {
    // With numeric parameters, the shortest form is the remaining fraction of x plus the contribution of the other terms.
    const rest = formalSubstitute(rate, new Map<Expression, Expression>([[variable, ZERO]]));
    return add(multiply(decay, variable), multiply(rest, divide(growth, a)));
  }
  if (isConstant(a)) return add(variable, multiply(rate, divide(growth, a)));
  // The divisor is 1 if a is 0, so that neither the value nor its adjoint contains 0 / 0.
  const isZero = operation("equal", a, ZERO);
  const length = select(isZero, dt, divide(growth, select(isZero, ONE, a)));
  return add(variable, multiply(rate, length));
}
