import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adjoint,
  chooseByConditions,
  derivative,
  withoutGuards,
} from "#spikevine/src/equations/analysis/differentiate";
import {
  type Expression,
  evaluate,
  freeSymbols,
  operation,
  substitute,
  symbol,
} from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";

const VARIABLES = ["a", "b", "c"] as const;
const parse = (text: string) => parseEquation(text, asSymbols(VARIABLES), "test");
type Point = Record<(typeof VARIABLES)[number], number>;

const valueAt = (e: Expression, point: Point) => evaluate({ e }, point).e!;

function central(e: Expression, point: Point, name: keyof Point): number {
  const h = 1e-5 * Math.max(1, Math.abs(point[name]));
  return (
    (valueAt(e, { ...point, [name]: point[name] + h }) - valueAt(e, { ...point, [name]: point[name] - h })) / (2 * h)
  );
}

function check(e: Expression, point: Point): void {
  const gradients = adjoint([{ expression: e, seed: parse("1") }], VARIABLES.map(symbol));
  VARIABLES.forEach((name, i) => {
    const exact = valueAt(gradients[i]!, point);
    const numeric = central(e, point, name);
    expect(Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(valueAt(e, point)))).toBeLessThan(1e-6);
  });
}

/** Away from the corners at 0 and at equal operands. */
const off = fc.double({ min: 0.2, max: 3, noNaN: true });
const signed = fc.tuple(off, fc.boolean()).map(([x, minus]) => (minus ? -x : x));
const separated = (point: Point) =>
  Math.abs(point.a - point.b) > 1e-3 && Math.abs(point.b - point.c) > 1e-3 && Math.abs(point.a - point.c) > 1e-3;

describe("derivative rules against central differences", () => {
  it.each([
    "a + b",
    "a - b",
    "a * b",
    "a / b",
    "-a",
    "a ^ 3",
    "a ^ -2",
    "exp(a)",
    "sin(a) * cos(b)",
    "tanh(a * b)",
    "atan(a)",
    "sigmoid(a - b)",
    "relu(a)",
    "abs(a)",
    "sign(a) * b",
    "step(a) * b",
    "floor(a / 100) + b",
    "min(a, b)",
    "max(a, b)",
    "max(a, 0.1 * a)",
    "clip(a, -1.01234, 1.01234) * b",
    "a > b ? a * c : b / c",
    "(a < b) * c",
    "(a <= b and not (c > a) or b == c) * a",
    "(a + b) * (a + b) / (1 + (a + b)^2)",
  ])("%s", (text) => {
    const e = parse(text);
    fc.assert(
      fc.property(fc.record({ a: signed, b: signed, c: signed }).filter(separated), (point) => check(e, point)),
      { numRuns: 60 },
    );
  });

  it.each(["log(a)", "sqrt(a * b)", "a ^ 0.3", "a ^ b", "2 ^ a", "(a * b) ^ (c / a)", "log(a) / sqrt(b)"])(
    "%s, positive",
    (text) => {
      const e = parse(text);
      const positive = fc.double({ min: 0.3, max: 3, noNaN: true });
      fc.assert(
        fc.property(fc.record({ a: positive, b: positive, c: positive }), (point) => check(e, point)),
        { numRuns: 60 },
      );
    },
  );

  it("differentiates compositions", () => {
    const text: fc.Memo<string> = fc.memo((n) =>
      n <= 1
        ? fc.constantFrom("a", "b", "c", "0.5", "2")
        : fc.oneof(
            fc.tuple(text(n - 1), fc.constantFrom("+", "-", "*"), text(n - 1)).map(([l, op, r]) => `(${l} ${op} ${r})`),
            fc
              .tuple(fc.constantFrom("tanh", "sigmoid", "sin", "cos", "atan"), text(n - 1))
              .map(([f, x]) => `${f}(${x})`),
            text(n - 1).map((x) => `exp(tanh(${x}))`),
            text(n - 1).map((x) => `1 / (1 + (${x})^2)`),
          ),
    );
    const small = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(text(4), fc.record({ a: small, b: small, c: small }), (t, point) => check(parse(t), point)),
      { numRuns: 200 },
    );
  });
});

