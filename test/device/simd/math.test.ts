import { describe, expect, test } from "vitest";
import { FormulaEmitter } from "#spikevine/src/device/simd/kernels/codegen/formulas";
import { importHostFunctions } from "#spikevine/src/device/simd/kernels/codegen/math";
import { get, i32, v128 } from "#spikevine/src/device/simd/wasm/instructions";
import { ModuleBuilder } from "#spikevine/src/device/simd/wasm/module";
import { ARITY, apply, type Operator, operation, symbol } from "#spikevine/src/equations/language/expression";

const COUNT = 4096;

/** Evaluates one operator on the device for many arguments. */
function evaluate(operator: Operator, ...columns: readonly Float32Array[]): Float32Array {
  const module = new ModuleBuilder();
  const host = importHostFunctions(module);
  const names = ["a", "b", "c"].slice(0, ARITY[operator]);
  const bytes = COUNT * 4;
  module.function(
    { parameters: [], results: [] },
    (f) => {
      f.range(i32.const(0), i32.const(bytes), 16, (at) => {
        const emitter = new FormulaEmitter(f, (name) => v128.load(names.indexOf(name) * bytes, get(at)), host);
        const value = emitter.value(operation(operator, ...names.map(symbol)));
        f.emit(v128.store(3 * bytes, get(at), value));
      });
    },
    "run",
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const compiled = new WebAssembly.Module(module.encode(1, false));
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory, sin: Math.sin, cos: Math.cos } });
  const numbers = new Float32Array(memory.buffer);
  columns.forEach((column, index) => {
    numbers.set(column, index * COUNT);
  });
  (exports.run as () => void)();
  return numbers.slice(3 * COUNT, 4 * COUNT);
}

/** Evenly spaced numbers of a range, rounded to single precision. */
const spread = (from: number, to: number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => from + ((to - from) * i) / (COUNT - 1));

/** Numbers of both signs and every size. */
const everySize = (): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => (i % 2 === 0 ? 1 : -1) * 2 ** ((i / COUNT) * 250 - 125));

const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1, -1, 1e-40, -1e-40, 3e38, -3e38, 0.5, -0.5, 2, -2, 88.8, -104, 127];
const special = (): Float32Array => Float32Array.from({ length: COUNT }, (_, i) => SPECIAL[i % SPECIAL.length]!);

describe("bounds on errors", () => {
  const bounds: [Operator, number, Float32Array[]][] = [
    ["exp", 2e-7, [spread(-87, 88), spread(-1, 1), spread(-1e-3, 1e-3)]],
    ["log", 2e-7, [spread(1e-30, 10), spread(0.5, 2), everySize().map(Math.abs), spread(1e-44, 1e-38)]],
    ["sigmoid", 4e-7, [spread(-80, 80), spread(-4, 4)]],
    ["tanh", 3e-7, [spread(-12, 12), spread(-1, 1), everySize()]],
    ["atan", 3e-7, [spread(-100, 100), spread(-3, 3), everySize()]],
  ];
  test.each(bounds)("%s: relative error below %d", (operator, bound, ranges) => {
    let worst = 0;
    for (const range of ranges) {
      evaluate(operator, range).forEach((value, i) => {
        const exact = apply(operator, range[i]!);
        if (Math.abs(exact) > 1.2e-38) worst = Math.max(worst, Math.abs(value - exact) / Math.abs(exact));
      });
    }
    expect(worst).toBeLessThan(bound);
  });

  test.each(["sin", "cos"] as const)("%s: absolute error below 2e-7, however large the argument", (operator) => {
    let worst = 0;
    for (const range of [spread(-7, 7), spread(-8192, 8192), spread(8191, 8193), everySize()]) {
      evaluate(operator, range).forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - apply(operator, range[i]!)));
      });
    }
    expect(worst).toBeLessThan(2e-7);
  });

  test("power: relative error below 2e-7 (1 + |y log x|)", () => {
    const x = spread(0.01, 30);
    const y = Float32Array.from({ length: COUNT }, (_, i) => ((i * 37) % 101) / 10 - 5);
    evaluate("power", x, y).forEach((value, i) => {
      const exact = x[i]! ** y[i]!;
      expect(Math.abs(value - exact) / exact).toBeLessThan(2e-7 * (1 + Math.abs(y[i]! * Math.log(x[i]!))));
    });
  });

  test("exp underflows gradually", () => {
    const x = spread(-103, -88);
    evaluate("exp", x).forEach((value, i) => {
      expect(Math.abs(value - Math.exp(x[i]!))).toBeLessThanOrEqual(2 ** -148);
    });
  });
});

describe("special values are those of `apply`", () => {
  // Only simulations have lookups.
  const operators = (Object.keys(ARITY) as Operator[]).filter((operator) => !["power", "lookup"].includes(operator));
  test.each(operators)("%s", (operator) => {
    const a = special();
    const b = Float32Array.from({ length: COUNT }, (_, i) => SPECIAL[Math.floor(i / SPECIAL.length) % SPECIAL.length]!);
    const c = a.map((x) => x + 1);
    evaluate(operator, ...[a, b, c].slice(0, ARITY[operator])).forEach((value, i) => {
      const exact = Math.fround(apply(operator, a[i]!, b[i]!, c[i]!));
      const near = Math.abs(value - exact) <= 4e-7 * Math.abs(exact) + 1e-44;
      expect(near || Object.is(value, exact) || value === exact, `${a[i]}, ${b[i]}: ${value}, not ${exact}`).toBe(true);
    });
  });

  test("power", () => {
    const cases = [
      [2, 3],
      [-2, 3],
      [-2, 2],
      [-2, 0.5],
      [0, 2],
      [0, -1],
      [5, 0],
      [NaN, 1],
      [1, NaN],
      [Infinity, 2],
    ] as const;
    const a = Float32Array.from({ length: COUNT }, (_, i) => cases[i % cases.length]![0]);
    const b = Float32Array.from({ length: COUNT }, (_, i) => cases[i % cases.length]![1]);
    const values = evaluate("power", a, b);
    cases.forEach(([x, y], i) => {
      const exact = x ** y;
      if (Number.isFinite(exact)) expect(values[i]).toBeCloseTo(exact, 5);
      else expect(values[i]).toBe(exact);
    });
  });
});
