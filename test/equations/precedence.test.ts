import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFormulas } from "#spikevine/src/device/host/formulas";
import { constant, evaluate, substitute, symbol } from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";
import { SpikevineError } from "#spikevine/src/errors";
import { evaluateText } from "./precedence.js";

const NAMES = ["a", "b", "c"] as const;
const BINARY = ["+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!=", "and", "or"];

/** Expressions as a person types them: parentheses are rare, so that it matters which operator binds first. */
const { expression } = fc.letrec<{ expression: string; operand: string; deep: string }>((tie) => ({
  operand: fc.oneof(
    { withCrossShrink: true, maxDepth: 5 },
    { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 3, arbitrary: fc.constantFrom("0", "1", "2", "0.5") },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom("-", "not ", "+"), tie("operand")).map(([o, x]) => `${o}${x}`) },
    { weight: 1, arbitrary: tie("expression").map((e) => `(${e})`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("exp", "abs", "sign", "relu", "step", "sqrt"), tie("expression"))
        .map(([f, x]) => `${f}(${x})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("min", "max"), tie("expression"), tie("expression"))
        .map(([f, x, y]) => `${f}(${x}, ${y})`),
    },
  ),
  deep: fc
    .tuple(tie("operand"), fc.constantFrom("?"), tie("expression"), tie("expression"))
    .map(([c, , x, y]) => `${c} ? ${x} : ${y}`),
  expression: fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.array(fc.tuple(tie("operand"), fc.constantFrom(...BINARY)), { maxLength: 4 }), tie("operand"))
        .map(([pairs, last]) => [...pairs.flat(), last].join(" ")),
    },
    { weight: 1, arbitrary: tie("deep") },
  ),
}));

/** Powers of two, so that every power and product of them is exact; and all that is no ordinary number. */
const number = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  4,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
);
const point = fc.record({ a: number, b: number, c: number });

/** The value by Python's rules, or undefined where Python, or the rule against chains, refuses the text. */
function expected(text: string, values: Readonly<Record<string, number>>): number | undefined {
  try {
    return evaluateText(text, values);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

describe("equations against an independent reader with Python's precedence", () => {
  it("have its value at every point, or are refused where it refuses them", () => {
    let values = 0;
    fc.assert(
      fc.property(expression, point, (text, at) => {
        const want = expected(text, at);
        if (want === undefined) {
          // Python has no `1 + not (a)`; here it leaves no doubt.
          if (text.includes("not (")) return;
          expect(() => parseEquation(text, asSymbols(NAMES), "test")).toThrow(SpikevineError);
          return;
        }
        values++;
        const r = parseEquation(text, asSymbols(NAMES), "test");
        expect(evaluate({ r }, at).r).toBe(want);
        // With numbers in place of some names, as a simulation has its parameters.
        const bound = substitute(
          r,
          new Map([
            [symbol("a"), constant(at.a)],
            [symbol("b"), constant(at.b)],
          ]),
        );
        expect(evaluate({ bound }, at).bound).toBe(want);
        const results = [0];
        compileFormulas({ bound }, ["c"], ["bound"], "double")([at.c], results);
        expect(results[0]).toBe(want);
      }),
      { numRuns: 2500 },
    );
    expect(values).toBeGreaterThan(800);
  });

  it.each<[string, number | undefined]>([
    ["not a > 1", 1],
    ["not a == 1", 1],
    ["not a + b > 1 and c", 0],
    ["not not a", 1],
    ["not a ^ 2", 0],
    ["-a ^ 2", -0.25],
    ["2 ^ 3 ^ a", 2 ** (3 ** 0.5)],
    ["a ^ -b ^ 2", 16],
    ["a or b and 0", 1],
    ["a < b ? 1 : b < c ? 2 : 3", 1],
    ["a < b < c", undefined],
    ["a == b == c", undefined],
    ["1 + not a", undefined],
    ["not a > not b", undefined],
    ["- not a", undefined],
    ["a ? b ? 1 : 2 : 3", undefined],
    ["a ? (b ? 1 : 2) : 3", 1],
    ["a > b and not c < 2", 0],
  ])("%s", (text, value) => {
    const at = { a: 0.5, b: 2, c: 3 };
    expect(expected(text, at)).toBe(value);
    const read = () => evaluate({ r: parseEquation(text, asSymbols(NAMES), "test") }, at).r;
    if (value === undefined) expect(read).toThrow(SpikevineError);
    else expect(read()).toBe(value);
  });

  it.each([
    ["1 + not (a)", 1],
    ["b * not (c < a) - 1", 1],
    ["not (a) > 1", 1],
  ])("%s has a not in parentheses", (text, value) => {
    expect(evaluate({ r: parseEquation(text, asSymbols(NAMES), "test") }, { a: 0.5, b: 2, c: 3 }).r).toBe(value);
  });

  it.each([
    "0 / a",
    "0 * a",
    "a * 0",
    "a - a",
    "a / a",
    "a ^ 0",
    "a ^ 0.5",
    "1 ^ a",
    "0 + a",
    "a + 0",
    "1 / (a + 0)",
    "1 / (0 - a)",
    "1 / (-0 + a)",
    "1 / (0 * a)",
    "a ^ -1",
    "a / 1",
    "a * -1",
    "0 and a",
    "a < a",
    "a == a",
    "min(a, a) - a",
  ])("%s has the right values at 0, infinity and NaN", (text) => {
    for (const a of [0, -0, 1, -3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
      const e = parseEquation(text, asSymbols(["a"]), "test");
      expect(evaluate({ e }, { a }).e).toBe(evaluateText(text, { a }));
      const bound = substitute(e, new Map([[symbol("a"), constant(a)]]));
      expect(evaluate({ bound }, {}).bound).toBe(evaluateText(text, { a }));
    }
  });
});
