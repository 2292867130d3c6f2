import { SpikevineError } from "../../errors.js";
import { knownInstead } from "../../nearest-name.js";
import type { Operator } from "./expression.js";
import { unitAfterNumber } from "./named-constants.js";
import type { Functions, Syntax } from "./syntax-tree.js";
import { type Token, tokensOf } from "./tokens.js";
import { type Dimension, scaleDimension, tidy } from "./units.js";

/** Most operations on top of each other: more than any model needs, and few enough that recursion cannot exhaust the stack. */
const DEEPEST = 200;

/** A text of an equation for messages, shortened. */
export const excerpt = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);

interface Reading {
  readonly where: string;
  readonly functions: Functions;
}

/** A part that has been read, with its place in the text and the number of operations on top of each other. */
interface Part {
  readonly syntax: Syntax;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** A number with a sign, which may carry a unit. */
  readonly literal?: number;
}

interface BinaryOperator {
  readonly operator: Operator;
  readonly reversed?: true;
  readonly negated?: true;
}

const COMPARISONS: ReadonlyMap<string, BinaryOperator> = new Map([
  ["<", { operator: "less" }],
  ["<=", { operator: "lessEqual" }],
  [">", { operator: "less", reversed: true }],
  [">=", { operator: "lessEqual", reversed: true }],
  ["==", { operator: "equal" }],
  ["!=", { operator: "equal", negated: true }],
] as const);
const SUMS: ReadonlyMap<string, BinaryOperator> = new Map([
  ["+", { operator: "add" }],
  ["-", { operator: "subtract" }],
] as const);
const PRODUCTS: ReadonlyMap<string, BinaryOperator> = new Map([
  ["*", { operator: "multiply" }],
  ["/", { operator: "divide" }],
] as const);

/** Operators of other languages of formulas. */
const FOREIGN: ReadonlySet<string> = new Set([
  "->",
  ".*",
  "./",
  ".^",
  "<<",
  ">>",
  "!",
  "&",
  "|",
  "xor",
  "mod",
  "to",
  "in",
]);
/** Functions that other simulators have, with the form that they have here. */
const FUNCTIONS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["arcsin", "there is atan: arcsin(x) is atan(x / sqrt(1 - x^2))"],
  ["arccos", "there is atan: arccos(x) is pi / 2 - atan(x / sqrt(1 - x^2))"],
  ["exp10", "write 10^x"],
  ["timestep", "the number of the step is floor(t / dt + 0.5)"],
  ["poisson", "draws in equations are rand() and randn()"],
  ["binomial", "draws in equations are rand() and randn()"],
]);
/** Names of values that are not finite numbers. */
const NOT_FINITE: ReadonlySet<string> = new Set(["NaN", "Infinity", "true", "false", "null", "undefined"]);

/** A number without a unit, with a sign or without. */
const isNumber = (syntax: Syntax): boolean =>
  syntax.kind === "number"
    ? syntax.dimension === undefined
    : syntax.kind === "call" && syntax.operator === "negate" && isNumber(syntax.operands[0]!);

/** Reads one equation by recursive descent: a method per level of precedence, the loosest first. */
export class EquationParser {
  readonly #text: string;
  readonly #reading: Reading;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Open brackets and prefixes, which limit the recursion. */
  #nesting = 0;

  constructor(text: string, reading: Reading) {
    this.#text = text;
    this.#reading = reading;
    this.#tokens = tokensOf(text);
  }

  /** The whole text. */
  equation(): Syntax {
    if (this.#tokens.some(({ kind, text }) => kind === "other" || text === "=")) throw this.#noEquation();
    const part = this.#conditional();
    const next = this.#next;
    if (next.kind === "end") return part.syntax;
    if (next.text === ")") throw this.#unreadable(`Parenthesis without a partner (char ${next.start + 1})`);
    throw this.#refuseToken(next, part);
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #accept(...symbols: readonly string[]): Token | undefined {
    const token = this.#next;
    if (token.kind !== "symbol" || !symbols.includes(token.text)) return undefined;
    this.#at++;
    return token;
  }

  #expect(symbol: string): Token {
    const found = this.#accept(symbol);
    if (found !== undefined) return found;
    const { kind, start, text } = this.#next;
    if (kind !== "end" && FOREIGN.has(text))
      throw this.#refuse(this.#text, "uses an operator that equations do not have");
    const expected = symbol === ")" ? "Parenthesis )" : `"${symbol}"`;
    throw this.#unreadable(`${expected} expected (char ${start + 1})`);
  }

