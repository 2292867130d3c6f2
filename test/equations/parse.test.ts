import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apply, evaluate, type Operator } from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";
import { SpikevineError } from "#spikevine/src/errors";

const names = asSymbols(["v", "v_rest", "tau", "I"]);
const parse = (text: string) => parseEquation(text, names, "neurons/test: dv/dt");
const value = (text: string, values: Record<string, number> = {}) => evaluate({ r: parse(text) }, values).r;
const failure = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(SpikevineError);
    return (error as Error).message;
  }
  throw new Error(`${text} was accepted`);
};

describe("the grammar of equations", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["2 ^ 3 ^ 2", 512],
    ["-2 ^ 2", -4],
    ["+3 - -1", 4],
    ["7 / 2", 3.5],
    ["1 < 2", 1],
    ["2 <= 2", 1],
    ["1 > 2", 0],
    ["2 >= 3", 0],
    ["2 == 2", 1],
    ["1 and 0", 0],
    ["1 or 0", 1],
    ["not 0", 1],
    ["1 < 2 and not (3 < 2)", 1],
    ["0 ? 5 : 1 ? 6 : 7", 6],
    ["clip(5, 0, 2)", 2],
    ["clip(-5, 0, 2)", 0],
    ["step(0)", 0],
    ["step(1e-300)", 1],
    ["relu(-3)", 0],
    ["sigmoid(0)", 0.5],
    ["min(1, 2) + max(1, 2)", 3],
    ["sign(-4)", -1],
    ["floor(-0.5)", -1],
    ["1e-3 * 2.5E3", 2.5],
    ["3\u00a0\u2212 1", 2],
    ["20 ms", 20],
    ["2 * pi", 2 * Math.PI],
  ])("%s is %d", (text, expected) => expect(value(text)).toBe(expected));

  it.each(["tanh", "exp", "log", "sqrt", "abs", "sin", "cos", "atan"])("%s is a function", (name) => {
    expect(value(`${name}(v)`, { v: 0.7 })).toBe(apply(name as Operator, 0.7));
  });

  it("reads a membrane equation", () => {
    expect(value("(v_rest - v + I) / tau", { v: 3, v_rest: 1, I: 12, tau: 5 })).toBe(2);
  });
});

describe("text that is not an equation", () => {
  it("names an unknown name and the nearest known one", () => {
    expect(failure("(v_rst - v) / tau")).toBe('neurons/test: dv/dt: unknown name "v_rst": did you mean "v_rest"?');
  });

  it.each([
    ["transformed(v)", "unknown function: known are abs, atan, ceil, clip,"],
    ["sigmod(v)", 'unknown function: did you mean "sigmoid"?'],
    ["random()", "unknown function"],
    ["arcsin(0.1)", "arcsin(x) is atan(x / sqrt(1 - x^2))"],
    ["poisson(3)", "rand() and randn()"],
    ["timestep(v, tau)", "floor(t / dt + 0.5)"],
    ["True", "is 1"],
    ["N_incoming", "weights and delays of a projection"],
    ["v = 3", "is not an equation"],
    ["f(x) = x", "is not an equation"],
    ["[v, tau]", "is not an equation"],
    ['"text"', "is not an equation"],
    ["v.length", "is not an equation"],
    ['v["constructor"]', "is not an equation"],
    ["{a: 1}", "is not an equation"],
    ["v; tau", "is not an equation"],
    ["1 : 5", "is not an equation"],
    ["2 v", '"*"'],
    ["(v)(tau)", '"*"'],
    ["v!", "operator"],
    ["v % 2", "%"],
    ["v + 5%", "%"],
    ["v'", "operator"],
    ["v | 1", "operator"],
    ["v ! 1", "operator"],
    ["v to tau", "operator"],
    ["0 < v < 1", "chains"],
    ["min(v)", "1 arguments instead of 2"],
    ["clip(v, 0)", "2 arguments instead of 3"],
    ["1e999", "finite number"],
    ["1e-999 * v", "smaller than every number above 0"],
    ["true", "finite number"],
    ["NaN", "finite number"],
    ["", "is empty"],
    ["   ", "is empty"],
    ["v +", "cannot be read"],
    ["((v)", "cannot be read"],
    ["v ~ tau", "cannot be read"],
  ])("%s is refused", (text, reason) => expect(failure(text)).toContain(reason));

  it.each([
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "this",
    "end",
    "constructor(v)",
    "toString()",
    "import({a: 1})",
    'import("fs")',
    'evaluate("1")',
    'parse("v").constructor',
    'createUnit("x")',
    "v.constructor.constructor('return process')()",
    "process.exit(1)",
    "`${v}`",
    "v => v",
    "/* */",
    "v\u0000",
    "\u202ev",
  ])("hostile text %s is refused", (text) => expect(failure(text)).not.toBe(""));

  it("refuses very long and very deep text quickly", () => {
    const started = performance.now();
    for (const text of [
      "(".repeat(100_000) + "v" + ")".repeat(100_000),
      "(".repeat(1900) + "v" + ")".repeat(1900),
      "v+".repeat(1_000_000) + "v",
      "exp(".repeat(900) + "v" + ")".repeat(900),
    ]) {
      failure(text);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("reads the longest text that it accepts, or refuses it, in bounded time", () => {
    const started = performance.now();
    expect(value(`${"v+".repeat(150)}v`, { v: 1 })).toBe(151);
    for (const text of [
      "-".repeat(3900) + "v",
      "not ".repeat(990) + "v",
      "1^".repeat(1900) + "v",
      "v?1:".repeat(950) + "v",
      `${"v+".repeat(1900)}v`,
    ]) {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SpikevineError);
      }
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("never throws anything but a SpikevineError", () => {
    const fragment = fc.constantFrom(
      "v",
      "tau",
      "(",
      ")",
      "+",
      "-",
      "*",
      "/",
      "^",
      "?",
      ":",
      "<",
      "==",
      "!=",
      "and ",
      "not ",
      "exp(",
      ",",
      "1",
      ".",
      "[",
      "]",
      "=",
      "'",
      "e",
      " ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SpikevineError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
