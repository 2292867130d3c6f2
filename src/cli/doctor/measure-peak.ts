import type { Device, DeviceReport, Plan } from "../../device/index.js";
import { type Code, TYPE } from "../../device/simd/wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../device/simd/wasm/instructions.js";
import { ModuleBuilder } from "../../device/simd/wasm/module.js";

/** Arithmetic of one core on one of the `simd` devices, in GFLOP/s; a product and its sum are two operations. */
export interface Arithmetic {
  /** Of a loop of products and sums in registers, the most that kernels of this device can reach. */
  readonly peak: number;
  /** Of the dense product of `PRODUCT`. */
  readonly product: number;
}

/** Independent chains of 128 bits, or half as many of 256: enough to hide their latency, few enough for sixteen registers. */
const CHAINS = 12;
const UNROLLED = 4;
const ITERATIONS = 20_000;

/** Rows, and units of both layers, of the dense product. */
export const PRODUCT = { rows: 256, units: 512 } as const;

const MILLISECONDS = 250;

/**
 * Measures the arithmetic of a `simd` device on one thread, which must stay open meanwhile, since V8 makes 256-bit vectors
 * only while a device needs them.
 */
export async function measureArithmetic(device: Device): Promise<Arithmetic> {
  const loop = await openPeak(device.report);
  const product = await openProduct(device);
  try {
    return {
      peak: await fastest((ITERATIONS * loop.operations) / 1e9, async () => loop.run(ITERATIONS)),
      product: await fastest((2 * PRODUCT.rows * PRODUCT.units ** 2) / 1e9, product.run),
    };
  } finally {
    await product.dispose();
  }
}

interface PeakLoop {
  /** Operations of an iteration. */
  readonly operations: number;
  readonly run: (iterations: number) => void;
}

/**
 * A loop of independent chains: of fused products and sums, or half of them of products and half of sums. They are loaded
 * and stored in pairs, which V8 makes 256-bit vectors of.
 */
async function openPeak({ name, executor }: DeviceReport): Promise<PeakLoop> {
  const fused = name === "simd:fused";
  const chains = executor.includes("256-bit") ? 2 * CHAINS : CHAINS;
  const module = new ModuleBuilder({ fused });
  module.function(
    { parameters: [TYPE.i32], results: [] },
    (f, iterations) => {
      const values = Array.from({ length: chains }, (_, j) => f.let(TYPE.v128, v128.load(16 * j, i32.const(0))));
      const next = (value: number, j: number): Code => {
        if (fused) return f.multiplyAdd(get(value), get(value), get(value));
        return j % 4 < 2 ? f32x4.mul(get(value), get(value)) : f32x4.add(get(value), get(value));
      };
      f.range(i32.const(0), get(iterations!), 1, () => {
        for (let i = 0; i < UNROLLED; i++) {
          for (const [j, value] of values.entries()) f.emit(set(value, next(value, j)));
        }
      });
      // The higher address first, from which V8 starts to widen.
      for (const [j, value] of [...values.entries()].reverse()) f.emit(v128.store(16 * j, i32.const(0), get(value)));
    },
    "peak",
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(module.encode(1, false, name), { host: { memory } });
  const run = instance.exports.peak as PeakLoop["run"];
  return { operations: UNROLLED * chains * 4 * (fused ? 2 : 1), run };
}

/** The input gradient of a dense layer on the device; no error is 0, so that nothing can be skipped. */
async function openProduct(device: Device): Promise<{ run: () => Promise<void>; dispose: () => Promise<void> }> {
  const { rows, units } = PRODUCT;
  const signal = (role: "input" | "result") => ({ kind: "values", width: units, rows: "sample", role }) as const;
  const plan: Plan = {
    tensors: { weights: { rows: units, columns: units } },
    procedures: {
      product: {
        batch: rows,
        steps: 1,
        signals: { error: signal("input"), to: signal("result") },
        operations: [{ op: "inputGradient", error: "error", weights: "weights", to: "to" }],
      },
    },
  };
  const program = await device.compile(plan);
  const inputs = { samples: rows, signals: { error: new Float32Array(rows * units).fill(1) }, seed: 1, epoch: 1 };
  return { run: () => program.run("product", inputs), dispose: () => program.dispose() };
}

/** Largest work per second of any call: the least disturbed call shows the speed of the processor. */
async function fastest(work: number, run: () => Promise<void>): Promise<number> {
  const end = performance.now() + MILLISECONDS;
  let least = Number.POSITIVE_INFINITY;
  do {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  } while (performance.now() < end);
  return (work / least) * 1000;
}
