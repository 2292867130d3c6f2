import { describe, expect, test } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { whyNotFused } from "#spikevine/src/device/simd/fused";
import { SimdProgram } from "#spikevine/src/device/simd/index";
import { SpikevineError } from "#spikevine/src/errors";
import { networkCases } from "../conformance/network-cases.js";
import { observe } from "../conformance/observe.js";
import { Sketch } from "../conformance/sketch.js";
import { describeFused, fusedRefusal } from "./where-available.js";

const twice = (a: number, b: number, c: number): number => Math.fround(Math.fround(a * b) + c);
/** Products of two single-precision numbers are exact in double precision. */
const once = (a: number, b: number, c: number): number => Math.fround(a * b + c);

describe("without fused arithmetic, the error gives the reason and the fix", () => {
  test("an engine without relaxed SIMD", () => {
    expect(whyNotFused(undefined)).toMatch(/no relaxed SIMD; run it in Node 22 or newer, or use the device simd$/);
  });

  test("a processor whose products are rounded before they are added", () => {
    expect(whyNotFused(twice)).toMatch(/rounds products before it adds them; use the device simd$/);
  });

  test("a processor that rounds once is accepted", () => {
    expect(whyNotFused(once)).toBeUndefined();
  });
});

if (fusedRefusal !== undefined) {
  test("opening it is refused", async () => {
    await expect(openDevice("simd:fused")).rejects.toThrow(SpikevineError);
    await expect(openDevice("simd:fused")).rejects.toThrow(/^device simd:fused: .*use the device simd\.$/);
  });
}

const [SAMPLES, INPUTS, UNITS] = [8, 37, 16];

/** The input gradient of one dense layer: errors [8, 16] times transposed weights [37, 16], none of them 0. */
function product() {
  const sketch = new Sketch(SAMPLES, SAMPLES, 1);
  const error = sketch.input("error", UNITS, 0.5, 1);
  const weights = sketch.tensor("weights", INPUTS, UNITS);
  return sketch
    .add({ op: "inputGradient", error, weights, to: sketch.values("to", INPUTS, "sample") })
    .case("one product");
}

/** The same by loops, in the order of the units. */
function literalProduct(multiplyAdd: typeof once): Float32Array {
  const { runs, tensors } = product();
  const errors = runs[0]!.inputs.signals!.error!;
  const weights = tensors.weights!;
  return Float32Array.from({ length: SAMPLES * INPUTS }, (_, i) => {
    const [sample, input] = [Math.floor(i / INPUTS), i % INPUTS];
    let sum = 0;
    for (let n = 0; n < UNITS; n++) sum = multiplyAdd(errors[sample * UNITS + n]!, weights[input * UNITS + n]!, sum);
    return sum;
  });
}

const run = async (name: string): Promise<Float32Array> => {
  const { device } = await openDevice(name, { threads: 1 });
  const { arrays } = await observe(device, product());
  await device.dispose();
  return arrays.get("run 0: to") as Float32Array;
};

test("simd rounds products before it adds them", async () => {
  expect(await run("simd")).toEqual(literalProduct(twice));
  expect(literalProduct(once)).not.toEqual(literalProduct(twice));
});

// Optimizes everything after its first run, as in a long training.
describeFused("fused arithmetic", ["--wasm-tiering-budget=1", "--wasm-sync-tier-up"], () => {
  test("rounds once", async () => {
    expect(await run("simd:fused")).toEqual(literalProduct(once));
  });

  test("auto does not select it", async () => {
    const { device } = await openDevice();
    expect(device.report.name).toBe("simd");
    await device.dispose();
  });

  test("the report names it", async () => {
    const { device } = await openDevice("simd:fused", { threads: 2 });
    expect(device.report.name).toBe("simd:fused");
    expect(device.report.executor).toMatch(/^WebAssembly SIMD, fused arithmetic, (256-bit vectors, )?2 threads$/);
    await device.dispose();
  });

  const cases = networkCases().filter(({ name }) => !name.endsWith("every signal read"));
  test.each(cases.map((each) => [each.name, each] as const))(
    "the bits do not depend on threads or on 256-bit vectors: %s",
    async (_, each) => {
      const narrow: Device = {
        report: { name: "128 bits", executor: "" },
        compile: (plan) => SimdProgram.compile(plan, { threads: 1, shared: false, fused: true }),
        dispose: async () => {},
      };
      const { device } = await openDevice("simd:fused", { threads: 3 });
      const [expected, observed] = [await observe(narrow, each), await observe(device, each)];
      await device.dispose();
      for (const [key, values] of expected.arrays) {
        expect(Buffer.from(values.buffer).equals(Buffer.from(observed.arrays.get(key)!.buffer)), key).toBe(true);
      }
    },
  );
});
