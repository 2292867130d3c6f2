import { describe, expect, it } from "vitest";
import { derivative } from "#spikevine/src/equations/analysis/differentiate";
import { requireUnit } from "#spikevine/src/equations/language/check-units";
import { evaluate, symbol } from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";
import { parseSyntax } from "#spikevine/src/equations/language/syntax";
import { parseUnit } from "#spikevine/src/equations/language/units";

const X = symbol("x");
const parse = (text: string) => parseEquation(text, asSymbols(["x", "v"]), "test");
const at = (text: string, x: number): number => evaluate({ r: parse(text) }, { x }).r!;

const ARGUMENTS = [
  ...Array.from({ length: 241 }, (_, k) => (k - 120) / 10 + 0.0137),
  ...[-300, -40, -1, -0.5, -0.4999999, -1e-3, -1e-9, -1e-300, 0, 1e-300, 1e-9, 1e-3, 0.4999999, 0.5, 1, 40, 300],
];

/** Values of Math, which is accurate to the last bit or two. */
const REFERENCE: Readonly<Record<string, readonly [(x: number) => number, least?: number]>> = {
  "sinh(x)": [Math.sinh],
  "cosh(x)": [Math.cosh],
  "expm1(x)": [Math.expm1],
  "exprel(x)": [(x) => (x === 0 ? 1 : Math.expm1(x) / x)],
  "log1p(x)": [Math.log1p, -1],
  "log10(x)": [Math.log10, 0],
  "tan(x)": [Math.tan],
  "ceil(x)": [Math.ceil],
  "int(x)": [Math.trunc],
  "mod(x, 3)": [(x) => (x < 0 && x > -1e-15 ? 3 : ((x % 3) + 3) % 3)],
};

describe("functions that are written with others", () => {
  it.each(Object.keys(REFERENCE))("%s agrees with Math to 1e-15", (text) => {
    const [reference, least = Number.NEGATIVE_INFINITY] = REFERENCE[text]!;
    for (const x of ARGUMENTS.filter((each) => each > least)) {
      const wanted = reference(x);
      const scale = text === "mod(x, 3)" ? 1 + Math.abs(x) : Math.abs(wanted);
      expect(Math.abs(at(text, x) - wanted), `at ${x}`).toBeLessThanOrEqual(1e-15 * scale + 5e-324);
    }
  });

  it.each(["sinh(x)", "cosh(x)", "expm1(x)", "exprel(x)", "log1p(x)", "tan(x)"])("derivative of %s", (text) => {
    const slope = derivative(parse(text), X);
    for (const x of [-0.93, -0.5001, -0.02, 0.3, 0.72, 1.3]) {
      const h = 1e-4;
      const difference =
        (8 * (at(text, x + h) - at(text, x - h)) - (at(text, x + 2 * h) - at(text, x - 2 * h))) / (12 * h);
      expect(evaluate({ slope }, { x }).slope, `at ${x}`).toBeCloseTo(difference, 8);
    }
  });

  it("int of a condition is the condition", () => {
    expect(at("int(x > 1) * 5", 2)).toBe(5);
    expect(at("int(x > 1) * 5", 1)).toBe(0);
    expect(at("int(-2.7)", 0)).toBe(-2);
  });

  it("powers may be written as in Python", () => {
    expect(at("-x**2 + 2**3**2", 3)).toBe(503);
  });
});

describe("quantities in equations", () => {
  const VOLT = parseUnit("mV", "test").dimension;
  const units = new Map([["v", VOLT]]);
  const number = (text: string): number => at(text, 0);

  it.each([
    ["10 mV", 10],
    ["10*mV", 10],
    ["-65 mV", -65],
    ["0.5/ms", 0.5],
    ["2 s", 2000],
    ["5 Hz", 0.005],
    ["1 V / 1 s", 1],
    ["3 ms^2", 9 / 3],
    ["2 ms^-1", 2],
    ["30 nS / (0.2 nF)", 30 / 200],
    ["pi", Math.PI],
    ["0.7 us", 0.0007],
  ])("%s is %d in ms, mV, pA", (text, expected) => expect(number(text)).toBe(expected));

  it("units are checked", () => {
    requireUnit(parseSyntax("v - 10 mV + 3*mV + 2 pA * 1 GOhm", "test"), VOLT, units, "test: in v");
    expect(() => requireUnit(parseSyntax("v - 10 ms", "test"), VOLT, units, "test: in v")).toThrow(
      'test: in v the term "10 ms" is in ms; every term must be in mV.',
    );
    expect(() => requireUnit(parseSyntax("mod(v, 10 ms)", "test"), VOLT, units, "test: in v")).toThrow("10 ms");
    expect(() => requireUnit(parseSyntax("cosh(v) * 1 mV", "test"), VOLT, units, "test: in v")).toThrow(
      '"v", the argument of cosh, is in mV',
    );
  });

  it.each(["2 v", "1 / 2 ms", "10 mV 3", "x mV", "2 g", "3 ms^0.5", "10 constructor"])("%s is refused", (text) => {
    expect(() => parse(text)).toThrow('"*"');
  });

  it("a name of the definition goes before a unit", () => {
    const own = parseEquation("2 * pi", asSymbols(["pi"]), "test");
    expect(evaluate({ own }, { pi: 5 }).own).toBe(10);
  });
});
