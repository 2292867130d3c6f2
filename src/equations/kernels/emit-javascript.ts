import {
  type Constant,
  type Expression,
  type Formulas,
  numberText,
  type Operation,
  type Operator,
  schedule,
} from "../language/expression.js";
import { tableNumbered } from "../language/lookup-tables.js";

export interface EmitOptions {
  /** Name of a symbol in the surrounding code, e.g. `(name) => "state_" + name`. */
  readonly symbol: (name: string) => string;
  /** Text of a number; by default as in JavaScript. */
  readonly number?: (value: number) => string;
  /** Beginning of the names of the locals (default `e`); give different ones when two emissions share a scope. */
  readonly prefix?: string;
  /** Object with `exp`, `log`, `sin`, `cos`, `tanh`, `atan` and `pow`; `Math` by default. */
  readonly functions?: string;
  /** Name of a lookup table, by its number; by default `tables[number]`, which `tablesIn` makes. */
  readonly table?: (number: number) => string;
}

export interface EmittedStatements {
  /** One `const` declaration for every operation, operands first. */
  readonly statements: readonly string[];
  /** For each formula, the code (a local, a symbol or a number) that holds its value after the statements. */
  readonly results: Readonly<Record<string, string>>;
}

/** JavaScript source of one operation; it must agree with `apply` in expression.ts. */
const TEMPLATES: Readonly<
  Record<Exclude<Operator, "lookup">, (a: string, b: string, c: string, functions: string) => string>
> = {
  add: (a, b) => `${a} + ${b}`,
  subtract: (a, b) => `${a} - ${b}`,
  multiply: (a, b) => `${a} * ${b}`,
  divide: (a, b) => `${a} / ${b}`,
  negate: (a) => `-${a}`,
  power: (a, b, _, functions) => `${functions}.pow(${a}, ${b})`,
  exp: (a, _b, _c, functions) => `${functions}.exp(${a})`,
  log: (a, _b, _c, functions) => `${functions}.log(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  sin: (a, _b, _c, functions) => `${functions}.sin(${a})`,
  cos: (a, _b, _c, functions) => `${functions}.cos(${a})`,
  tanh: (a, _b, _c, functions) => `${functions}.tanh(${a})`,
  atan: (a, _b, _c, functions) => `${functions}.atan(${a})`,
  sigmoid: (a, _b, _c, functions) => `1 / (1 + ${functions}.exp(-${a}))`,
  relu: (a) => `Math.max(${a}, 0)`,
  step: (a) => `${a} > 0 ? 1 : 0`,
  spike: (a) => `${a} > 0 ? 1 : 0`,
  abs: (a) => `Math.abs(${a})`,
  sign: (a) => `Math.sign(${a})`,
  floor: (a) => `Math.floor(${a})`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  lessEqual: (a, b) => `${a} <= ${b} ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
  and: (a, b) => `${a} !== 0 && ${b} !== 0 ? 1 : 0`,
  or: (a, b) => `${a} !== 0 || ${b} !== 0 ? 1 : 0`,
  not: (a) => `${a} === 0 ? 1 : 0`,
  select: (a, b, c) => `${a} !== 0 ? ${b} : ${c}`,
};

/**
 * Straight-line JavaScript for a set of formulas. Subexpressions that several formulas share are computed once.
 * The caller binds the symbols and reads `results`:
 *
 *     const { statements, results } = emitStatements(kernel.step, { symbol: (name) => name });
 *     const body = [...statements, `return ${results.y__now};`].join("\n");
 */
export function emitStatements(formulas: Formulas, options: EmitOptions): EmittedStatements {
  const { symbol, number = numberText, prefix = "e", functions = "Math" } = options;
  const { table = (of: number) => `tables[${of}]` } = options;
  const statements: string[] = [];
  const code = new Map<Expression, string>();
  for (const node of schedule(Object.values(formulas))) {
    if (node.kind === "symbol") code.set(node, symbol(node.name));
    else if (node.kind === "constant") {
      const text = number(node.value);
      code.set(node, text.startsWith("-") ? `(${text})` : text);
    } else {
      const [a, b = "", c = ""] = node.operands.map((operand) => code.get(operand)!);
      const local = `${prefix}${statements.length}`;
      const value =
        node.operator === "lookup" ? `${table(numberOf(node))}[${b}]` : TEMPLATES[node.operator](a!, b, c, functions);
      statements.push(`const ${local} = ${value};`);
      code.set(node, local);
    }
  }
  const results = Object.fromEntries(Object.entries(formulas).map(([name, node]) => [name, code.get(node)!]));
  return { statements, results };
}

/** Number of the table that a lookup reads. */
export const numberOf = ({ operands }: Operation): number => (operands[0] as Constant).value;

/** The tables that formulas look up, by number. */
export const tablesIn = (formulas: Iterable<Expression>): Readonly<Record<number, Float64Array>> =>
  Object.fromEntries(
    schedule(formulas).flatMap((e) =>
      e.kind === "operation" && e.operator === "lookup" ? [[numberOf(e), tableNumbered(numberOf(e))]] : [],
    ),
  );
