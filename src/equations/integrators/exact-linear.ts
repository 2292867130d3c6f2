import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { constant, type Expression, ZERO } from "../language/expression.js";
import { add, formalSubstitute, multiply } from "../language/formal.js";
import { isConditionallyLinear } from "./exponential-euler.js";
import { matrixExponential } from "./matrix-exponential.js";
import { byCondition, type SystemIntegrator, type SystemProblem } from "./system.js";

/**
 * The exact solution of a linear system dx/dt = A x + b whose A depends on parameters only and whose b (e.g. an input) is
 * constant during the step: x' = exp(A dt) x + (integral of exp(A s) over the step) b. Both matrices are computed once,
 * when the step is made, from the parameters' values; a step then costs one small matrix product.
 * Source: S. Rotter and M. Diesmann, Biological Cybernetics 81 (1999) 381-402; both matrices at once as one exponential:
 * C. Van Loan, IEEE Trans. Automatic Control 23 (1978) 395-404.
 */
export const exactLinear: SystemIntegrator = {
  name: "exactLinear",
  summary: "exp(A dt) x + (integral of exp(A s)) b for dx/dt = A x + b",
  source: "S. Rotter and M. Diesmann, Biological Cybernetics 81 (1999) 381-402",
  order: Number.POSITIVE_INFINITY,
  needsNumbers: true,
  system: (problem) => byCondition(problem, (branch) => step(branch, problem)),
};

function step({ rates, dt, where }: SystemProblem, whole: SystemProblem): ReturnType<SystemIntegrator["system"]> {
  const states = [...rates.keys()];
  if (states.length === 0) return new Map();
  const zeros = new Map<Expression, Expression>(states.map((x) => [x, ZERO]));
  const coefficients = states.map((x) =>
    states.map((by) => {
      const a = derivative(rates.get(x)!, by);
      if (a.kind === "constant") return a.value;
      throw new SpikevineError(
        `${where}: d${x.name}/dt is not linear in "${by.name}" with a constant factor, which exactLinear needs; use the integrator ${takenBy(whole)}.`,
      );
    }),
  );
  if (dt.kind !== "constant") throw new Error(`${where}: exactLinear needs the length of the step as a number`);
  const { propagator, response } = exponentials(coefficients, dt.value);
  const inflow = states.map((x) => formalSubstitute(rates.get(x)!, zeros));
  const row = (factors: readonly number[], values: readonly Expression[]): Expression =>
    factors.reduce<Expression>((sum, factor, j) => add(sum, multiply(constant(factor), values[j]!)), ZERO);
  return new Map(states.map((x, i) => [x, add(row(propagator[i]!, states), row(response[i]!, inflow))]));
}

/** Schemes for equations that exactLinear does not support. */
const takenBy = ({ rates }: SystemProblem): string =>
  [...rates].every(([x, rate]) => isConditionallyLinear(rate, x)) ? "exponentialEuler or rk4" : "rk4";

/** exp(A dt) and its integral over the step, read off exp([[A, 1], [0, 0]] dt). */
function exponentials(a: readonly (readonly number[])[], dt: number) {
  const n = a.length;
  const block = Array.from({ length: 2 * n }, (_, i) =>
    Array.from({ length: 2 * n }, (_, j) => (i >= n ? 0 : dt * (j < n ? a[i]![j]! : j - n === i ? 1 : 0))),
  );
  const result = matrixExponential(block);
  return {
    propagator: result.slice(0, n).map((line) => line.slice(0, n)),
    response: result.slice(0, n).map((line) => line.slice(n)),
  };
}
