import { expect, test } from "vitest";
import type { Plan, SignalSpec } from "#spikevine/src/device/contract";
import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { numbers } from "../conformance/case.js";
import { convolutionOver } from "../conformance/geometry.js";
import { handSnu } from "../conformance/kernels.js";

const UNITS = 4;
const BATCH = 5;

const values = (rows: SignalSpec["rows"], role: SignalSpec["role"] = "scratch"): SignalSpec => ({
  kind: "values",
  width: UNITS,
  rows,
  role,
});

/** One weight for all pixels. */
const convolution = convolutionOver([1, 2, 2], 1, [1, 1]);
const GRADIENTS = ["together", "later", "each", "all", "ofSpikes", "ofValues"];

/** Units that fire for any input, so that padding fires too and is summed. */
const PLAN: Plan = {
  tensors: {
    weights: { rows: UNITS, columns: UNITS },
    together: { rows: UNITS, columns: UNITS },
    later: { rows: UNITS, columns: UNITS },
    each: { rows: 1, columns: UNITS },
    all: { rows: 1, columns: 1 },
    ofSpikes: { rows: 1, columns: 1 },
    ofValues: { rows: 1, columns: 1 },
  },
  procedures: {
    train: {
      batch: BATCH,
      steps: 6,
      signals: {
        pixels: values("sample", "input"),
        current: values("sample"),
        state: values("steps", "result"),
        spikes: { ...values("steps", "result"), kind: "spikes" },
      },
      operations: [
        { op: "current", from: "pixels", weights: "weights", to: "current" },
        {
          op: "scan",
          neuron: handSnu(),
          parameters: { b: 5, l: 0.8 },
          current: "current",
          to: "spikes",
          store: { now__s: "state" },
        },
        { op: "weightGradient", from: "spikes", error: "state", delayed: false, to: "together" },
        { op: "weightGradient", from: "spikes", error: "state", delayed: true, to: "later" },
        { op: "weightGradient", from: "spikes", error: "state", delayed: false, convolution, to: "ofSpikes" },
        { op: "weightGradient", from: "state", error: "state", delayed: false, convolution, to: "ofValues" },
        { op: "unitGradient", from: "state", to: "each" },
        { op: "unitGradient", from: "state", to: "all" },
      ],
    },
  },
};

test.each(["cpu", "webasm"] as const)(
  "samples beyond those of the run add nothing to a gradient on %s",
  async (mode) => {
    const device = await gpujsDevice({ mode, longestChunk: 4 });
    const program = await device.compile(PLAN);
    await program.writeTensor("weights", numbers(UNITS * UNITS, 1, "weights"));
    const pixels = numbers(BATCH * UNITS, 2, "pixels", 0, 1);
    const gradients = async (data: Float32Array): Promise<Float32Array[]> => {
      await program.run("train", { samples: data.length / UNITS, signals: { pixels: data } });
      return Promise.all(GRADIENTS.map((name) => program.readTensor(name)));
    };
    // The first run fills the batch; in the second, the rest of the batch is padding.
    const whole = await gradients(pixels);
    const parts = [await gradients(pixels.slice(0, 2 * UNITS)), await gradients(pixels.slice(2 * UNITS))];
    for (const [index, sums] of whole.entries()) {
      for (const [n, sum] of sums.entries()) {
        expect(parts[0]![index]![n]! + parts[1]![index]![n]!).toBeCloseTo(sum, 4);
      }
      expect(sums.some((sum) => Math.abs(sum) > 0.1)).toBe(true);
    }
    await device.dispose();
  },
);
