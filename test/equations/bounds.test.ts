import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf } from "#spikevine/src/equations/analysis/bounds";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";

const parse = (text: string) => parseEquation(text, asSymbols(["u", "t", "free"]), "test");
const SYMBOLS = { u: { low: 0, high: 1 }, t: { low: 0, high: Number.POSITIVE_INFINITY } };

describe("bounds", () => {
  it.each([
    ["0.3 - u", -0.7, 0.3],
    ["-u * 2", -2, 0],
    ["1 - exp(-u)", 0, 1 - Math.exp(-1)],
    ["1 / (1 + u)", 0.5, 1],
    ["abs(u - 2)", 1, 2],
    ["u < 2 ? 5 : t", 5, 5],
    ["u > 1 ? 5 : 6", 6, 6],
    ["u < 0.5 ? 5 : 6", 5, 6],
    ["u > 0.5 and t == 3", 0, 1],
    ["min(t, 4) - max(u, 0.5)", -1, 3.5],
    ["relu(u - 2)", 0, 0],
    ["free", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["1 / u", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["t - t * 2", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("%s lies in [%d, %d]", (text, low, high) => {
    const found = boundsOf(parse(text), SYMBOLS);
    expect(found.low).toBeCloseTo(low, 12);
    expect(found.high).toBeCloseTo(high, 12);
  });

  it("are never too narrow", () => {
    const text: fc.Memo<string> = fc.memo((n) =>
      n <= 1
        ? fc.constantFrom("u", "t", "0.5", "(-2)", "3")
        : fc.oneof(
            fc
              .tuple(text(n - 1), fc.constantFrom("+", "-", "*", "/", "<", "<=", "==", "!=", "and", "or"), text(n - 1))
              .map(([l, op, r]) => `(${l} ${op} ${r})`),
            fc
              .tuple(
                fc.constantFrom("tanh", "relu", "abs", "sign", "floor", "exp", "sqrt", "log", "sin", "not "),
                text(n - 1),
              )
              .map(([f, x]) => `${f}(${x})`),
            fc.tuple(fc.constantFrom("min", "max"), text(n - 1), text(n - 1)).map(([f, l, r]) => `${f}(${l}, ${r})`),
            fc.tuple(text(n - 1), text(n - 1), text(n - 1)).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
          ),
    );
    const u = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(text(4), u, fc.nat(30), (equation, uValue, t) => {
        const e = parse(equation);
        const value = evaluate({ e }, { u: uValue, t }).e!;
        fc.pre(!Number.isNaN(value));
        const { low, high } = boundsOf(e, SYMBOLS);
        const slack = 1e-9 * Math.max(1, Math.abs(value));
        expect(value === low || value >= low - slack).toBe(true);
        expect(value === high || value <= high + slack).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
