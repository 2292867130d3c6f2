import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Convolution, Device, Plan } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { numbers } from "../conformance/case.js";

type Pair = readonly [number, number];

interface Shape {
  readonly channels: Pair;
  readonly image: Pair;
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

const PLAIN = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;

/** The convolution, or undefined if no window fits into the image. */
function convolutionOf({ channels, image, groups, ...windows }: Shape): Convolution | undefined {
  const { size, stride, padding, dilation } = windows;
  const cells = ([0, 1] as const).map((axis) => {
    const span = dilation[axis] * (size[axis] - 1) + 1;
    return Math.floor((image[axis] + 2 * padding[axis] - span) / stride[axis]) + 1;
  });
  if (Math.min(...cells) < 1) return undefined;
  const input = { channels: channels[0] * groups, height: image[0], width: image[1] };
  const output = { channels: channels[1] * groups, height: cells[0]!, width: cells[1]! };
  return { input, output, groups, ...windows };
}

const units = ({ channels, height, width }: Convolution["input"]): number => channels * height * width;

/** The current, the input gradient and the gradients of weights and bias of a dense convolution of values. */
function planOf(convolution: Convolution, batch: number): Plan {
  const { input, output, size, groups } = convolution;
  const weights = { rows: (size[0] * size[1] * input.channels) / groups, columns: output.channels };
  const perChannel = { rows: 1, columns: output.channels };
  const signal = (width: number, role: "input" | "result") =>
    ({ kind: "values", width, rows: "sample", role }) as const;
  return {
    tensors: { weights, gradient: weights, bias: perChannel, biasGradient: perChannel },
    procedures: {
      run: {
        batch,
        steps: 1,
        signals: {
          from: signal(units(input), "input"),
          error: signal(units(output), "input"),
          current: signal(units(output), "result"),
          up: signal(units(input), "result"),
        },
        operations: [
          { op: "current", from: "from", weights: "weights", bias: "bias", convolution, to: "current" },
          { op: "inputGradient", error: "error", weights: "weights", convolution, to: "up" },
          { op: "weightGradient", from: "from", error: "error", delayed: false, convolution, to: "gradient" },
          { op: "unitGradient", from: "error", to: "biasGradient" },
        ],
      },
    },
  };
}

const GRADIENTS = ["gradient", "biasGradient"];

async function results(device: Device, convolution: Convolution, samples: number): Promise<Map<string, Float32Array>> {
  const plan = planOf(convolution, samples);
  const program = await device.compile(plan);
  for (const [name, { rows, columns }] of Object.entries(plan.tensors)) {
    if (!GRADIENTS.includes(name)) await program.writeTensor(name, numbers(rows * columns, 3, name));
  }
  const signals = {
    from: numbers(samples * units(convolution.input), 3, "from"),
    error: numbers(samples * units(convolution.output), 3, "error"),
  };
  await program.run("run", { samples, signals });
  const read = new Map<string, Float32Array>();
  for (const name of ["current", "up"]) read.set(name, await program.readSignal("run", name));
  for (const name of GRADIENTS) read.set(name, await program.readTensor(name));
  await program.dispose();
  return read;
}

describe("dense convolutions are those of the reference in double precision", () => {
  let simd: Device;
  let reference: Device;
  beforeAll(async () => {
    simd = await simdDevice({ threads: 2 });
    reference = await referenceDevice({ precision: "double" });
  });
  afterAll(async () => {
    await Promise.all([simd, reference].map((device) => device.dispose()));
  });

  const agrees = async (shape: Shape, samples: number): Promise<void> => {
    const convolution = convolutionOf(shape);
    if (convolution === undefined) return;
    const wanted = await results(reference, convolution, samples);
    for (const [name, values] of await results(simd, convolution, samples)) {
      const largest = wanted.get(name)!.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const worst = wanted.get(name)!.reduce((most, x, n) => Math.max(most, Math.abs(x - values[n]!)), 0);
      expect(worst, `${name} of ${JSON.stringify(shape)}`).toBeLessThanOrEqual(3e-6 * largest);
    }
  };

  // Sums of so many channels are computed in parts, which are rows of taps, taps or channels.
  test.each<[string, Shape]>([
    ["parts of rows", { ...PLAIN, channels: [70, 9], image: [5, 6], size: [3, 3] }],
    ["parts of taps", { ...PLAIN, channels: [200, 5], image: [6, 5], size: [3, 3], dilation: [2, 2], padding: [2, 2] }],
    ["parts of channels", { ...PLAIN, channels: [401, 12], image: [3, 3], size: [3, 3] }],
    ["one pixel, many channels", { ...PLAIN, channels: [700, 37], image: [4, 4], size: [1, 1], padding: [0, 0] }],
    [
      "lines without a border between them",
      { ...PLAIN, channels: [4, 4], image: [8, 2], size: [3, 1], padding: [1, 0] },
    ],
    ["many outputs", { ...PLAIN, channels: [3, 330], image: [4, 4], size: [3, 3] }],
  ])("%s", (_, shape) => agrees(shape, 3));

  test(
    "images in several groups of samples",
    () => agrees({ ...PLAIN, channels: [5, 8], image: [17, 16], size: [3, 3] }, 19),
    60_000,
  );

  test("any geometry", async () => {
    const from = (min: number, max: number) => fc.integer({ min, max });
    const both = (min: number, max: number) => fc.tuple(from(min, max), from(min, max));
    const shapes = fc.record({
      channels: both(1, 13),
      image: both(1, 9),
      size: both(1, 4),
      stride: both(1, 4),
      padding: both(0, 4),
      dilation: both(1, 3),
      groups: from(1, 3),
    });
    const property = fc.asyncProperty(shapes, from(1, 3), agrees);
    await fc.assert(property, { numRuns: 40, seed: 1, endOnFailure: true });
  }, 120_000);
});
