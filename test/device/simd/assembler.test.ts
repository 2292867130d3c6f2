import { describe, expect, test } from "vitest";
import { signed, TYPE, unsigned } from "#spikevine/src/device/simd/wasm/encoding";
import { branchIf, f32x4, get, i32, set, v128, whenElse } from "#spikevine/src/device/simd/wasm/instructions";
import { ModuleBuilder } from "#spikevine/src/device/simd/wasm/module";

type Function = (...numbers: number[]) => number;

/** Instantiates a module with one page of memory. */
function instantiate(module: ModuleBuilder, host: Record<string, unknown> = {}) {
  const bytes = module.encode(1, false);
  expect(WebAssembly.validate(bytes)).toBe(true);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { ...host, memory } });
  return { functions: exports as Record<string, Function>, memory };
}

describe("LEB128", () => {
  test("unsigned numbers, up to whole addresses", () => {
    expect(unsigned(0)).toEqual([0]);
    expect(unsigned(127)).toEqual([127]);
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(unsigned(2 ** 32 - 1)).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  });

  test("signed numbers; addresses beyond 2 GiB wrap", () => {
    expect(signed(-1)).toEqual([0x7f]);
    expect(signed(64)).toEqual([0xc0, 0x00]);
    expect(signed(-123456)).toEqual([0xc0, 0xbb, 0x78]);
    expect(signed(2 ** 32 - 1)).toEqual([0x7f]);
  });
});

describe("functions", () => {
  test("loops, conditions, locals and calls", () => {
    const module = new ModuleBuilder();
    const signature = { parameters: [TYPE.i32], results: [TYPE.i32] };
    const double = module.function(signature, (f, x) => f.emit(i32.shl(get(x!), i32.const(1))));
    module.function(
      signature,
      (f, n) => {
        const sum = f.i32();
        f.range(i32.const(0), get(n!), 1, (i) => {
          f.emit(whenElse(i32.and(get(i), i32.const(1)), set(sum, i32.add(get(sum), get(i))), []));
        });
        f.emit([...get(sum), 0x10, double]);
      },
      "twiceTheOdd",
    );
    const { functions } = instantiate(module);
    expect(functions.twiceTheOdd!(10)).toBe(50);
    expect(functions.twiceTheOdd!(0)).toBe(0);
  });

  test.each([0, 1, 2, 3, 4, 5, 8, 9])("a stride runs exactly %i steps", (steps) => {
    const module = new ModuleBuilder();
    module.function(
      { parameters: [TYPE.i32], results: [TYPE.i32] },
      (f, n) => {
        const sum = f.i32();
        const pointer = f.let(TYPE.i32, i32.const(8));
        const end = f.let(TYPE.i32, i32.add(get(pointer), i32.mul(get(n!), i32.const(12))));
        f.stride({ pointer, end, bytes: 12, unroll: 4 }, (k) => {
          f.emit(set(sum, i32.add(get(sum), i32.add(get(pointer), i32.const(12 * k)))));
        });
        f.emit(get(sum));
      },
      "sum",
    );
    const expected = Array.from({ length: steps }, (_, k) => 8 + 12 * k).reduce((a, b) => a + b, 0);
    expect(instantiate(module).functions.sum!(steps)).toBe(expected);
  });

  test("v128 memory and arithmetic, and functions of the host", () => {
    const module = new ModuleBuilder();
    const triple = module.import("triple", { parameters: [TYPE.i32], results: [TYPE.i32] });
    module.function(
      { parameters: [], results: [TYPE.i32] },
      (f) => {
        const x = f.let(TYPE.v128, v128.load(0, i32.const(0)));
        f.emit(v128.store(16, i32.const(0), f32x4.add(f32x4.mul(get(x), get(x)), f32x4.const(0.5))));
        f.emit([...i32.const(7), 0x10, triple]);
      },
      "run",
    );
    const { functions, memory } = instantiate(module, { triple: (x: number) => 3 * x });
    const numbers = new Float32Array(memory.buffer);
    numbers.set([1, 2, -3, 0.25]);
    expect(functions.run!()).toBe(21);
    expect([...numbers.subarray(4, 8)]).toEqual([1.5, 4.5, 9.5, 0.5625]);
  });

  test("imports come first, types are shared, helpers are made once", () => {
    const module = new ModuleBuilder();
    const make = () => module.function({ parameters: [], results: [] }, () => {});
    expect(module.once("helper", make)).toBe(module.once("helper", make));
    expect(() => module.import("late", { parameters: [], results: [] })).toThrow(/after the first function/);
    expect(branchIf(0, i32.const(1))).toEqual([0x41, 1, 0x0d, 0]);
  });
});
