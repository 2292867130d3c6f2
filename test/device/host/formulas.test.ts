import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compileFormulas, generateFormulas, interpretFormulas } from "#spikevine/src/device/host/formulas";
import {
  ARITY,
  constant,
  type Expression,
  evaluate,
  type Operator,
  operation,
  symbol,
} from "#spikevine/src/equations/language/expression";

/** A lookup needs a table with the number of its first operand. */
const operators = (Object.keys(ARITY) as Operator[]).filter((operator) => operator !== "lookup");

const expression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression; leaf: Expression }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(symbol("a"), symbol("b"), symbol("c")),
    fc.constantFrom(-1.5, 0, 0.1, 2).map((value) => constant(value)),
  ),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc
      .tuple(fc.constantFrom(...operators), tie("node"), tie("node"), tie("node"))
      .map(([operator, ...operands]) => operation(operator, ...operands.slice(0, ARITY[operator]))),
  ),
})).node;

const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("compiled formulas", () => {
  test.each(["double", "single"] as const)("generated and interpreted %s agree bit for bit", (precision) => {
    fc.assert(
      fc.property(expression, expression, fc.tuple(number, number, number), (first, second, values) => {
        const formulas = { first, second };
        const names = ["a", "b", "c"];
        const generated = new Float64Array(2);
        const interpreted = new Float64Array(2);
        generateFormulas(formulas, names, precision)(values, generated);
        interpretFormulas(formulas, names, precision)(values, interpreted);
        expect(generated).toEqual(interpreted);
        if (precision === "single") expect(generated).toEqual(generated.map(Math.fround));
        else {
          const wanted = evaluate(formulas, { a: values[0], b: values[1], c: values[2] });
          expect([...generated]).toEqual([wanted.first, wanted.second]);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("single precision rounds after each operation, not at the end", () => {
    const sum = operation("subtract", operation("add", symbol("a"), symbol("b")), symbol("a"));
    const result = [0];
    compileFormulas({ sum }, ["a", "b"], ["sum"], "single")([1, 2 ** -30], result);
    expect(result[0]).toBe(0);
    compileFormulas({ sum }, ["a", "b"], ["sum"], "double")([1, 2 ** -30], result);
    expect(result[0]).toBe(2 ** -30);
  });

  test("if code generation is forbidden, formulas are interpreted", () => {
    class Forbidden {
      constructor() {
        throw new EvalError("Code generation from strings disallowed for this context");
      }
    }
    vi.stubGlobal("Function", Forbidden);
    const result = [0];
    compileFormulas({ x: operation("exp", symbol("a")) }, ["a"], ["x"], "single")([1], result);
    expect(result[0]).toBe(Math.fround(Math.E));
  });

  test("results come in the order asked for", () => {
    const result = [0, 0];
    compileFormulas({ x: symbol("a"), y: symbol("b") }, ["a", "b"], ["y", "x"], "double")([1, 2], result);
    expect(result).toEqual([2, 1]);
  });

  test("missing names are reported", () => {
    const formulas = { x: symbol("a") };
    expect(() => compileFormulas(formulas, ["a"], ["z"], "double")).toThrow('no formula "z"; there are x');
    expect(() => compileFormulas(formulas, ["b"], ["x"], "double")).toThrow('a formula uses "a", but only b are given');
  });

  test("only identifiers become code", () => {
    const name = "a];process.exit(1);[";
    expect(() => compileFormulas({ x: symbol(name) }, [name], ["x"], "double")).toThrow("is not an identifier");
  });
});
