import { derivative } from "../../../equations/analysis/differentiate.js";
import {
  constant,
  type Expression,
  freeSymbols,
  isCondition,
  type NamedSymbol,
  type Operation,
  select,
  ZERO,
} from "../../../equations/language/expression.js";
import { add, formalSubstitute, multiply, negate } from "../../../equations/language/formal.js";

/**
 * The next value of a state as increments of its present value. The sum is kept in double precision, while single
 * precision is enough for the small increments. The increment of a step is then never lost against the state.
 */
export type Accumulation =
  /** The state stays as it is. */
  | { readonly kind: "held" }
  /** A value that does not depend on the state. */
  | { readonly kind: "fresh"; readonly value: Expression }
  | Sum
  | { readonly kind: "choice"; readonly condition: Expression; readonly yes: Accumulation; readonly no: Accumulation }
  | { readonly kind: "min" | "max"; readonly of: Accumulation; readonly bound: number };

export interface Sum {
  readonly kind: "sum";
  readonly of: Accumulation;
  readonly increment: Expression;
  /** The whole expression in the formulas. */
  readonly result: Expression;
}

/**
 * A state may be kept in single precision if it decays to 0 by at least this fraction per step: rounding errors of
 * 2^-24 then add up to at most 1e-5 of it.
 */
const LEAST_DECAY = 1 / 128;

/** Largest whole number up to which single precision is exact. */
const MOST_COUNTED = 2 ** 24;

/**
 * Tells if single precision can hold a state: the state decays fast, is constant, counts down, or takes given values.
 */
export function isExactInSingle(next: Expression, state: NamedSymbol): boolean {
  const all = branches(next);
  const counts = all.some((e) => isCountdown(e, state));
  return all.every((e) => {
    if (e.kind === "constant") return !counts || isCountable(e);
    if (e === state || isCountdown(e, state) || isCondition(e)) return true;
    if (counts) return false;
    const factor = factorOf(e, state);
    if (factor === undefined || Math.abs(factor) > 1 - LEAST_DECAY) return false;
    return formalSubstitute(e, new Map([[state, ZERO]])) === ZERO;
  });
}

const isCountable = (e: Expression | undefined): boolean =>
  e?.kind === "constant" && Number.isInteger(e.value) && Math.abs(e.value) <= MOST_COUNTED;

/** max(state - n, m) of whole numbers, as a refractory period counts its steps. */
function isCountdown(e: Expression, state: NamedSymbol): boolean {
  if (e.kind !== "operation" || e.operator !== "max" || !isCountable(e.operands[1])) return false;
  const [difference] = e.operands;
  if (difference?.kind !== "operation" || difference.operator !== "subtract") return false;
  const [from, step] = difference.operands;
  return from === state && step?.kind === "constant" && step.value > 0 && isCountable(step);
}

/** The values that an expression selects by conditions. */
function branches(e: Expression): Expression[] {
  if (e.kind !== "operation" || e.operator !== "select") return [e];
  return [...branches(e.operands[1]!), ...branches(e.operands[2]!)];
}

/**
 * The next value as increments; undefined if it has no such form or nothing pulls the state back. Errors of a clock or
 * a counter stay forever, and its readers need all its digits.
 */
export function accumulation(next: Expression, state: NamedSymbol, bounded = false): Accumulation | undefined {
  if (next === state) return { kind: "held" };
  if (!freeSymbols([next]).includes(state.name)) return { kind: "fresh", value: next };
  if (next.kind !== "operation") return undefined;
  const [a, b, c] = next.operands as [Expression, Expression, Expression];
  const inner = (e: Expression): Accumulation | undefined => accumulation(e, state, bounded);
  switch (next.operator) {
    case "select": {
      const [yes, no] = [inner(b), inner(c)];
      if (yes === undefined || no === undefined) return undefined;
      const [one, other] = [incrementIn(yes), incrementIn(no)];
      if (one === undefined || other === undefined) return { kind: "choice", condition: a, yes, no };
      return { kind: "sum", of: { kind: "held" }, increment: select(a, one, other), result: next };
    }
    case "min":
    case "max": {
      const [value, bound] = a.kind === "constant" ? [b, a] : [a, b];
      const of = accumulation(value, state, true);
      return of && bound.kind === "constant" ? { kind: next.operator, of, bound: bound.value } : undefined;
    }
    default: {
      const increment = incrementOf(next, state);
      if (increment === undefined) return sumOf(next, inner);
      const pull = derivative(increment, state);
      const isPulledBack = pull.kind !== "constant" || pull.value < 0;
      return bounded || isPulledBack ? { kind: "sum", of: { kind: "held" }, increment, result: next } : undefined;
    }
  }
}

/** The increment of a state that is otherwise constant. */
function incrementIn(accumulation: Accumulation): Expression | undefined {
  if (accumulation.kind === "held") return ZERO;
  return accumulation.kind === "sum" && accumulation.of.kind === "held" ? accumulation.increment : undefined;
}

/** next - state, without a difference of large numbers. */
function incrementOf(next: Operation, state: NamedSymbol): Expression | undefined {
  const [a, b] = next.operands;
  if (next.operator === "add" && a === state) return b;
  if (next.operator === "add" && b === state) return a;
  if (next.operator === "subtract" && a === state) return negate(b!);
  const factor = factorOf(next, state);
  if (factor === undefined) return undefined;
  const rest = formalSubstitute(next, new Map([[state, ZERO]]));
  return add(multiply(constant(factor - 1), state), rest);
}

/** The number a of an expression a state + b whose b does not depend on the state, jumps included. */
function factorOf(e: Expression, state: NamedSymbol): number | undefined {
  if (e === state) return 1;
  if (!freeSymbols([e]).includes(state.name)) return 0;
  if (e.kind !== "operation") return undefined;
  const [a, b] = e.operands as [Expression, Expression];
  const both = (join: (a: number, b: number) => number): number | undefined => {
    const [left, right] = [factorOf(a, state), factorOf(b, state)];
    return left === undefined || right === undefined ? undefined : join(left, right);
  };
  const times = (factor: Expression, of: Expression): number | undefined => {
    const inner = factor.kind === "constant" ? factorOf(of, state) : undefined;
    return factor.kind === "constant" && inner !== undefined ? factor.value * inner : undefined;
  };
  switch (e.operator) {
    case "add":
      return both((left, right) => left + right);
    case "subtract":
      return both((left, right) => left - right);
    case "negate":
      return times(constant(-1), a);
    case "multiply":
      return times(a, b) ?? times(b, a);
    case "divide":
      return b.kind === "constant" ? times(constant(1 / b.value), a) : undefined;
    default:
      return undefined;
  }
}

/** Increment of a reset at the end of a step. */
function sumOf(next: Operation, inner: (e: Expression) => Accumulation | undefined): Accumulation | undefined {
  const [a, b] = next.operands as [Expression, Expression];
  if (next.operator !== "add" && next.operator !== "subtract") return undefined;
  const of = inner(a);
  if (of === undefined || of.kind === "fresh") return undefined;
  return { kind: "sum", of, increment: next.operator === "add" ? b : negate(b), result: next };
}
