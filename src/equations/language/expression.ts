import { ownValue } from "../../own-value.js";
import { numberOfTable, tableNumbered } from "./lookup-tables.js";

/**
 * The small algebra in which every equation of Spikevine is expressed: constants, symbols and operations.
 * Expressions are interned, so equal subexpressions are the same object and code emitted from a set of expressions
 * computes each of them once. All devices generate their code from this form only.
 *
 * Conditions are numbers: 1 if they hold and 0 if they do not.
 */
export const ARITY = {
  add: 2,
  subtract: 2,
  multiply: 2,
  divide: 2,
  negate: 1,
  /** Base and exponent; integer exponents are expanded into products when the expression is built. */
  power: 2,
  exp: 1,
  log: 1,
  sqrt: 1,
  sin: 1,
  cos: 1,
  tanh: 1,
  atan: 1,
  /** Logistic function 1 / (1 + exp(-x)). */
  sigmoid: 1,
  relu: 1,
  /** Heaviside step: 1 if x > 0, else 0. Its derivative is 0; a neuron's spike uses `spike` instead. */
  step: 1,
  /** The spike of a neuron: 1 if x > 0, else 0; the backward pass uses the definition's surrogate as its derivative. */
  spike: 1,
  abs: 1,
  /** -1, 0 or 1. */
  sign: 1,
  floor: 1,
  min: 2,
  max: 2,
  less: 2,
  lessEqual: 2,
  equal: 2,
  and: 2,
  or: 2,
  not: 1,
  /** `select(condition, whenTrue, whenFalse)` */
  select: 3,
  /**
   * Number of a table (a constant, see lookup-tables.ts) and the index of an entry, a whole number within the table. Only
   * simulations have it.
   */
  lookup: 2,
} as const;

export type Operator = keyof typeof ARITY;

export interface Constant {
  readonly kind: "constant";
  readonly id: number;
  readonly value: number;
}

export interface NamedSymbol {
  readonly kind: "symbol";
  readonly id: number;
  readonly name: string;
}

export interface Operation {
  readonly kind: "operation";
  readonly id: number;
  readonly operator: Operator;
  readonly operands: readonly Expression[];
}

export type Expression = Constant | NamedSymbol | Operation;

/** A set of named results computed together, with shared subexpressions computed once. */
export type Formulas = Readonly<Record<string, Expression>>;

const interned = new Map<string, Expression>();

function intern<E extends Expression>(key: string, make: (id: number) => E): E {
  const found = interned.get(key);
  if (found !== undefined) return found as E;
  const made = make(interned.size);
  Object.freeze(made);
  interned.set(key, made);
  return made;
}

/** A constant. 0 and -0 are different constants, since their reciprocals differ. */
export function constant(value: number): Constant {
  return intern(`c:${numberText(value)}`, (id) => ({ kind: "constant", id, value }));
}

/** A number as JavaScript text, including the sign of -0. */
export const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

export function symbol(name: string): NamedSymbol {
  return intern(`s:${name}`, (id) => ({ kind: "symbol", id, name }));
}

export const ZERO = constant(0);
export const ONE = constant(1);

/** The value of one operation in double precision; also the definition that devices are tested against. */
export function apply(operator: Operator, a: number, b = 0, c = 0): number {
  switch (operator) {
    case "add":
      return a + b;
    case "subtract":
      return a - b;
    case "multiply":
      return a * b;
    case "divide":
      return a / b;
    case "negate":
      return -a;
    case "power":
      return a ** b;
    case "exp":
      return Math.exp(a);
    case "log":
      return Math.log(a);
    case "sqrt":
      return Math.sqrt(a);
    case "sin":
      return Math.sin(a);
    case "cos":
      return Math.cos(a);
    case "tanh":
      return Math.tanh(a);
    case "atan":
      return Math.atan(a);
    case "sigmoid":
      return 1 / (1 + Math.exp(-a));
    case "relu":
      return Math.max(a, 0);
    case "step":
    case "spike":
      return a > 0 ? 1 : 0;
    case "abs":
      return Math.abs(a);
    case "sign":
      return Math.sign(a);
    case "floor":
      return Math.floor(a);
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
    case "less":
      return a < b ? 1 : 0;
    case "lessEqual":
      return a <= b ? 1 : 0;
    case "equal":
      return a === b ? 1 : 0;
    case "and":
      return a !== 0 && b !== 0 ? 1 : 0;
    case "or":
      return a !== 0 || b !== 0 ? 1 : 0;
    case "not":
      return a === 0 ? 1 : 0;
    case "select":
      return a !== 0 ? b : c;
    case "lookup":
      return tableNumbered(a)[b]!;
  }
}

const CONDITIONS: ReadonlySet<Operator> = new Set(["step", "spike", "less", "lessEqual", "equal", "and", "or", "not"]);

/** True if the expression is a condition: 1 or 0 for any operands. */
export const isCondition = (e: Expression): boolean => e.kind === "operation" && CONDITIONS.has(e.operator);

const isConstant = (e: Expression, value: number): boolean => e.kind === "constant" && Object.is(e.value, value);

/**
 * Builds an operation, folding constants and removing neutral elements. The value stays the same for every value of the
 * symbols, infinities, NaN and the sign of 0 included; `formal.ts` has the rules that hold for numbers only.
 */
