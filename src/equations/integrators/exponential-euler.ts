import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Expression, ONE, operation, schedule, select, ZERO } from "../language/expression.js";
import { add, divide, formalSubstitute, multiply, subtract } from "../language/formal.js";
import { forwardEuler } from "./forward-euler.js";
import type { IntegrationProblem, Integrator } from "./integrator.js";

/**
 * x + f(x) (exp(a dt) - 1) / a with a = df/dx: exact for an equation that is linear in its own variable and whose other
 * terms are constant during the step, and stable at any dt. If a is 0, it equals forward Euler.
 * A condition at the top of the equation (`refractory ? 0 : ...`) is evaluated once, at the beginning of the step.
 * Source: Rotter and Diesmann 1999 (exact integration); MacGregor 1987, sec. 14.C.
 */
export const exponentialEuler: Integrator = {
  name: "exponentialEuler",
  summary: "x + f(x) (exp(a dt) - 1) / a, a = df/dx",
  source: "S. Rotter and M. Diesmann, Biological Cybernetics 81 (1999) 381-402",
  order: 1,
  step,
};

function step(problem: IntegrationProblem): Expression {
  const { rate, variable, dt, isConstant, where } = problem;
  if (rate.kind === "operation" && rate.operator === "select") {
    const [condition, whenTrue, whenFalse] = rate.operands as [Expression, Expression, Expression];
    return select(condition, step({ ...problem, rate: whenTrue }), step({ ...problem, rate: whenFalse }));
  }
  const a = derivative(rate, variable);
  if (a === ZERO) return forwardEuler.step(problem);
  if (schedule([a]).includes(variable)) {
    throw new SpikevineError(
      `${where} is not linear in "${variable.name}", which exponentialEuler needs; use the integrator forwardEuler.`,
    );
  }
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