describe("conventions", () => {
  const a = symbol("a");
  const at = (text: string, value: number) => valueAt(derivative(parse(text), a), { a: value, b: 1, c: 1 });

  it.each([
    ["relu(a)", 0, 0],
    ["abs(a)", 0, 0],
    ["min(a, b)", 1, 1],
    ["min(b, a)", 1, 0],
    ["max(a, b)", 1, 1],
    ["max(b, a)", 1, 0],
    ["clip(a, 0, 1)", 0, 1],
    ["clip(a, 0, 1)", 1, 1],
    ["max(a, 0.1 * a)", 0, 0.1],
    ["step(a)", 0, 0],
    ["a ^ 2 ", 0, 0],
    ["floor(a)", 1, 0],
  ])("d %s / da at a = %d is %d", (text, value, expected) => expect(at(text, value)).toBe(expected));

  it.each([
    // The error at the root, the logarithm and the quotient is 0 where their branch is not taken.
    ["a > 0 ? sqrt(a) : 0", 0, 0],
    ["a > 0 ? log(a) : a", -1, 1],
    ["a > 1 ? b / a : 0", 0, 0],
    ["a > 0 ? (a < 1 ? a : 1 / (a - 1)) : 2 * a", 0, 2],
    ["sqrt(relu(a))", 0, 0],
    ["sqrt(abs(a))", 0, 0],
    ["relu(a) ^ 0.3", 0, 0],
    ["a ^ (b - c)", 0, 0],
    ["b ^ (a - 1) * 0 + (b - c) ^ a", 2, 0],
    ["exp(a) * (a < 9) + (a < 9 ? exp(a^3) : 0)", 30, 0],
  ])("a branch that is cut off contributes 0: d %s / da at a = %d is %d", (text, value, expected) => {
    const { slope } = chooseByConditions({ slope: derivative(parse(text), a) });
    expect(Math.abs(valueAt(slope!, { a: value, b: 1, c: 1 }) - expected)).toBe(0);
  });

  it("leaves no choice in where an error of 0 cannot meet anything infinite", () => {
    const plain = parse("a > 0 ? tanh(a) * b + 3 * a : sigmoid(b) * a");
    const slope = derivative(plain, a);
    expect(withoutGuards(slope)).toBe(slope);
  });

  it("fixed symbols need no guard where every step would be spoilt without one", () => {
    const [seed, x, tau] = ["c", "a", "b"].map(symbol) as [Expression, Expression, Expression];
    const at = (text: string, fixed: readonly string[]) =>
      adjoint([{ expression: parse(text), seed }], [x, tau], { fixed });
    const unguarded = at("a / b", ["b"]);
    expect(unguarded.map(withoutGuards)).toEqual(unguarded);
    for (const guarded of [at("a / b", []), at("b > 0 ? a / b : 0", ["b"])]) {
      expect(guarded.map(withoutGuards)).not.toEqual(guarded);
    }
    expect(at("a / b", []).map(withoutGuards)).toEqual(unguarded);
  });

  it("has no derivative of a spike but the surrogate's", () => {
    const spike = operation("spike", operation("multiply", a, symbol("b")));
    expect(derivative(spike, a)).toBe(parse("0"));
    const withSurrogate = derivative(spike, a, (z) => operation("exp", z));
    expect(valueAt(withSurrogate, { a: 0.5, b: 2, c: 0 })).toBeCloseTo(2 * Math.E, 12);
  });

  it.each(["relu", "sigmoid", "tanh", "exp", "sqrt"])("states the derivative of %s by its own value", (name) => {
    const result = parse(`${name}(a * b)`);
    const gradient = substitute(derivative(result, parse("a * b")), new Map([[result, symbol("r")]]));
    expect(freeSymbols([gradient])).toEqual(["r"]);
  });

  it("adds up the contributions of several outputs", () => {
    const [g] = adjoint(
      [
        { expression: parse("a * b"), seed: parse("2") },
        { expression: parse("a ^ 2"), seed: parse("c") },
      ],
      [a],
    );
    expect(valueAt(g!, { a: 3, b: 5, c: 7 })).toBe(2 * 5 + 7 * 2 * 3);
  });
});
