import { describe, expect, test } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network, spikeRate } from "#spikevine/networks/index";
import { arctan, boxcar, snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Plan } from "#spikevine/src/device/contract";
import { simdDevice } from "#spikevine/src/device/simd/index";
import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import { constant, divide, symbol } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";
import { drawUniform, rowKey, STREAM } from "#spikevine/src/random/counter";
import { record, train } from "#spikevine/src/training/index";
import { identities, numbers } from "../conformance/case.js";
import { bernoulli } from "../conformance/kernels.js";

const encoderPlan = (width: number, steps: number, batch: number): Plan => ({
  tensors: {},
  procedures: {
    encode: {
      batch,
      steps,
      signals: {
        pixels: { kind: "values", width, rows: "sample", role: "input" },
        spikes: { kind: "spikes", width, rows: "steps", role: "result" },
        mask: { kind: "values", width, rows: "sample", role: "result" },
      },
      operations: [
        { op: "encode", encoder: bernoulli(0.7), stream: 2, from: "pixels", to: "spikes" },
        { op: "dropoutMask", keep: 0.3, layer: 4, to: "mask" },
      ],
    },
  },
});

describe("draws are those of the counter", () => {
  test.each([1, 8, 100, 785])("width %i", async (width) => {
    const [batch, steps, firstStep, seed, epoch] = [5, 7, 3_000_000_000, 123, 9];
    const device = await simdDevice({ threads: 1 });
    const program = await device.compile(encoderPlan(width, steps, batch));
    const pixels = numbers(batch * width, 1, "pixels", -0.5, 1).map((x) => Math.max(0, x));
    const sampleIds = identities(batch, 1);
    await program.run("encode", { samples: batch, signals: { pixels }, sampleIds, seed, epoch, firstStep });
    const spikes = await program.readSignal("encode", "spikes");
    const mask = await program.readSignal("encode", "mask");
    for (let b = 0; b < batch; b++) {
      for (let n = 0; n < width; n++) {
        for (let t = 0; t < steps; t++) {
          const u = drawUniform(rowKey(seed, 2, epoch, sampleIds[b]!, firstStep + t), n);
          const fires = Math.fround(pixels[b * width + n]! * Math.fround(0.7)) > u ? 1 : 0;
          expect(spikes[(b * steps + t) * width + n]).toBe(fires);
        }
        const u = drawUniform(rowKey(seed, STREAM.dropout, epoch, sampleIds[b]!, 4), n);
        expect(mask[b * width + n]).toBe(u < Math.fround(0.3) ? Math.fround(1 / 0.3) : 0);
      }
    }
    await device.dispose();
  });
});

test("time is counted without a sign, from the start of the presentation", async () => {
  const late: EncoderKernel = {
    ...bernoulli(1),
    formulas: { value: divide(symbol("t"), constant(2 ** 32)) },
    output: "values",
  };
  const device = await simdDevice({ threads: 1 });
  const signals = {
    pixels: { kind: "values", width: 3, rows: "sample", role: "input" },
    time: { kind: "values", width: 3, rows: "steps", role: "result" },
  } as const;
  const operations = [{ op: "encode", encoder: late, stream: 2, from: "pixels", to: "time" }] as const;
  const program = await device.compile({
    tensors: {},
    procedures: { encode: { batch: 1, steps: 2, signals, operations } },
  });
  for (const firstStep of [0, 65535, 3 * 2 ** 30, 3 * 2 ** 30 + 65535, 2 ** 24 + 65535, 2 ** 25 + 65537 + 6]) {
    await program.run("encode", { samples: 1, signals: { pixels: new Float32Array(3) }, firstStep });
    const times = [0, 0, 0, 1, 1, 1].map((t) => Math.fround(firstStep + t) / 2 ** 32);
    expect([...(await program.readSignal("encode", "time"))]).toEqual(times);
  }
  await device.dispose();
});

