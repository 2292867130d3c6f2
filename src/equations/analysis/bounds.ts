import { ownValue } from "../../own-value.js";
import { apply, type Expression, type Operator } from "../language/expression.js";

/** Smallest and largest value, both possibly infinite. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const ANYTHING: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
const TRUTH: Bounds = { low: 0, high: 1 };

const RISING = new Set<Operator>([
  "exp",
  "tanh",
  "atan",
  "sigmoid",
  "relu",
  "step",
  "spike",
  "sign",
  "floor",
  "sqrt",
  "log",
]);

/**
 * Bounds of an expression whose symbols lie within given bounds, by interval arithmetic. They are never too narrow, but often\n
 * * too wide, since dependences between operands are ignored.
 */
export function boundsOf(expression: Expression, symbols: Readonly<Record<string, Bounds>>): Bounds {
  return boundsWithin((name) => ownValue(symbols, name) ?? ANYTHING)(expression);
}

/**
 * Bounds of many expressions of the same symbols; shared subexpressions are visited once. `given` may contain the bounds of
 * a whole expression.
 */
export function boundsWithin(
  symbolBounds: (name: string) => Bounds,
  given: (e: Expression) => Bounds | undefined = () => undefined,
): (expression: Expression) => Bounds {
  const found = new Map<Expression, Bounds>();
  const visit = (e: Expression): Bounds => {
    const known = found.get(e);
    if (known !== undefined) return known;
    const bounds =
      given(e) ??
      (e.kind === "constant"
        ? { low: e.value, high: e.value }
        : e.kind === "symbol"
          ? symbolBounds(e.name)
          : sound(combine(e.operator, e.operands.map(visit))));
    found.set(e, bounds);
    return bounds;
  };
  return visit;
}

/** Infinity - Infinity and 0 * Infinity give no bound. */
const sound = (b: Bounds): Bounds => (Number.isNaN(b.low) || Number.isNaN(b.high) ? ANYTHING : b);

const hull = (values: readonly number[]): Bounds => ({ low: Math.min(...values), high: Math.max(...values) });

function combine(operator: Operator, operands: readonly Bounds[]): Bounds {
  const [a, b, c] = operands as [Bounds, Bounds, Bounds];
  if (RISING.has(operator)) return { low: apply(operator, a.low), high: apply(operator, a.high) };
  switch (operator) {
    case "add":
      return { low: a.low + b.low, high: a.high + b.high };
    case "subtract":
      return { low: a.low - b.high, high: a.high - b.low };
    case "negate":
      return { low: -a.high, high: -a.low };
    case "multiply":
      return hull([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]);
    case "divide":
      if (b.low <= 0 && b.high >= 0) return ANYTHING;
      return hull([a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high]);
    case "min":
      return { low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) };
    case "max":
      return { low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
    case "abs":
      return { low: Math.max(0, a.low, -a.high), high: Math.max(-a.low, a.high) };
    case "less":
      return a.high < b.low ? { low: 1, high: 1 } : a.low >= b.high ? { low: 0, high: 0 } : TRUTH;
    case "lessEqual":
      return a.high <= b.low ? { low: 1, high: 1 } : a.low > b.high ? { low: 0, high: 0 } : TRUTH;
    case "sin":
    case "cos":
      return { low: -1, high: 1 };
    case "select":
      if (a.low > 0 || a.high < 0) return b;
      if (a.low === 0 && a.high === 0) return c;
      return hull([b.low, b.high, c.low, c.high]);
    case "and":
      return [a, b].some(({ low, high }) => low === 0 && high === 0) ? { low: 0, high: 0 } : TRUTH;
    case "or":
    case "not":
    case "equal":
      return TRUTH;
    default:
      return ANYTHING;
  }
}
