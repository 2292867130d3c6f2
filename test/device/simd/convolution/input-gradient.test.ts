import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Convolution, Device, Plan } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { inputGradientCosts } from "#spikevine/src/device/simd/kernels/convolution/input-gradient-costs";
import { numbers } from "../../conformance/case.js";

type Pair = readonly [number, number];

/** A square convolution. */
function square([inputs, outputs]: Pair, side: number, size: number, padding: number, stride = 1): Convolution {
  const out = Math.floor((side + 2 * padding - size) / stride) + 1;
  return {
    input: { channels: inputs, height: side, width: side },
    output: { channels: outputs, height: out, width: out },
    size: [size, size],
    stride: [stride, stride],
    padding: [padding, padding],
    dilation: [1, 1],
    groups: 1,
  };
}

const SAMPLES = 3;
const STEPS = 4;
const units = ({ channels, height, width }: Convolution["input"]): number => channels * height * width;

function planOf(convolution: Convolution): Plan {
  const { input, output, size } = convolution;
  const signal = (shape: Convolution["input"], role: "input" | "result") =>
    ({ kind: "values", width: units(shape), rows: "steps", role }) as const;
  return {
    tensors: { weights: { rows: size[0] * size[1] * input.channels, columns: output.channels } },
    procedures: {
      run: {
        batch: SAMPLES,
        steps: STEPS,
        signals: { error: signal(output, "input"), up: signal(input, "result") },
        operations: [{ op: "inputGradient", error: "error", weights: "weights", convolution, to: "up" }],
      },
    },
  };
}

/** A fraction of the errors is not 0: none of them in the first image. */
function errorsOf(convolution: Convolution, density: number): Float32Array {
  const width = units(convolution.output);
  return numbers(SAMPLES * STEPS * width, 5, "error").map((error, i) =>
    i >= width && (i * 0.6180339887) % 1 < density ? error : 0,
  );
}

async function gradientOf(device: Device, convolution: Convolution, error: Float32Array): Promise<Float32Array> {
  const plan = planOf(convolution);
  const program = await device.compile(plan);
  const { rows, columns } = plan.tensors.weights!;
  await program.writeTensor("weights", numbers(rows * columns, 4, "weights"));
  await program.run("run", { samples: SAMPLES, signals: { error } });
  const up = await program.readSignal("run", "up");
  await program.dispose();
  return up;
}

describe("the input gradient of a convolution", () => {
  let simd: Device;
  let reference: Device;
  beforeAll(async () => {
    simd = await simdDevice({ threads: 2 });
    reference = await referenceDevice({ precision: "double" });
  });
  afterAll(async () => {
    await Promise.all([simd, reference].map((device) => device.dispose()));
  });

  /** The fastest way by the costs, where no unit below is known to be inactive. */
  const wayOf = (convolution: Convolution, density: number): string => {
    const { dense, image, error } = inputGradientCosts(convolution);
    return image + density * units(convolution.output) * error < dense ? "errors" : "dense";
  };

  test.each<[string, Convolution, number, string]>([
    ["few errors", square([16, 40], 7, 3, 1), 0.1, "errors"],
    ["few errors, a stride of two", square([24, 33], 9, 3, 1, 2), 0.1, "errors"],
    ["few errors, an incomplete register", square([13, 64], 6, 5, 2), 0.2, "errors"],
    ["many errors, padded", square([16, 40], 7, 3, 1), 0.95, "dense"],
    ["every error, windows inside the image", square([12, 64], 9, 5, 0), 1, "errors"],
    ["few channels", square([4, 4], 8, 3, 1), 0.2, "dense"],
  ])("%s", async (_, convolution, density, way) => {
    expect(wayOf(convolution, density)).toBe(way);
    const error = errorsOf(convolution, density);
    const wanted = await gradientOf(reference, convolution, error);
    const found = await gradientOf(simd, convolution, error);
    const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const worst = wanted.reduce((most, x, n) => Math.max(most, Math.abs(x - found[n]!)), 0);
    expect(largest).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(3e-6 * largest);
  });
});

describe("costs of an input gradient", () => {
  test("count the dense product's multiplications: border lines are skipped, border columns are not", () => {
    // 6 x 6 inputs below 4 x 4 outputs: each of the 4 lines of errors meets 3 rows of the window, over 6 columns.
    expect(inputGradientCosts(square([8, 16], 6, 3, 0)).dense).toBe(4 * 3 * 6 * 3 * 16 * 8);
    // Four channels take the time of eight.
    expect(inputGradientCosts(square([4, 16], 6, 3, 0)).dense).toBe(4 * 3 * 6 * 3 * 16 * 8);
  });

  test("of an error grow with the registers of its window", () => {
    const [few, many] = [8, 32].map((channels) => inputGradientCosts(square([channels, 16], 6, 3, 1)).error);
    expect(many! / few!).toBeGreaterThan(3);
    expect(many! / few!).toBeLessThan(4);
  });
});
