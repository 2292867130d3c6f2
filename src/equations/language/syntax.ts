import type { ConditionalNode, MathNode, OperatorNode } from "mathjs";
import { knownInstead, SpikevineError } from "../../errors.js";
import { COMPOSED } from "./composed-functions.js";
import type { Expression, Operator } from "./expression.js";
import { parse as parseMath } from "./mathjs.js";
import { unitAfterNumber } from "./named-constants.js";
import { isTooSmall, NUMBER, plainText } from "./numerals.js";
import { placeNots } from "./place-nots.js";
import { type Dimension, scaleDimension, tidy } from "./units.js";

/**
 * The grammar of an equation as a tree. Names are not resolved yet, so the same tree is used for the computed expression and
 * for the check of its units. `text` is a node in the notation of an author, for errors.
 */
export type Syntax = NumberSyntax | NameSyntax | CallSyntax;

interface NumberSyntax {
  readonly kind: "number";
  /** In internal units. */
  readonly value: number;
  /** Of a number with a unit, as `10 mV`. */
  readonly dimension?: Dimension;
  readonly text: () => string;
}

interface NameSyntax {
  readonly kind: "name";
  readonly name: string;
  readonly text: () => string;
}

interface CallSyntax {
  readonly kind: "call";
  /** An operator of the algebra, or the name of a function. */
  readonly operator: string;
  readonly operands: readonly Syntax[];
  /** The table, if the function is one; `operator` is its name. */
  readonly table?: TableFunction;
  readonly text: () => string;
}

/** A function that is given as a table instead of an equation. */
export interface TableFunction {
  /** Units of the inputs and of the value. */
  readonly inputs: readonly Dimension[];
  readonly dimension: Dimension;
  /** The value for inputs in internal units. The symbol `dt` is the length of a step. */
  readonly value: (...inputs: readonly Expression[]) => Expression;
}

/** Functions by name, with their number of arguments, or with several. */
type Functions = ReadonlyMap<string, number | readonly number[]>;

/** Functions an equation may call. */
export const FUNCTIONS: Functions = new Map([
  ["step", 1],
  ["relu", 1],
  ["sigmoid", 1],
  ["tanh", 1],
  ["exp", 1],
  ["log", 1],
  ["sqrt", 1],
  ["abs", 1],
  ["sign", 1],
  ["min", 2],
  ["max", 2],
  ["sin", 1],
  ["cos", 1],
  ["atan", 1],
  ["floor", 1],
  ["detach", 1],
  ...[...COMPOSED].map(([name, { arity }]) => [name, arity] as const),
  ["rand", 0],
  ["randn", 0],
]);

/** Functions that draw a number per neuron and step: uniform in [0, 1), or normal with mean 0 and variance 1. */
export type DrawName = "rand" | "randn";
export const isDraw = (operator: string): operator is DrawName => operator === "rand" || operator === "randn";

/** Functions of all outputs or all steps at once; only losses have them. */
export const REDUCTIONS = [
  "sum",
  "mean",
  "largest",
  "sumOverSteps",
  "meanOverSteps",
  "largestOverSteps",
  "logSoftmax",
] as const;
export type ReductionName = (typeof REDUCTIONS)[number];

/** The functions of a loss. */
export const FUNCTIONS_OF_LOSSES: Functions = new Map([...FUNCTIONS, ...REDUCTIONS.map((name) => [name, 1] as const)]);

/** Our operators by mathjs's names; `reversed` ones swap their operands. */
const OPERATORS: ReadonlyMap<string, { readonly operator: Operator; readonly reversed?: boolean }> = new Map([
  ["add", { operator: "add" }],
  ["subtract", { operator: "subtract" }],
  ["multiply", { operator: "multiply" }],
  ["divide", { operator: "divide" }],
  ["pow", { operator: "power" }],
  ["unaryMinus", { operator: "negate" }],
  ["smaller", { operator: "less" }],
  ["smallerEq", { operator: "lessEqual" }],
  ["larger", { operator: "less", reversed: true }],
  ["largerEq", { operator: "lessEqual", reversed: true }],
  ["equal", { operator: "equal" }],
  ["and", { operator: "and" }],
  ["or", { operator: "or" }],
  ["not", { operator: "not" }],
]);

/**
 * Limits of an equation's length and depth: larger than any model needs, and small enough that recursion cannot exhaust the
 * stack.
 */
const LONGEST = 4000;
const DEEPEST = 200;

/**
 * Reads the text of one equation. mathjs only parses it and never evaluates anything. Operators bind as in Python: `^` before
 * a sign, then `* /`, `+ -`, comparisons, `not`, `and`, `or`, and last `c ? a : b`.
 * @param where Named in errors, e.g. `neurons/lif: dv/dt`.
 * @param functions Functions that the equation may call, with their number of arguments.
 * @throws SpikevineError for anything outside the grammar: + - * / ^, parentheses, comparisons (< <= > >= ==),
 * `and or not`, `c ? a : b` and the functions. Comparisons are not chained.
 */
