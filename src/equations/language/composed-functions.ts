import {
  add,
  constant,
  divide,
  type Expression,
  isCondition,
  multiply,
  negate,
  ONE,
  operation,
  select,
  subtract,
} from "./expression.js";

/** A function that is written with other operations, so that no device needs to know it. */
export interface ComposedFunction {
  readonly arity: number;
  /** `pure`: the arguments and the value have no unit; `alike`: all have the same unit. */
  readonly unit: "pure" | "alike";
  readonly build: (...operands: readonly Expression[]) => Expression;
}

const exp = (x: Expression): Expression => operation("exp", x);
const abs = (x: Expression): Expression => operation("abs", x);
const isBelow = (x: Expression, bound: number): Expression => operation("less", x, constant(bound));

/** c0 + c1 x + c2 x^2 ... */
const polynomial = (x: Expression, coefficients: readonly number[]): Expression =>
  coefficients
    .slice(0, -1)
    .reduceRight<Expression>((sum, c) => add(constant(c), multiply(x, sum)), constant(coefficients.at(-1)!));

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const series = (length: number, argument: (k: number) => number): number[] =>
  Array.from({ length }, (_, k) => 1 / factorial(argument(k)));

/** (exp(x) - 1) / x, and 1 at 0. The difference loses digits for a small x, which has a series. */
function exprel(x: Expression): Expression {
  const isSmall = isBelow(abs(x), 0.5);
  const quotient = divide(subtract(exp(x), ONE), select(isSmall, ONE, x));
  return select(
    isSmall,
    polynomial(
      x,
      series(14, (k) => k + 1),
    ),
    quotient,
  );
}

/** (exp(x) - exp(-x)) / 2, by the series for a small x. */
function sinh(x: Expression): Expression {
  const e = exp(x);
  const odd = multiply(
    x,
    polynomial(
      multiply(x, x),
      series(9, (k) => 2 * k + 1),
    ),
  );
  return select(isBelow(abs(x), 1), odd, multiply(constant(0.5), subtract(e, divide(ONE, e))));
}

function cosh(x: Expression): Expression {
  const e = exp(abs(x));
  return multiply(constant(0.5), add(e, divide(ONE, e)));
}

/**
 * log(1 + x): the rounding of 1 + x is taken back by the ratio of x and the rounded sum less 1.
 * Source: W. Kahan, in N. Higham, Accuracy and Stability of Numerical Algorithms (2002), sec. 1.14.1.
 */
function log1p(x: Expression): Expression {
  const sum = add(ONE, x);
  const added = subtract(sum, ONE);
  const logarithm = operation("log", sum);
  const isNothing = operation("equal", sum, ONE);
  const corrected = select(isNothing, x, multiply(logarithm, divide(x, select(isNothing, ONE, added))));
  return select(isBelow(x, 1), corrected, logarithm);
}

/** The whole number towards 0; a condition is 0 or 1 already. */
function int(x: Expression): Expression {
  return isCondition(x) ? x : multiply(operation("sign", x), operation("floor", abs(x)));
}

/** Functions by name. */
export const COMPOSED: ReadonlyMap<string, ComposedFunction> = new Map<string, ComposedFunction>([
  ["clip", { arity: 3, unit: "alike", build: (x, low, high) => operation("min", operation("max", x!, low!), high!) }],
  ["mod", { arity: 2, unit: "alike", build: (x, by) => subtract(x!, multiply(by!, floorOf(divide(x!, by!)))) }],
  ["int", { arity: 1, unit: "pure", build: (x) => int(x!) }],
  ["ceil", { arity: 1, unit: "pure", build: (x) => negate(floorOf(negate(x!))) }],
  ["exprel", { arity: 1, unit: "pure", build: (x) => exprel(x!) }],
  ["expm1", { arity: 1, unit: "pure", build: (x) => multiply(x!, exprel(x!)) }],
  ["log1p", { arity: 1, unit: "pure", build: (x) => log1p(x!) }],
  ["log10", { arity: 1, unit: "pure", build: (x) => divide(operation("log", x!), constant(Math.LN10)) }],
  ["sinh", { arity: 1, unit: "pure", build: (x) => sinh(x!) }],
  ["cosh", { arity: 1, unit: "pure", build: (x) => cosh(x!) }],
  ["tan", { arity: 1, unit: "pure", build: (x) => divide(operation("sin", x!), operation("cos", x!)) }],
]);

function floorOf(x: Expression): Expression {
  return operation("floor", x);
}