  /** c ? a : b */
  #conditional(): Part {
    return this.#nested(() => {
      const condition = this.#or();
      if (this.#accept("?") === undefined) return condition;
      // Two choices without parentheses are refused: "a ? b ? 1 : 2 : 3".
      const yes = this.#or();
      this.#expect(":");
      return this.#call("select", [condition, yes, this.#conditional()]);
    });
  }

  #or(): Part {
    let left = this.#and();
    while (this.#accept("or") !== undefined) left = this.#call("or", [left, this.#and()]);
    return left;
  }

  #and(): Part {
    let left = this.#not();
    while (this.#accept("and") !== undefined) left = this.#call("and", [left, this.#not()]);
    return left;
  }

  #not(): Part {
    const token = this.#accept("not");
    if (token === undefined) return this.#comparison();
    return this.#nested(() => this.#call("not", [this.#not()], token.start));
  }

  #comparison(): Part {
    const left = this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#signed()));
    const token = this.#accept(...COMPARISONS.keys());
    if (token === undefined) return left;
    const { operator, reversed, negated } = COMPARISONS.get(token.text)!;
    const right = this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#signed()));
    if (COMPARISONS.has(this.#next.text)) {
      throw this.#refuse(this.#text.slice(left.start).trim(), 'chains comparisons; join two with "and"');
    }
    const compared = this.#call(operator, reversed ? [right, left] : [left, right]);
    const part = negated ? this.#call("not", [compared]) : compared;
    return { ...part, start: left.start, end: right.end };
  }

  /** Operators of one level, from the left. */
  #chain(operators: ReadonlyMap<string, BinaryOperator>, operand: () => Part): Part {
    let left = operand();
    for (;;) {
      const token = this.#accept(...operators.keys());
      if (token === undefined) return left;
      const right = operand();
      // 1/2 ms is half a millisecond for some and 1/(2 ms) for others.
      if (token.text === "/" && isNumber(left.syntax) && right.literal !== undefined && !isNumber(right.syntax)) {
        throw this.#noSign(left.start, right.end);
      }
      left = this.#call(operators.get(token.text)!.operator, [left, right]);
    }
  }

  /** A sign binds more loosely than a power: -x^2 is -(x^2). */
  #signed(): Part {
    const token = this.#accept("+", "-");
    if (token === undefined) return this.#power();
    return this.#nested(() => {
      const operand = this.#signed();
      const { start } = token;
      if (token.text === "+") return { ...operand, start };
      const { syntax, literal } = operand;
      const negative = this.#call("negate", [operand], start);
      if (literal === undefined || syntax.kind !== "number" || syntax.dimension === undefined) return negative;
      // -10 mV is one quantity.
      return { ...operand, start, syntax: { ...syntax, value: -syntax.value, text: negative.syntax.text } };
    });
  }

  /** a ^ b, from the right; the exponent may have a sign. */
  #power(): Part {
    const base = this.#quantity();
    if (this.#accept("^") === undefined) return base;
    const exponent = this.#nested(() => this.#signed());
    return this.#call("power", [base, exponent]);
  }

  /** A number with its unit, as `10 mV` or `2 ms^2`, or another operand. */
  #quantity(): Part {
    const number = this.#operand();
    const { kind, text, start } = this.#next;
    if (kind !== "number" && kind !== "name" && text !== "(") return number;
    const follower = this.#tokens[this.#at + 1]!;
    const unit = kind === "name" && follower.text !== "(" ? unitAfterNumber(text) : undefined;
    if (number.literal === undefined || unit === undefined) throw this.#noSign(number.start, this.#operandEnd(start));
    this.#at++;
    let end = this.#tokens[this.#at - 1]!.end;
    let exponent = 1;
    if (this.#accept("^") !== undefined) {
      const power = this.#nested(() => this.#signed());
      end = power.end;
      if (power.syntax.kind === "call" && power.syntax.operator === "negate") exponent = -this.#whole(power);
      else exponent = power.literal ?? Number.NaN;
    }
    const value = tidy(number.literal * unit.value ** exponent);
    if (!Number.isInteger(exponent) || !Number.isFinite(value)) throw this.#noSign(number.start, end);
    const dimension: Dimension = scaleDimension(unit.dimension, exponent);
    const { start: from } = number;
    if (this.#startsOperand()) throw this.#noSign(from, this.#operandEnd(this.#next.start));
    return {
      syntax: { kind: "number", value, dimension, text: this.#slice(from, end) },
      start: from,
      end,
      depth: 0,
      literal: number.literal,
    };
  }

  #startsOperand(): boolean {
    const { kind, text } = this.#next;
    return kind === "number" || kind === "name" || text === "(";
  }

  /** The number of a part such as -2; NaN if it is none. */
  #whole({ syntax }: Part): number {
    const [operand] = syntax.kind === "call" ? syntax.operands : [];
    return operand?.kind === "number" && operand.dimension === undefined ? operand.value : Number.NaN;
  }

  #operandEnd(start: number): number {
    return this.#tokens.find((token) => token.start === start)!.end;
  }

  #operand(): Part {
    const token = this.#next;
    const { start, end, text } = token;
    if (token.kind === "number") {
      this.#at++;
      const value = Number(text);
      if (!Number.isFinite(value)) throw this.#refuse(text, "is not a finite number");
      return { syntax: { kind: "number", value, text: this.#slice(start, end) }, start, end, depth: 0, literal: value };
    }
    if (token.kind === "name") {
      this.#at++;
      if (NOT_FINITE.has(text)) throw this.#refuse(text, "is not a finite number");
      if (this.#next.text === "(") return this.#function(token);
      return { syntax: { kind: "name", name: text, text: this.#slice(start, end) }, start, end, depth: 0 };
    }
    if (this.#accept("(") !== undefined) {
      const inner = this.#nested(() => this.#conditional());
      const close = this.#expect(")");
      return { syntax: inner.syntax, start, end: close.end, depth: inner.depth + 1 };
    }
    if (text === "not") {
      const negation = this.#notInParentheses(start);
      if (negation !== undefined) return negation;
      const before = this.#tokens[this.#at - 1];
      const operand = this.#tokens[this.#at + 1]!;
      throw new SpikevineError(
        `${this.#reading.where}: "${excerpt(`not ${operand.text}`)}" follows "${before?.text ?? ""}", which does not accept a "not"; put it in parentheses.`,
      );
    }
    throw this.#refuseToken(token);
  }

  /** `not (a)` as an operand of another operator. */
  #notInParentheses(start: number): Part | undefined {
    if (this.#tokens[this.#at + 1]!.text !== "(") return undefined;
    const at = this.#at;
    this.#at++;
    const operand = this.#operand();
    if (this.#next.text !== "^") return this.#call("not", [operand], start);
    this.#at = at;
    return undefined;
  }

  #function({ text: name, start }: Token): Part {
    const { functions } = this.#reading;
    this.#expect("(");
    const operands: Part[] = [];
    if (this.#next.text !== ")") {
      do operands.push(this.#conditional());
      while (this.#accept(",") !== undefined);
    }
    const { end } = this.#expect(")");
    const shown = this.#text.slice(start, end);
    const arity = functions.get(name);
    if (arity === undefined) {
      const form = FUNCTIONS_ELSEWHERE.get(name);
      if (form !== undefined) throw this.#refuse(shown, `calls an unknown function: ${form}`);
      const instead = knownInstead(name, [...functions.keys()]).replace(/\.$/, "");
      const own = instead.endsWith("?")
        ? ""
        : "; a function of one's own belongs in functions of a neuron or a synapse";
      throw this.#refuse(shown, `calls an unknown function: ${instead}${own}`);
    }
    const wanted = typeof arity === "number" ? [arity] : arity;
    if (!wanted.includes(operands.length)) {
      throw this.#refuse(shown, `gives ${name} ${operands.length} arguments instead of ${wanted.join(" or ")}`);
    }
    return { ...this.#call(name, operands, start), start, end, syntax: this.#syntaxOf(name, operands, start, end) };
  }

  #call(operator: string, operands: readonly Part[], from?: number): Part {
    const depth = 1 + operands.reduce((deepest, each) => Math.max(deepest, each.depth), 0);
    if (depth > DEEPEST) throw this.#tooDeep();
    const start = from ?? Math.min(...operands.map((operand) => operand.start));
    const end = Math.max(start, ...operands.map((operand) => operand.end));
    return { syntax: this.#syntaxOf(operator, operands, start, end), start, end, depth };
  }

  #syntaxOf(operator: string, operands: readonly Part[], start: number, end: number): Syntax {
    return {
      kind: "call",
      operator,
      operands: operands.map(({ syntax }) => syntax),
      text: this.#slice(start, end),
    };
  }

  /** The text from one position to another, with single spaces. */
  #slice(start: number, end: number): () => string {
    return () => this.#text.slice(start, end).replace(/\s+/g, " ");
  }

  #nested<T>(read: () => T): T {
    if (++this.#nesting > DEEPEST) throw this.#tooDeep();
    const result = read();
    this.#nesting--;
    return result;
  }

  #tooDeep(): SpikevineError {
    return new SpikevineError(
      `${this.#reading.where} is nested too deeply; an equation may be ${DEEPEST} operations deep.`,
    );
  }

  #refuse(text: string, what: string): SpikevineError {
    return new SpikevineError(`${this.#reading.where}: "${excerpt(text)}" ${what}.`);
  }

  #noSign(start: number, end: number): SpikevineError {
    return this.#refuse(
      this.#text.slice(start, end),
      'has a product without "*" that is not a number with its unit; write the "*"',
    );
  }

  #noEquation(): SpikevineError {
    return this.#refuse(this.#text, "is not an equation of numbers, names, operators and functions");
  }

  #unreadable(reason: string): SpikevineError {
    return this.#refuse(this.#text, `cannot be read: ${reason}`);
  }

  /** A token where none of its kind may stand. */
  #refuseToken({ kind, text, start }: Token, before?: Part): SpikevineError {
    if (kind === "end") return this.#unreadable(`Unexpected end of expression (char ${start + 1})`);
    if (before !== undefined && (kind === "number" || kind === "name" || text === "(")) {
      return this.#noSign(before.start, this.#operandEnd(start));
    }
    if (FOREIGN.has(text)) return this.#refuse(this.#text, "uses an operator that equations do not have");
    if (before !== undefined && text === ":") return this.#noEquation();
    return this.#unreadable(`Value expected (char ${start + 1})`);
  }
}
