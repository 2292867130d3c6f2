import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { emitStatements } from "#spikevine/src/equations/kernels/emit-javascript";
import {
  ARITY,
  evaluate,
  type Formulas,
  type Operator,
  operation,
  symbol,
} from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";

function run(formulas: Formulas, values: Record<string, number>): Record<string, number> {
  const { statements, results } = emitStatements(formulas, { symbol: (name) => `values.${name}` });
  const fields = Object.entries(results).map(([name, code]) => `${name}: ${code}`);
  const script = new Script(`(() => { ${statements.join("\n")}\n return { ${fields.join(", ")} }; })()`);
  return { ...(script.runInNewContext({ values }) as Record<string, number>) };
}

const POINTS = [-2.5, -1, 0, 0.5, 1, 3].flatMap((a) =>
  [-1, 0, 0.5, 2].flatMap((b) => [0, 7].map((c) => ({ a, b, c }))),
);

describe("emitted JavaScript", () => {
  // A lookup needs a table with the number of its first operand.
  it.each(Object.keys(ARITY).filter((operator) => operator !== "lookup"))(
    "computes %s as the algebra does",
    (operator) => {
      const operands = ["a", "b", "c"].slice(0, ARITY[operator as Operator]).map(symbol);
      const r = operation(operator as Operator, ...operands);
      for (const point of POINTS) expect(run({ r }, point)).toEqual(evaluate({ r }, point));
    },
  );

  it("computes shared subexpressions once", () => {
    const parse = (text: string) => parseEquation(text, asSymbols(["a", "b"]), "test");
    const { statements, results } = emitStatements(
      { x: parse("exp(a * b) + 1"), y: parse("exp(a * b) - 1"), z: parse("a"), one: parse("1") },
      { symbol: (name) => name },
    );
    expect(statements).toEqual([
      "const e0 = a * b;",
      "const e1 = Math.exp(e0);",
      "const e2 = e1 + 1;",
      "const e3 = e1 - 1;",
    ]);
    expect(results).toEqual({ x: "e2", y: "e3", z: "a", one: "1" });
  });

  it("writes numbers and locals as its options require, and negative numbers safely", () => {
    const { statements } = emitStatements(
      { x: parseEquation("a - (-2.5)", asSymbols(["a"]), "test") },
      { symbol: (name) => `this.${name}`, number: (value) => `${value.toFixed(2)}`, prefix: "k" },
    );
    expect(statements).toEqual(["const k0 = this.a - (-2.50);"]);
  });
});
