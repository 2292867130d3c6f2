import {
  type Expression,
  type Formulas,
  isCondition,
  ONE,
  type Operation,
  operation,
  schedule,
  select,
  ZERO,
} from "../language/expression.js";
import { add, divide, formalOperation, multiply, negate, subtract } from "../language/formal.js";
import { type Bounds, boundsWithin } from "./bounds.js";
import { elementaryDerivative, isElementary, powerDerivative } from "./elementary.js";

/** A result whose derivative is wanted, and dL/d of it. */
export interface Seeded {
  readonly expression: Expression;
  readonly seed: Expression;
}

/** The surrogate: it replaces the derivative of a spike by its argument. */
export type SpikeDerivative = (z: Expression) => Expression;

const noSurrogate: SpikeDerivative = () => ZERO;

export interface AdjointOptions {
  readonly spikeDerivative?: SpikeDerivative;
  /** Symbols that are constant while the equations run, e.g. a neuron's parameters. Default: none. */
  readonly fixed?: readonly string[];
}

/**
 * Reverse-mode symbolic differentiation over the shared graph: dL/d of each variable, where L depends on the outputs
 * by their seeds. Each node is visited once, and rules are stated by a node's own value where that is possible
 * (relu: r > 0, sigmoid: r (1 - r)), so that an adjoint can work from stored results.
 *
 * Where a function has a corner, the derivative is one-sided by convention: relu and abs have 0 at 0; min and max pass
 * everything to the first operand when both are equal (so clip passes the derivative at its bounds). Steps, signs,
 * comparisons and conditions have the derivative 0.
 *
 * An error of 0 (of a branch that is not taken, of an inactive relu) stays 0 even if a derivative in its path is not a finite\n
 * * number, like that of sqrt, log or 1/x at 0.
 */
export function adjoint(
  outputs: readonly Seeded[],
  variables: readonly Expression[],
  { spikeDerivative = noSurrogate, fixed = [] }: AdjointOptions = {},
): Expression[] {
  const order = schedule(outputs.map((output) => output.expression));
  const active = new Set<Expression>(variables);
  for (const e of order) if (e.kind === "operation" && e.operands.some((o) => active.has(o))) active.add(e);

  const finiteness = new Finiteness(fixed);
  const errors = new Map<Expression, Contribution>();
  const receive = (e: Expression, contribution: Contribution): void => {
    if (!active.has(e) || contribution.value === ZERO) return;
    const earlier = errors.get(e);
    errors.set(e, earlier === undefined ? contribution : sumOf(earlier, contribution));
  };
  for (const { expression, seed } of outputs) receive(expression, { value: seed, isCut: false });
  for (const e of order.reverse()) {
    const error = errors.get(e);
    if (error === undefined || error.value === ZERO || e.kind !== "operation") continue;
    e.operands.forEach((operand, i) => {
      if (active.has(operand)) receive(operand, contributionOf(e, i, error, spikeDerivative, finiteness));
    });
  }
  return variables.map((v) => errors.get(v)?.value ?? ZERO);
}

/** d(expression)/d(variable). */
export const derivative = (
  expression: Expression,
  variable: Expression,
  spikeDerivative: SpikeDerivative = noSurrogate,
): Expression => adjoint([{ expression, seed: ONE }], [variable], { spikeDerivative })[0]!;

/** One term of the error at a node. */
interface Contribution {
  readonly value: Expression;
  /** True if the term is 0 whenever a condition is false. */
  readonly isCut: boolean;
}

const sumOf = (a: Contribution, b: Contribution): Contribution => ({
  value: add(a.value, b.value),
  isCut: a.isCut && b.isCut,
});

/** Contribution of a result's error to the error at its operand i. */
function contributionOf(
  result: Operation,
  i: number,
  error: Contribution,
  spikeDerivative: SpikeDerivative,
  finiteness: Finiteness,
): Contribution {
  const { value: g } = error;
  const value = partial(result, i, g, spikeDerivative);
  if (CUTTING.has(result.operator)) return { value, isCut: true };
  const slope = result.operator === "spike" ? ONE : partial(result, i, ONE, spikeDerivative);
  const isGuarded = finiteness.mayFail(slope, error.isCut) && value.kind === "operation";
  const isCut = error.isCut || isCondition(slope);
  return isGuarded ? { value: select(g, value, ZERO), isCut } : { value, isCut };
}

/** Operations whose derivative is a choice. */
const CUTTING: ReadonlySet<string> = new Set(["relu", "abs", "min", "max", "select"]);

/** Values beyond this have diverged. */
const LARGEST_VALUE = 1e12;
const LARGEST_SINGLE = 3.4028234663852886e38;

/** Checks if a derivative is a finite number for all values of its symbols. */
class Finiteness {
  readonly #fixed: ReadonlySet<string>;
  readonly #anything = boundsWithin(anyValue);
  readonly #inUse = boundsWithin(anyValue, (e) => (this.#isFixed(e) ? FIXED_VALUE : undefined));
  readonly #known = new Map<Expression, boolean>();

  constructor(fixed: readonly string[]) {
    this.#fixed = new Set(fixed);
  }

