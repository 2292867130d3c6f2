import { SpikevineError } from "../../errors.js";
import {
  constant,
  type Expression,
  evaluate,
  freeSymbols,
  isCondition,
  ONE,
  operation,
  select,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, divide, subtract } from "../language/formal.js";
import { sameDimension } from "../language/units.js";
import { type EquationReader, type Scope, TIME } from "./neuron-scope.js";
import type { StateSpec } from "./state-spec.js";

/** The state that a neuron with the field `refractory` has in addition. */
export const REFRACTORY_LEFT = "refractoryLeft";
export const REFRACTORY_STATE: StateSpec = {
  initial: -1,
  summary: "remaining refractory steps after the step; below 0 if the neuron may fire",
};

/** A refractory period as equations. */
export interface Refractoriness {
  /** The state in a step. */
  readonly update: Expression;
  /** The state after the output of the step. */
  readonly after: Expression;
  /** `notRefractory` at the start of the step. */
  readonly isFree: Expression;
  /** The time, if it is one, in ms. */
  readonly period?: Expression;
}

/** Steps of a period that is negative or NaN, with which a simulation stops; a number that every device can hold. */
const NO_PERIOD = constant(-1e30);

/** The state after a step of a simulation: infinite from such a period on. */
export function stopWithoutPeriod(left: Expression): Expression {
  const isConstant = substitute(left, new Map<Expression, Expression>([[NO_PERIOD, ZERO]])) === left;
  if (isConstant) return left;
  return select(operation("less", left, constant(-1e29)), constant(Number.POSITIVE_INFINITY), left);
}

const LEFT = symbol(REFRACTORY_LEFT);
const LEFT_NOW = symbol(`now__${REFRACTORY_LEFT}`);
const MINUS_ONE = constant(-1);

/**
 * Refuses a refractory period that is negative.
 * @param values Of the parameters.
 */
export function checkPeriod(
  period: Expression | undefined,
  values: Readonly<Record<string, number>>,
  where: string,
): void {
  if (period === undefined || freeSymbols([period]).some((name) => !Object.hasOwn(values, name))) return;
  const time = evaluate({ period }, values).period!;
  if (time >= 0) return;
  throw new SpikevineError(`${where}: the refractory period is ${time} ms; give a time of at least 0 ms.`);
}

/** `notRefractory` after the update of a step. */
export const MAY_FIRE = operation("less", LEFT_NOW, ZERO);

/**
 * Reads the field `refractory`: a time, of which the nearest whole number of steps counts, or a condition. After a spike
 * the neuron does not fire for so many steps, or as long as the condition holds at the start of a step.
 * @throws SpikevineError if it is neither.
 */
export function readRefractory(
  text: string,
  reader: EquationReader,
  step: Scope,
  reset: Scope,
  where: string,
): Refractoriness {
  const at = `${where}: in refractory`;
  const { expression, unit } = reader.readAny(text, step, at);
  const fires = operation("less", ZERO, symbol("y__now"));
  if (sameDimension(unit, TIME)) {
    const period = reader.readAny(text, reset, at).expression;
    const steps = operation("floor", add(divide(period, symbol("dt")), constant(0.5)));
    const isConstant = period.kind === "constant";
    const checked = isConstant ? steps : select(operation("lessEqual", ZERO, period), steps, NO_PERIOD);
    return {
      period,
      update: operation("max", subtract(LEFT, ONE), MINUS_ONE),
      after: select(fires, checked, LEFT_NOW),
      isFree: operation("lessEqual", LEFT, ZERO),
    };
  }
  if (!isCondition(expression)) {
    throw new SpikevineError(
      `${where}: refractory is "${text}", neither a time nor a condition; give e.g. "5 ms" or "v > -40 mV".`,
    );
  }
  const lasts = operation("and", operation("less", ZERO, LEFT), expression);
  return {
    update: select(lasts, ONE, MINUS_ONE),
    after: select(fires, ONE, LEFT_NOW),
    isFree: operation("not", lasts),
  };
}
