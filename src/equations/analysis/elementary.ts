import { type Expression, operation, select, substitute, symbol, ZERO } from "../language/expression.js";
import { asSymbols, parseEquation } from "../language/parse.js";

/** Ordinary functions of one variable. */
const ELEMENTARY = ["exp", "log", "sqrt", "sin", "cos", "atan"] as const;
export type Elementary = (typeof ELEMENTARY)[number];

export const isElementary = (operator: string): operator is Elementary =>
  (ELEMENTARY as readonly string[]).includes(operator);

/** Their derivatives over u, and those of u ^ w over u and w. Source: M. Abramowitz and I. Stegun (1964), secs. 4.1 to 4.4. */
const DERIVATIVES = {
  exp: "exp(u)",
  log: "1 / u",
  sqrt: "1 / (2 * sqrt(u))",
  sin: "cos(u)",
  cos: "-sin(u)",
  atan: "1 / (u ^ 2 + 1)",
  base: "w * u ^ (w - 1)",
  exponent: "u ^ w * log(u)",
} as const;

const known = new Map<string, Expression>();

function derivativeOf(name: keyof typeof DERIVATIVES): Expression {
  let found = known.get(name);
  if (found === undefined) {
    found = parseEquation(DERIVATIVES[name], asSymbols(["u", "w"]), `derivative of ${name}`);
    known.set(name, found);
  }
  return found;
}

/** f'(u) of an elementary function. */
export const elementaryDerivative = (operator: Elementary, u: Expression): Expression =>
  substitute(derivativeOf(operator), new Map<Expression, Expression>([[symbol("u"), u]]));

/**
 * Derivative of base ^ exponent by one of the two. It is 0 where the value is constant: for the exponent 0 by the base, and for
 * the base 0 by an exponent above 0. The derivative by the exponent needs a base of at least 0.
 */
export function powerDerivative(base: Expression, exponent: Expression, by: "base" | "exponent"): Expression {
  const slope = substitute(
    derivativeOf(by),
    new Map<Expression, Expression>([
      [symbol("u"), base],
      [symbol("w"), exponent],
    ]),
  );
  if (by === "base") return select(exponent, slope, ZERO);
  return select(operation("or", base, operation("less", exponent, ZERO)), slope, ZERO);
}
