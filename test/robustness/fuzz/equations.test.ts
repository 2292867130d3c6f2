import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emitKernel } from "#spikevine/src/device/gpujs/source/emit";
import { compileFormulas } from "#spikevine/src/device/host/formulas";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { functionTable } from "#spikevine/src/equations/definitions/function-table";
import { parseWith, readFunctions } from "#spikevine/src/equations/definitions/own-functions";
import { timedArray } from "#spikevine/src/equations/definitions/timed-array";
import { emitStatements } from "#spikevine/src/equations/kernels/emit-javascript";
import { constant, type Expression, evaluate, symbol } from "#spikevine/src/equations/language/expression";
import { packFormulas, unpackFormulas } from "#spikevine/src/equations/language/packed-formulas";
import { asSymbols, parseEquation, resolve } from "#spikevine/src/equations/language/parse";
import { parseQuantity, parseUnit } from "#spikevine/src/equations/language/units";
import { rulePlan } from "../../device/conformance/rule-plan.js";
import { HOSTILE, mutatedText } from "./mutate.js";
import { CASES, fuzz } from "./run.js";

const NAMES = ["v", "I", "tau", "y", "dt"];

/** Texts in the grammar of equations, and texts outside of it. */
const { equation } = fc.letrec<{ equation: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    fc.constantFrom(...NAMES, "0", "1", "-2.5", "1e-300", "1e400", "pi", "e", "Infinity", "NaN", "i", "true", "w"),
    fc.constantFrom(
      '"a"',
      "[1, 2]",
      "a.b",
      "this",
      "x = 3",
      "f(x) = x",
      "5 mV",
      "-2.5e-3 ms^-1",
      "7 s",
      "mV",
      "rand()",
      "randn()",
      "xi",
      "1; 2",
      "constructor",
      "__proto__",
    ),
  ),
  equation: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    tie("atom"),
    fc
      .tuple(
        tie("equation"),
        fc.constantFrom("+", "-", "*", "/", "^", "<", ">=", "==", "!=", " and ", " or ", ".*", "%", "="),
        tie("equation"),
      )
      .map(([a, op, b]) => `(${a}) ${op} ${b}`),
    fc
      .tuple(
        fc.constantFrom(
          "exp",
          "log",
          "sqrt",
          "tanh",
          "step",
          "relu",
          "sigmoid",
          "abs",
          "not ",
          "-",
          "cosh",
          "sinh",
          "exprel",
          "log1p",
          "int",
          "import",
          "eval",
          "parse",
          "constructor",
          "createUnit",
          "rise",
          "stimulus",
        ),
        tie("equation"),
      )
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(tie("equation"), tie("equation"), tie("equation")).map(([c, a, b]) => `${c} ? ${a} : ${b}`),
    fc.tuple(tie("equation"), tie("equation")).map(([a, b]) => `max(${a}, mod(${b}, ${a}))`),
  ),
}));

const text = fc.oneof(
  equation,
  mutatedText("(v_rest - v + R * I) / tau", "v > 1 ? 0 : v * exp(-dt / tau)", "clip(v, 0, max(I, y))"),
  fc.constantFrom(
    ...HOSTILE,
    ...HOSTILE.map((hostile) => `v + ${hostile}`),
    ...HOSTILE.map((hostile) => `${hostile}(v)`),
  ),
  fc.nat({ max: 3000 }).map((depth) => `${"(".repeat(depth)}v${")".repeat(depth)}`),
  fc.nat({ max: 900 }).map((length) =>
    Array(length + 1)
      .fill("v")
      .join(" ^ "),
  ),
);

/** Only numbers, generated names, operators and the functions of `Math` that the emitter uses. */
const EMITTED =
  /^const e\d+ = (?:Math\.(?:pow|exp|log|sqrt|sin|cos|tanh|atan|max|min|abs|sign|floor)\b|s_(?:v|I|tau|y|dt)\b|e\d+\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[-+*/<>=!&|?:(), ]|Infinity|NaN)*;$/;

