import { elementaryDerivative, isElementary, powerDerivative } from "./elementary.js";
import { type Expression, ONE, type Operation, operation, schedule, select, ZERO } from "./expression.js";
import { add, divide, multiply, negate, subtract } from "./formal.js";

/** A result whose derivative is wanted, and dL/d of it. */
export interface Seeded {
  readonly expression: Expression;
  readonly seed: Expression;
}

/** What stands for the derivative of a spike by its argument: the surrogate. */
export type SpikeDerivative = (z: Expression) => Expression;

const noSurrogate: SpikeDerivative = () => ZERO;

/**
 * Reverse-mode symbolic differentiation over the shared graph: dL/d of each variable, where L depends on the outputs
 * by their seeds. Each node is visited once, and rules are stated by a node's own value where that is possible
 * (relu: r > 0, sigmoid: r (1 - r)), so that an adjoint can work from stored results.
 *
 * Where a function has a corner, the derivative is one-sided by convention: relu and abs have 0 at 0; min and max pass
 * everything to the first operand when both are equal (so clip passes the derivative at its bounds). Steps, signs,
 * comparisons and conditions have the derivative 0.
 */
export function adjoint(
  outputs: readonly Seeded[],
  variables: readonly Expression[],
  spikeDerivative: SpikeDerivative = noSurrogate,
): Expression[] {
  const order = schedule(outputs.map((output) => output.expression));
  const active = new Set<Expression>(variables);
  for (const e of order) if (e.kind === "operation" && e.operands.some((o) => active.has(o))) active.add(e);

  const gradients = new Map<Expression, Expression>();
  const receive = (e: Expression, g: Expression): void => {
    if (active.has(e)) gradients.set(e, add(gradients.get(e) ?? ZERO, g));
  };
  for (const { expression, seed } of outputs) receive(expression, seed);
  for (const e of order.reverse()) {
    const g = gradients.get(e);
    if (g === undefined || g === ZERO || e.kind !== "operation") continue;
    e.operands.forEach((operand, i) => {
      if (active.has(operand)) receive(operand, partial(e, i, g, spikeDerivative));
    });
  }
  return variables.map((v) => gradients.get(v) ?? ZERO);
}

/** d(expression)/d(variable). */
export const derivative = (
  expression: Expression,
  variable: Expression,
  spikeDerivative: SpikeDerivative = noSurrogate,
): Expression => adjoint([{ expression, seed: ONE }], [variable], spikeDerivative)[0]!;

/** g * d(result)/d(operand i). */
function partial(result: Operation, i: number, g: Expression, spikeDerivative: SpikeDerivative): Expression {
  const { operator } = result;
  const [a, b] = result.operands as [Expression, Expression];
  if (isElementary(operator)) return multiply(g, elementaryDerivative(operator, a));
  switch (operator) {
    case "add":
      return g;
    case "subtract":
      return i === 0 ? g : negate(g);
    case "multiply":
      return multiply(g, i === 0 ? b : a);
    case "divide":
      return i === 0 ? divide(g, b) : negate(divide(multiply(g, result), b));
    case "negate":
      return negate(g);
    case "power":
      return multiply(g, powerDerivative(a, b, i === 0 ? "base" : "exponent"));
    case "tanh":
      return multiply(g, subtract(ONE, multiply(result, result)));
    case "sigmoid":
      return multiply(g, multiply(result, subtract(ONE, result)));
    case "relu":
      return multiply(g, operation("less", ZERO, result));
    case "abs":
      return multiply(g, operation("sign", a));
    case "spike":
      return multiply(g, spikeDerivative(a));
    case "min":
      return chosen(operation("lessEqual", a, b), i, g);
    case "max":
      // A leaky relu is as positive as its argument, so its own value tells the side and the argument need not be stored.
      return chosen(isLeakyRelu(a, b) ? operation("less", ZERO, result) : operation("lessEqual", b, a), i, g);
    case "select":
      return i === 0 ? ZERO : chosen(a, i - 1, g);
    default:
      // Steps, signs, floor, comparisons and logic are constant but for jumps.
      return ZERO;
  }
}

const chosen = (firstHolds: Expression, i: number, g: Expression): Expression =>
  i === 0 ? select(firstHolds, g, ZERO) : select(firstHolds, ZERO, g);

/** Whether max(a, b) is max(a, c * a) with 0 <= c < 1. */
function isLeakyRelu(a: Expression, b: Expression): boolean {
  if (b.kind !== "operation" || b.operator !== "multiply" || !b.operands.includes(a)) return false;
  const factor = b.operands.find((o) => o !== a);
  return factor?.kind === "constant" && factor.value >= 0 && factor.value < 1;
}
