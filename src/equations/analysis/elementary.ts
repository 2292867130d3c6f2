import { type Expression, operation, select, substitute, symbol, ZERO } from "../language/expression.js";
import { derivative as mathDerivative } from "../language/mathjs.js";
import { asSymbols, parseEquation } from "../language/parse.js";

/** Ordinary functions of one variable, whose derivatives are taken from mathjs's symbolic differentiation. */
const ELEMENTARY = ["exp", "log", "sqrt", "sin", "cos", "atan"] as const;
export type Elementary = (typeof ELEMENTARY)[number];

export const isElementary = (operator: string): operator is Elementary =>
  (ELEMENTARY as readonly string[]).includes(operator);

const known = new Map<string, Expression>();

/** d(text)/d(variable) over the symbols u and w, computed by mathjs once. */
function fromMathjs(text: string, variable: "u" | "w"): Expression {
  const key = `${text} by ${variable}`;
  let found = known.get(key);
  if (found === undefined) {
    found = parseEquation(mathDerivative(text, variable).toString(), asSymbols(["u", "w"]), `derivative of ${text}`);
    known.set(key, found);
  }
  return found;
}

/** f'(u) of an elementary function. */
export const elementaryDerivative = (operator: Elementary, u: Expression): Expression =>
  substitute(fromMathjs(`${operator}(u)`, "u"), new Map<Expression, Expression>([[symbol("u"), u]]));

/**
 * Derivative of base ^ exponent by one of the two. It is 0 where the value is constant: for the exponent 0 by the base, and for
 * the base 0 by an exponent above 0. The derivative by the exponent needs a base of at least 0.
 */
export function powerDerivative(base: Expression, exponent: Expression, by: "base" | "exponent"): Expression {
  const slope = substitute(
    fromMathjs("u ^ w", by === "base" ? "u" : "w"),
    new Map<Expression, Expression>([
      [symbol("u"), base],
      [symbol("w"), exponent],
    ]),
  );
  if (by === "base") return select(exponent, slope, ZERO);
  return select(operation("or", base, operation("less", exponent, ZERO)), slope, ZERO);
}