/** A timed array and a table, whose calls are the text beside those of the grammar. */
const FUNCTIONS = readFunctions(
  { rise: functionTable([-1, 0, 2], [3, 1, 5]), stimulus: timedArray([4, 5, 6], { dt: "1 ms" }) },
  "test",
);
const LOOKUP = /\btables\[\d+\]\[(?:e\d+|\d+)\]/g;

const VALUES = { v: 0.3, I: -1.7, tau: 20, y: 1, dt: 0.1 };

function compare(formulas: { readonly result: Expression }, given: string): void {
  const wanted = evaluate(formulas, VALUES).result;
  const compiled = compileFormulas(formulas, NAMES, ["result"], "double");
  const got = [0];
  compiled(
    NAMES.map((name) => VALUES[name as keyof typeof VALUES]),
    got,
  );
  expect(Object.is(got[0], wanted) || got[0] === wanted, `${given}: ${got[0]} and ${wanted}`).toBe(true);
}

describe(`${CASES} cases each: an equation is data`, () => {
  it("equations give the same numbers however they are computed, and code of the grammar alone", async () => {
    await fuzz({
      name: "equations",
      input: text,
      read(given) {
        const formulas = { result: resolve(parseWith(FUNCTIONS, given, "test"), asSymbols(NAMES), "test") };
        expect(unpackFormulas(packFormulas(formulas)).result).toBe(formulas.result);
        const { statements, results } = emitStatements(formulas, { symbol: (name) => `s_${name}` });
        for (const statement of statements) expect(statement.replace(LOOKUP, "0")).toMatch(EMITTED);
        if (statements.some((statement) => statement.includes("tables"))) return compare(formulas, given);
        const kernel = emitKernel(formulas, Object.fromEntries(NAMES.map((name) => [name, `s_${name}`])), "e");
        for (const line of kernel.statements.split("\n")) if (line !== "") expect(line).toMatch(EMITTED);
        expect(results.result).toMatch(/^\(?(s_\w+|e\d+|-?[\d.e+-]+|-?Infinity|NaN)\)?$/);
        return compare(formulas, given);
      },
    });
  }, 600_000);

  it("equations in WebAssembly: a module of plain arithmetic that runs, for any text", async () => {
    const names = new Map<string, Expression>([
      ["v", symbol("weight")],
      ["I", symbol("gradient")],
      ["tau", constant(20)],
      ["y", constant(1)],
      ["dt", constant(0.1)],
    ]);
    const device = await simdDevice({ threads: 1 });
    await fuzz({
      name: "equations in WebAssembly",
      input: text,
      cases: Math.ceil(CASES / 10),
      async read(given) {
        const formulas = { weight: parseEquation(given, names, "test") };
        const rule = { name: "any", states: [], uniforms: [], usesFactor: false, formulas };
        const program = await device.compile(rulePlan(rule, { rows: 1, columns: 8 }));
        await program.run("update", { samples: 1 });
        expect(await program.readTensor("w")).toHaveLength(8);
        expect([...(await program.readTensor("g"))]).toEqual(Array(8).fill(0));
        await program.dispose();
      },
    });
    await device.dispose();
  }, 600_000);

  it("quantities and units", async () => {
    const quantities = mutatedText(
      "20 ms",
      "-65 mV",
      "1e-3 nS",
      "100 MOhm",
      "0.8",
      "1 / ms",
      "5 mV / ms",
      "3 kg m^2 / s^3",
    );
    await fuzz({
      name: "quantities",
      input: fc.oneof(quantities, fc.constantFrom(...HOSTILE), fc.string(), fc.double()),
      read(given) {
        expect(Number.isFinite(parseQuantity(given, "test").value)).toBe(true);
      },
    });
    await fuzz({
      name: "units",
      input: fc.oneof(mutatedText("ms", "1/ms", "mV/ms", "MOhm"), fc.constantFrom(...HOSTILE), fc.string()),
      read(given) {
        expect(parseUnit(given, "test").value).toBeGreaterThan(0);
      },
    });
  }, 600_000);
});
