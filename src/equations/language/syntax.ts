import { SpikevineError } from "../../errors.js";
import { COMPOSED } from "./composed-functions.js";
import { EquationParser, excerpt } from "./equation-parser.js";
import { isTooSmall, NUMBER, plainText } from "./numerals.js";
import type { Functions, Syntax } from "./syntax-tree.js";

export type { Functions, Syntax, TableFunction } from "./syntax-tree.js";

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

/** Most characters of an equation, more than any model needs. */
const LONGEST = 4000;

/**
 * Reads the text of one equation. Operators bind as in Python: `^` before
 * a sign, then `* /`, `+ -`, comparisons, `not`, `and`, `or`, and last `c ? a : b`.
 * @param where Named in errors, e.g. `neurons/lif: dv/dt`.
 * @param functions Functions that the equation may call, with their number of arguments.
 * @throws SpikevineError for anything outside the grammar: + - * / ^, parentheses, comparisons (< <= > >= == !=),
 * `and or not`, `c ? a : b` and the functions. Comparisons are not chained.
 */
export function parseSyntax(text: string, where: string, functions: Functions = FUNCTIONS): Syntax {
  if (typeof text !== "string" || text.trim() === "") throw new SpikevineError(`${where} is empty; give an equation.`);
  if (text.length > LONGEST) {
    throw new SpikevineError(`${where} has ${text.length} characters; an equation may have ${LONGEST}.`);
  }
  for (const [numeral] of text.matchAll(NUMBER)) {
    if (isTooSmall(numeral))
      throw new SpikevineError(`${where}: "${numeral}" is smaller than every number above 0; write 0 or a larger one.`);
  }
  if (text.includes("%"))
    throw new SpikevineError(`${where}: "${excerpt(text)}" has a "%"; write a plain number, or mod(a, b).`);
  // Python writes powers as **.
  return new EquationParser(plainText(text).replaceAll("**", "^"), { where, functions }).equation();
}
