import {
  constant,
  type Expression,
  isCondition,
  negate,
  ONE,
  type Operator,
  operation,
  ZERO,
} from "../../../equations/language/expression.js";

/**
 * Rewrites formulas into cheaper ones that are equal up to rounding. A division takes as long as ten products, and
 * neurons divide by constants and compare quotients with 0.
 */
export class StrengthReducer {
  readonly #done = new Map<Expression, Expression>();

  reduceStrength(e: Expression): Expression {
    if (e.kind !== "operation") return e;
    const known = this.#done.get(e);
    if (known !== undefined) return known;
    const made = rewrite(
      e.operator,
      e.operands.map((operand) => this.reduceStrength(operand)),
    );
    this.#done.set(e, made);
    return made;
  }
}

function rewrite(operator: Operator, operands: readonly Expression[]): Expression {
  const [a, b] = operands as [Expression, Expression];
  switch (operator) {
    case "divide":
      if (b.kind === "constant" && b.value !== 0 && Number.isFinite(1 / b.value)) return scaled(1 / b.value, a);
      break;
    case "multiply":
      if (a.kind === "constant") return scaled(a.value, b);
      if (b.kind === "constant") return scaled(b.value, a);
      break;
    case "negate":
      if (a.kind === "operation" && a.operator === "multiply" && a.operands[0]!.kind === "constant")
        return scaled(-1, a);
      break;
    case "step":
    case "spike":
      return isAboveZero(a);
    case "less":
      if (a === ZERO && isCondition(b)) return b;
      break;
    default:
      break;
  }
  return operation(operator, ...operands);
}

/** factor * e, combined with the factors of e. */
function scaled(factor: number, e: Expression): Expression {
  if (e.kind === "operation") {
    const [a, b] = e.operands as [Expression, Expression];
    if (e.operator === "multiply" && a.kind === "constant") return scaled(factor * a.value, b);
    if (e.operator === "negate") return scaled(-factor, a);
  }
  if (factor === -1) return negate(e);
  return operation("multiply", constant(factor), e);
}

/** Tells if e is above 0, without computing e. */
function isAboveZero(e: Expression): Expression {
  if (e.kind === "constant") return e.value > 0 ? ONE : ZERO;
  if (e.kind === "symbol") return operation("less", ZERO, e);
  const [a, b, c] = e.operands as [Expression, Expression, Expression];
  if (isCondition(e)) return e;
  switch (e.operator) {
    case "multiply":
      if (a.kind === "constant" && a.value > 0) return isAboveZero(b);
      break;
    case "subtract":
      return operation("less", b, a);
    case "select":
      if (c.kind === "constant" || b.kind === "constant") {
        const yes = operation("and", a, isAboveZero(b));
        const no = operation("and", operation("not", a), isAboveZero(c));
        if (b.kind === "constant" && b.value <= 0) return no;
        if (c.kind === "constant" && c.value <= 0) return yes;
      }
      break;
    default:
      break;
  }
  return operation("less", ZERO, e);
}