  /**
   * True if 0 times the slope may be NaN although the forward pass is finite. Expressions of fixed symbols alone count as
   * finite and not 0, since any other value would make every step NaN, unless a condition excludes it.
   */
  mayFail(slope: Expression, isCut: boolean): boolean {
    const { low, high } = (isCut ? this.#anything : this.#inUse)(slope);
    return !(low >= -LARGEST_SINGLE && high <= LARGEST_SINGLE);
  }

  #isFixed(e: Expression): boolean {
    if (e.kind !== "operation") return e.kind === "symbol" && this.#fixed.has(e.name);
    let isFixed = this.#known.get(e);
    if (isFixed === undefined) {
      isFixed = e.operands.every((operand) => operand.kind === "constant" || this.#isFixed(operand));
      this.#known.set(e, isFixed);
    }
    return isFixed;
  }
}

const anyValue = (): Bounds => ({ low: -LARGEST_VALUE, high: LARGEST_VALUE });
/** For expressions of fixed symbols alone; signs are ignored. */
const FIXED_VALUE: Bounds = { low: 1e-4, high: 1e4 };

/**
 * The formula without the choices that keep an error of 0 at 0. Both are equal if all values are finite. Used for the texts
 * by which definitions are compared.
 */
export function withoutGuards(expression: Expression): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (e: Expression): Expression => {
    if (e.kind !== "operation") return e;
    let result = done.get(e);
    if (result === undefined) {
      const [guard, value, otherwise] = e.operands as [Expression, Expression, Expression];
      const isGuard = e.operator === "select" && otherwise === ZERO && vanishesWith(value, guard);
      result = isGuard ? visit(value) : formalOperation(e.operator, ...e.operands.map(visit));
      done.set(e, result);
    }
    return result;
  };
  return visit(expression);
}

/**
 * Formulas with choices in place of products with a condition c: `g * c` is g where c holds, `g * (1 - c)` is g where c does
 * not hold, and elsewhere they are 0, even where g is infinite or NaN. Every device computes formulas in this way.
 * @param conditions Symbols whose value is 1 or 0.
 */
export function chooseByConditions(formulas: Formulas, conditions: readonly string[] = []): Formulas {
  const holds = (e: Expression): boolean => isCondition(e) || (e.kind === "symbol" && conditions.includes(e.name));
  const done = new Map<Expression, Expression>();
  const visit = (e: Expression): Expression => {
    if (e.kind !== "operation") return e;
    let result = done.get(e);
    if (result === undefined) {
      const operands = e.operands.map(visit);
      const [a, b] = operands as [Expression, Expression];
      const choice = e.operator === "multiply" ? (choose(a, b, holds) ?? choose(b, a, holds)) : undefined;
      result = choice ?? operation(e.operator, ...operands);
      done.set(e, result);
    }
    return result;
  };
  return Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, visit(e)]));
}

/** The product of a value and a condition, or 1 less a condition, as a choice. */
function choose(value: Expression, factor: Expression, holds: (e: Expression) => boolean): Expression | undefined {
  if (holds(factor)) return select(factor, value, ZERO);
  if (factor.kind !== "operation" || factor.operator !== "subtract") return undefined;
  const [one, condition] = factor.operands as [Expression, Expression];
  return one === ONE && holds(condition) ? select(condition, ZERO, value) : undefined;
}

/** True if a formula has another (or its sign) as a factor. */
function vanishesWith(e: Expression, factor: Expression): boolean {
  if (e === factor) return true;
  if (e.kind !== "operation") return false;
  const [a, b] = e.operands as [Expression, Expression];
  switch (e.operator) {
    case "multiply":
      return vanishesWith(a, factor) || vanishesWith(b, factor);
    case "divide":
    case "negate":
      return vanishesWith(a, factor);
    case "sign":
      return a === factor;
    default:
      return false;
  }
}

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
      // A product with a condition is a choice, see `chooseByConditions`.
      return multiply(g, operation("less", ZERO, result));
    case "abs":
      return select(a, multiply(g, operation("sign", a)), ZERO);
    case "spike":
      return multiply(g, spikeDerivative(a));
    case "min":
      return chosen(operation("lessEqual", a, b), i, g);
    case "max":
      // A leaky relu has the sign of its argument, so its own value is enough and the argument need not be stored.
      return chosen(isLeakyRelu(a, b) ? operation("less", ZERO, result) : operation("lessEqual", b, a), i, g);
    case "select":
      return i === 0 ? ZERO : chosen(a, i - 1, g);
    default:
      // Steps, signs, floor, comparisons and logic are piecewise constant.
      return ZERO;
  }
}

const chosen = (firstHolds: Expression, i: number, g: Expression): Expression =>
  i === 0 ? select(firstHolds, g, ZERO) : select(firstHolds, ZERO, g);

/** True if max(a, b) is max(a, c * a) with 0 <= c < 1. */
function isLeakyRelu(a: Expression, b: Expression): boolean {
  if (b.kind !== "operation" || b.operator !== "multiply" || !b.operands.includes(a)) return false;
  const factor = b.operands.find((o) => o !== a);
  return factor?.kind === "constant" && factor.value >= 0 && factor.value < 1;
}