export function operation(operator: Operator, ...operands: readonly Expression[]): Expression {
  if (operands.length !== ARITY[operator]) {
    throw new Error(`operation ${operator} takes ${ARITY[operator]} operands, got ${operands.length}`);
  }
  const [a, b, c] = operands as [Expression, Expression, Expression];
  if (operands.every((o) => o.kind === "constant")) {
    const [x, y, z] = operands.map((o) => (o as Constant).value);
    return constant(apply(operator, x!, y, z));
  }
  switch (operator) {
    case "add":
      // x + 0 is not x if x is -0, but x + -0 is.
      if (isConstant(a, -0)) return b;
      if (isConstant(b, -0)) return a;
      if (b.kind === "operation" && b.operator === "negate") return operation("subtract", a, b.operands[0]!);
      if (a.kind === "operation" && a.operator === "negate") return operation("subtract", b, a.operands[0]!);
      break;
    case "subtract":
      if (isConstant(b, 0)) return a;
      if (isConstant(a, -0)) return operation("negate", b);
      if (b.kind === "operation" && b.operator === "negate") return operation("add", a, b.operands[0]!);
      break;
    case "multiply":
      if (isConstant(a, 1)) return b;
      if (isConstant(b, 1)) return a;
      if (isConstant(a, -1)) return operation("negate", b);
      if (isConstant(b, -1)) return operation("negate", a);
      break;
    case "divide":
      if (isConstant(b, 1)) return a;
      break;
    case "negate":
      if (a.kind === "operation" && a.operator === "negate") return a.operands[0]!;
      break;
    case "power":
      if (b.kind === "constant" && Number.isInteger(b.value) && Math.abs(b.value) <= 16)
        return integerPower(a, b.value);
      break;
    case "select":
      if (a.kind === "constant") return a.value !== 0 ? b : c;
      if (b === c) return b;
      break;
    case "and":
      if (isFalse(a) || isFalse(b)) return ZERO;
      break;
    case "or":
      if ([a, b].some((o) => o.kind === "constant" && o.value !== 0)) return ONE;
      break;
    default:
      break;
  }
  return intern(`${operator}(${operands.map((o) => o.id).join(",")})`, (id) => ({
    kind: "operation",
    id,
    operator,
    operands: Object.freeze([...operands]),
  }));
}

const isFalse = (e: Expression): boolean => e.kind === "constant" && e.value === 0;

function integerPower(base: Expression, exponent: number): Expression {
  if (exponent === 0) return ONE;
  if (exponent < 0) return operation("divide", ONE, integerPower(base, -exponent));
  if (exponent === 1) return base;
  const half = integerPower(base, Math.floor(exponent / 2));
  const square = operation("multiply", half, half);
  return exponent % 2 === 0 ? square : operation("multiply", square, base);
}

export const add = (a: Expression, b: Expression): Expression => operation("add", a, b);
export const subtract = (a: Expression, b: Expression): Expression => operation("subtract", a, b);
export const multiply = (a: Expression, b: Expression): Expression => operation("multiply", a, b);
export const divide = (a: Expression, b: Expression): Expression => operation("divide", a, b);
export const negate = (a: Expression): Expression => operation("negate", a);
export const select = (condition: Expression, whenTrue: Expression, whenFalse: Expression): Expression =>
  operation("select", condition, whenTrue, whenFalse);

/** Entry of a table; the index is a whole number within it. */
export const lookup = (table: Float64Array, index: Expression): Expression =>
  operation("lookup", constant(numberOfTable(table)), index);

/**
 * Rebuilds an expression with some symbols or whole subexpressions replaced; the result is simplified again.
 * @param build Builds the operations; by default no value changes.
 */
export function substitute(
  expression: Expression,
  replacements: ReadonlyMap<Expression, Expression>,
  build: typeof operation = operation,
): Expression {
  const done = new Map<Expression, Expression>(replacements);
  const visit = (e: Expression): Expression => {
    const known = done.get(e);
    if (known !== undefined) return known;
    const result = e.kind === "operation" ? build(e.operator, ...e.operands.map(visit)) : e;
    done.set(e, result);
    return result;
  };
  return visit(expression);
}

/** Names of all symbols that the expressions need, sorted. */
export function freeSymbols(expressions: Iterable<Expression>): string[] {
  const names = new Set<string>();
  for (const e of schedule(expressions)) if (e.kind === "symbol") names.add(e.name);
  return [...names].sort();
}

/**
 * Every node reachable from the expressions, operands before the operations that use them, each once.
 * Emitters walk this list and give each operation one local variable.
 */
export function schedule(expressions: Iterable<Expression>): Expression[] {
  const order: Expression[] = [];
  const seen = new Set<Expression>();
  const visit = (e: Expression): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.kind === "operation") e.operands.forEach(visit);
    order.push(e);
  };
  for (const e of expressions) visit(e);
  return order;
}

/** Evaluates formulas in double precision. Throws if a symbol has no value. */
export function evaluate(formulas: Formulas, values: Readonly<Record<string, number>>): Record<string, number> {
  const results = new Map<Expression, number>();
  for (const e of schedule(Object.values(formulas))) {
    if (e.kind === "constant") results.set(e, e.value);
    else if (e.kind === "symbol") {
      const value = ownValue(values, e.name);
      if (value === undefined) throw new Error(`no value for symbol "${e.name}"`);
      results.set(e, value);
    } else {
      const [a, b, c] = e.operands.map((o) => results.get(o)!);
      results.set(e, apply(e.operator, a!, b, c));
    }
  }
  return Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, results.get(e)!]));
}

/** Formulas with every expression changed. */
export const mapFormulas = (formulas: Formulas, change: (e: Expression) => Expression): Formulas =>
  Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, change(e)]));