test("a run may have more steps than 16 bits can number", async () => {
  const net = network({
    inputs: 3,
    encoder: rate({ maxRate: 1 }),
    steps: 70_000,
    layers: [dense(4, snu({ threshold: 0.3 })), dense(2, snu({ threshold: 0.3 }))],
    seed: 2,
  });
  const images = Float32Array.from([0.9, 0.2, 0.6]);
  const [simd, reference] = await Promise.all(["simd", "reference"].map((device) => record(net, images, { device })));
  expect(simd!.layers[0]!.output.some((y) => y === 1)).toBe(true);
  expect(simd!.layers.map(({ output }) => output)).toEqual(reference!.layers.map(({ output }) => output));
});

test.each([
  ["arctan", arctan()],
  ["boxcar", boxcar()],
])("so may a training: %s", async (_, surrogate) => {
  const unit = snu({ threshold: 0.3, surrogate });
  const images = Float32Array.from([0.9, 0.2, 0.6]);
  const data = dataset({ images, labels: Uint8Array.of(1), classes: 2 });
  const changes = await Promise.all(
    ["simd", "reference"].map(async (device) => {
      const layers = [dense(32, unit), dense(32, unit), dense(2, unit)];
      // On the count of so many spikes the loss would be exactly 0.
      const readout = spikeRate();
      const net = network({ inputs: 3, encoder: rate({ maxRate: 1 }), steps: 70_000, layers, readout, seed: 2 });
      const read = (): number[] =>
        ["layer1.weights", "layer2.weights", "layer3.weights"].flatMap((name) => [...net.parameters.get(name)!.data]);
      const before = read();
      await train(net, { data, epochs: 1, batchSize: 1, optimizer: sgd({ learningRate: 0.01 }), device });
      return read().map((weight, i) => weight - before[i]!);
    }),
  );
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  const [simd, reference] = changes as [number[], number[]];
  expect(norm(reference)).toBeGreaterThan(1e-4);
  // One or two of two million spikes may be on the other side of the threshold.
  expect(norm(simd.map((change, i) => change - reference[i]!))).toBeLessThan(0.01 * norm(reference));
});

describe("plans and options that cannot run are refused with a message", () => {
  test("more memory than 4 GiB", async () => {
    const device = await simdDevice({ threads: 2 });
    const plan = { tensors: { weights: { rows: 40_000, columns: 30_000 } }, procedures: {} };
    const signals = { x: { kind: "values", width: 1000, rows: "steps", role: "result" } } as const;
    await expect(
      device.compile({ ...plan, procedures: { train: { batch: 64, steps: 20, signals, operations: [] } } }),
    ).rejects.toThrow(
      /^simd: the plan needs 4\.\d GiB of memory, 4\.\d GiB of it for tensors.* smaller batch than 64 \(training: or a microBatchSize\) or fewer steps than 20/,
    );
    await device.dispose();
  });

  test("spikes of more units than 16 bits can number", async () => {
    const device = await simdDevice({ threads: 1 });
    await expect(device.compile(encoderPlan(70_000, 1, 1))).rejects.toThrow(/"spikes" has 70000 units/);
    await device.dispose();
  });

  test("threads that are not a number of threads", async () => {
    await expect(simdDevice({ threads: 0 })).rejects.toThrow(SpikevineError);
    await expect(simdDevice({ threads: 1.5 })).rejects.toThrow(/threads is 1.5; give a whole number/);
  });

  test("a program that has been disposed of", async () => {
    const device = await simdDevice({ threads: 2 });
    const program = await device.compile({ tensors: { a: { rows: 1, columns: 1 } }, procedures: {} });
    await program.dispose();
    await program.dispose();
    await expect(program.readTensor("a")).rejects.toThrow(/disposed/);
    await device.dispose();
  });
});

test("the report names the executor", async () => {
  const device = await simdDevice({ threads: 2 });
  expect(device.report).toEqual({ name: "simd", executor: "WebAssembly SIMD, 2 threads", threads: 2 });
  await device.dispose();
});
