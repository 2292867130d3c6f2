import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Expression, ONE, schedule, ZERO } from "../language/expression.js";
import { add, divide, formalSubstitute, multiply, negate } from "../language/formal.js";
import type { Integrator } from "./integrator.js";

/**
 * For dx/dt = c + (a0 + a1) x, linear in x: decay at a constant rate a0 (a leak) is evaluated at the beginning of the step,
 * decay at a changing rate a1 (a signal, a conductance) at its end:
 * x' = ((1 + a0 dt) x + c dt) / (1 - a1 dt).
 *
 * For any changing rate, x stays positive if x and c are positive and dt is below the time constant of the constant rate. The\n
 * * fixed point is that of the equation. If no rate changes, the scheme equals forward Euler.
 * Source: eq. 17 of Yang and Li 2022; in general the first-order implicit-explicit scheme of Ascher, Ruuth and Wetton.
 */
export const semiImplicit: Integrator = {
  name: "semiImplicit",
  summary: "((1 + a0 dt) x + c dt) / (1 - a1 dt) for dx/dt = c + (a0 + a1) x, a0 constant and a1 changing",
  source:
    "Y. Yang and P. Li, arXiv 2212.09440 (2022), eq. 17; U. Ascher, S. Ruuth and B. Wetton, SIAM J. Numer. Anal. 32 (1995) 797-823",
  order: 1,
  step({ rate, variable, dt, isConstant, where }) {
    const a = derivative(rate, variable);
    if (schedule([a]).includes(variable)) {
      throw new SpikevineError(
        `${where} is not linear in "${variable.name}", which semiImplicit needs; use the integrator forwardEuler.`,
      );
    }
    const terms = termsOf(a);
    const explicit = terms.filter(isConstant).reduce(add, ZERO);
    const implicit = terms.filter((term) => !isConstant(term)).reduce(add, ZERO);
    const inflow = formalSubstitute(rate, new Map([[variable, ZERO]]));
    const numerator = add(multiply(add(ONE, multiply(explicit, dt)), variable), multiply(inflow, dt));
    return divide(numerator, add(ONE, multiply(negate(implicit), dt)));
  },
};

/** The terms of a sum, with signs, and with quotients of sums taken apart. */
function termsOf(e: Expression): Expression[] {
  if (e.kind !== "operation") return [e];
  const [a, b] = e.operands as [Expression, Expression];
  switch (e.operator) {
    case "add":
      return [...termsOf(a), ...termsOf(b)];
    case "subtract":
      return [...termsOf(a), ...termsOf(b).map(negate)];
    case "negate":
      return termsOf(a).map(negate);
    case "divide":
      return termsOf(a).map((term) => divide(term, b));
    default:
      return [e];
  }
}
