import { type Expression, type Operator, operation, substitute, ZERO } from "./expression.js";

/**
 * The rules of algebra that hold for numbers but not for infinities, NaN and the sign of 0: 0 x = 0, 0 / x = 0,
 * x - x = 0, x + 0 = x. Derivatives and the schemes of integration are built with them: there, 0 means that a value does not
 * depend on another. Equations of definitions are not built with them, see `operation`.
 */
export function formalOperation(operator: Operator, ...operands: readonly Expression[]): Expression {
  const [a, b] = operands as [Expression, Expression];
  switch (operator) {
    case "add":
      if (isZero(a)) return b;
      if (isZero(b)) return a;
      break;
    case "subtract":
      if (isZero(a)) return negate(b);
      if (a === b) return ZERO;
      break;
    case "multiply":
      if (isZero(a) || isZero(b)) return ZERO;
      break;
    case "divide":
      if (isZero(a)) return ZERO;
      break;
    default:
      break;
  }
  const result = operation(operator, ...operands);
  return isZero(result) ? ZERO : result;
}

const isZero = (e: Expression): boolean => e.kind === "constant" && e.value === 0;

export const add = (a: Expression, b: Expression): Expression => formalOperation("add", a, b);
export const subtract = (a: Expression, b: Expression): Expression => formalOperation("subtract", a, b);
export const multiply = (a: Expression, b: Expression): Expression => formalOperation("multiply", a, b);
export const divide = (a: Expression, b: Expression): Expression => formalOperation("divide", a, b);
export const negate = (a: Expression): Expression => formalOperation("negate", a);

/** `substitute` with these rules. */
export const formalSubstitute = (e: Expression, replacements: ReadonlyMap<Expression, Expression>): Expression =>
  substitute(e, replacements, formalOperation);
