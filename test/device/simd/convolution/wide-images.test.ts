import { describe, expect, test } from "vitest";
import type { Convolution, Device, Plan } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { SpikevineError } from "#spikevine/src/errors";
import { handSnu } from "../../conformance/kernels.js";

/** Spikes of 69,120 units: more than 16 bits can number. */
const SHAPE = { channels: 3, height: 144, width: 160 };
const UNITS = SHAPE.channels * SHAPE.height * SHAPE.width;
const CONVOLUTION: Convolution = {
  input: SHAPE,
  output: { channels: 5, height: 72, width: 80 },
  size: [3, 3],
  stride: [2, 2],
  padding: [1, 1],
  dilation: [1, 1],
  groups: 1,
};
const OUTPUTS = 5 * 72 * 80;
const ROWS = 27;

const plan: Plan = {
  tensors: { weights: { rows: ROWS, columns: 5 }, gradient: { rows: ROWS, columns: 5 } },
  procedures: {
    run: {
      batch: 1,
      steps: 2,
      signals: {
        drive: { kind: "values", width: UNITS, rows: "sample", role: "input" },
        error: { kind: "values", width: OUTPUTS, rows: "sample", role: "input" },
        errors: { kind: "values", width: OUTPUTS, rows: "steps", role: "scratch" },
        fired: { kind: "spikes", width: UNITS, rows: "steps", role: "result" },
        current: { kind: "values", width: OUTPUTS, rows: "steps", role: "result" },
        pooled: { kind: "spikes", width: SHAPE.channels * 72 * 80, rows: "steps", role: "result" },
      },
      operations: [
        { op: "scan", neuron: handSnu(), parameters: { b: -1, l: 0.5 }, current: "drive", to: "fired", store: {} },
        { op: "current", from: "fired", weights: "weights", convolution: CONVOLUTION, to: "current" },
        { op: "add", from: ["error", "current"], scale: 0.5, to: "errors" },
        {
          op: "weightGradient",
          from: "fired",
          error: "errors",
          convolution: CONVOLUTION,
          delayed: false,
          to: "gradient",
        },
        {
          op: "pool",
          kind: "max",
          windows: { ...CONVOLUTION, output: { ...CONVOLUTION.output, channels: 3 } },
          scale: 1,
          from: "fired",
          to: "pooled",
        },
      ],
    },
  },
};

/** Numbers without a pattern in [-1, 1]. */
const numbers = (count: number, key: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + key) * Math.cos(i * 0.371));

async function results(device: Device): Promise<Record<string, Float32Array>> {
  const program = await device.compile(plan);
  await program.writeTensor("weights", numbers(ROWS * 5, 1));
  const signals = { drive: numbers(UNITS, 2).map((x) => 1.6 * x), error: numbers(OUTPUTS, 3) };
  await program.run("run", { samples: 1, signals });
  const read = await Promise.all(["fired", "current", "pooled"].map((name) => program.readSignal("run", name)));
  const gradient = await program.readTensor("gradient");
  await device.dispose();
  return { fired: read[0]!, current: read[1]!, pooled: read[2]!, gradient };
}

describe("a spiking image of more than 65535 units", () => {
  test("is convolved and pooled as on the reference device, with one thread and with two", async () => {
    const expected = await results(await referenceDevice({ precision: "double" }));
    const found = [await results(await simdDevice({ threads: 1 })), await results(await simdDevice({ threads: 2 }))];
    expect(found[1]).toEqual(found[0]);
    const fired = expected.fired!.reduce((sum, spike) => sum + spike, 0) / expected.fired!.length;
    expect(fired).toBeGreaterThan(0.05);
    expect(fired).toBeLessThan(0.5);
    expect(found[0]!.fired).toEqual(expected.fired);
    expect(found[0]!.pooled).toEqual(expected.pooled);
    for (const name of ["current", "gradient"]) {
      const largest = expected[name]!.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const error = expected[name]!.reduce((most, x, i) => Math.max(most, Math.abs(x - found[0]![name]![i]!)), 0);
      expect(error / largest, name).toBeLessThan(1e-5);
    }
  }, 180_000);

  test("cannot be the input of a dense layer, and says so", async () => {
    const { signals, operations, ...size } = plan.procedures.run!;
    const dense = { op: "current", from: "fired", weights: "weights", to: "current" } as const;
    const device = await simdDevice({ threads: 1 });
    const wide: Plan = {
      tensors: { weights: { rows: UNITS, columns: 1 } },
      procedures: {
        run: {
          ...size,
          signals: { ...signals, current: { kind: "values", width: 1, rows: "steps", role: "result" } },
          operations: [operations[0]!, dense],
        },
      },
    };
    const refused = device.compile(wide);
    await expect(refused).rejects.toThrow(SpikevineError);
    await expect(refused).rejects.toThrow(`signal "fired" has ${UNITS} units`);
    await device.dispose();
  });
});