export function parseSyntax(text: string, where: string, functions: Functions = FUNCTIONS): Syntax {
  if (typeof text !== "string" || text.trim() === "") throw new SpikevineError(`${where} is empty; give an equation.`);
  if (text.length > LONGEST) {
    throw new SpikevineError(`${where} has ${text.length} characters; an equation may have ${LONGEST}.`);
  }
  if (nesting(text) > DEEPEST / 2) throw tooDeep(where);
  for (const [numeral] of text.matchAll(NUMBER)) {
    if (isTooSmall(numeral))
      throw new SpikevineError(`${where}: "${numeral}" is smaller than every number above 0; write 0 or a larger one.`);
  }
  // mathjs reads 5% as a number, and x + 5% as x + 0.05 x.
  if (text.includes("%"))
    throw new SpikevineError(`${where}: "${excerpt(text)}" has a "%"; write a plain number, or mod(a, b).`);
  try {
    // Python writes powers as **.
    const plain = plainText(text).replaceAll("**", "^");
    return translate(placeNots(parseMath(plain), where), { where, functions }, 0);
  } catch (error) {
    if (error instanceof SpikevineError) throw error;
    if (error instanceof RangeError) throw tooDeep(where);
    const reason = error instanceof Error ? error.message : String(error);
    throw new SpikevineError(`${where}: "${excerpt(text)}" cannot be read: ${reason}.`);
  }
}

/** Deepest open bracket; mathjs's parser recurses once per bracket and would exhaust the stack on hostile text. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ("([{".includes(character)) deepest = Math.max(deepest, ++depth);
    else if (")]}".includes(character)) depth--;
  }
  return deepest;
}

const tooDeep = (where: string): SpikevineError =>
  new SpikevineError(`${where} is nested too deeply; an equation may be ${DEEPEST} operations deep.`);

const excerpt = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);

interface Reading {
  readonly where: string;
  readonly functions: Functions;
}

function translate(node: MathNode, reading: Reading, depth: number): Syntax {
  const { where, functions } = reading;
  if (depth > DEEPEST) throw tooDeep(where);
  const text = (): string => node.toString();
  const refuse = (what: string): SpikevineError => new SpikevineError(`${where}: "${excerpt(text())}" ${what}.`);
  const call = (operator: string, operands: readonly MathNode[]): Syntax => ({
    kind: "call",
    operator,
    operands: operands.map((operand) => translate(operand, reading, depth + 1)),
    text,
  });

  switch (node.type) {
    case "ConstantNode": {
      const value: unknown = "value" in node ? node.value : undefined;
      if (typeof value !== "number" || !Number.isFinite(value)) throw refuse("is not a finite number");
      return { kind: "number", value, text };
    }
    case "SymbolNode":
      return { kind: "name", name: (node as MathNode & { name: string }).name, text };
    case "ParenthesisNode":
      return translate((node as MathNode & { content: MathNode }).content, reading, depth + 1);
    case "ConditionalNode": {
      const { condition, trueExpr, falseExpr } = node as ConditionalNode;
      return call("select", [condition, trueExpr, falseExpr]);
    }
    case "OperatorNode": {
      const { fn, args, implicit } = node as OperatorNode;
      if (implicit) {
        const quantity = withUnit(args[0]!, args[1]!);
        if (quantity !== undefined) return { kind: "number", ...quantity, text };
        throw refuse('has a product without "*" that is not a number with its unit; write the "*"');
      }
      if (fn === "unaryPlus") return translate(args[0]!, reading, depth + 1);
      const known = OPERATORS.get(fn);
      if (known === undefined) throw refuse("uses an operator that equations do not have");
      return call(known.operator, known.reversed ? [...args].reverse() : args);
    }
    case "FunctionNode": {
      const { fn, args } = node as unknown as { fn: MathNode & { name?: string }; args: MathNode[] };
      const name = fn.type === "SymbolNode" ? (fn.name ?? "") : "";
      const arity = functions.get(name);
      if (arity === undefined) {
        const instead = knownInstead(name, [...functions.keys()]).replace(/\.$/, "");
        const own = instead.endsWith("?")
          ? ""
          : "; a function of one's own belongs in functions of a neuron or a synapse";
        throw refuse(`calls an unknown function: ${instead}${own}`);
      }
      const wanted = typeof arity === "number" ? [arity] : arity;
      if (!wanted.includes(args.length)) {
        throw refuse(`gives ${name} ${args.length} arguments instead of ${wanted.join(" or ")}`);
      }
      return call(name, args);
    }
    case "RelationalNode":
      throw refuse('chains comparisons; join two with "and"');
    default:
      throw refuse("is not an equation of numbers, names, operators and functions");
  }
}

/** A number and its unit, as in `-10 mV` or `2 ms^2`; undefined for any other product. */
function withUnit(number: MathNode, unit: MathNode): { value: number; dimension: Dimension } | undefined {
  const value = literal(number);
  const [base, power] = isOperator(unit, "pow") ? unit.args : [unit];
  const exponent = power === undefined ? 1 : literal(power);
  const found = base?.type === "SymbolNode" ? unitAfterNumber((base as MathNode & { name: string }).name) : undefined;
  if (value === undefined || found === undefined || !Number.isInteger(exponent)) return undefined;
  const result = tidy(value * found.value ** exponent!);
  return Number.isFinite(result) ? { value: result, dimension: scaleDimension(found.dimension, exponent!) } : undefined;
}

/** A number in the text, with its sign. */
function literal(node: MathNode): number | undefined {
  if (isOperator(node, "unaryMinus")) {
    const size = literal(node.args[0]!);
    return size === undefined ? undefined : -size;
  }
  const value: unknown = node.type === "ConstantNode" && "value" in node ? node.value : undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

const isOperator = (node: MathNode, fn: string): node is OperatorNode =>
  node.type === "OperatorNode" && (node as OperatorNode).fn === fn;
