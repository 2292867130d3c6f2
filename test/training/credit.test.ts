import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent } from "#spikevine/encoders/index";
import { dense, glorotUniform, lastOutput, type Network, network, spikeCount } from "#spikevine/networks/index";
import { linear, snu, tanh } from "#spikevine/neurons/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { type Credit, feedbackWeights } from "#spikevine/src/training/index";
import { oneBatch } from "./one-batch.js";

const devices = new Map<string, Device>();
beforeAll(async () => {
  devices.set("reference", await referenceDevice({ precision: "double" }));
  for (const name of ["simd", "gpujs:cpu"]) devices.set(name, (await openDevice(name, { threads: 1 })).device);
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});
const everyDevice = ["reference", "simd", "gpujs:cpu"] as const;

const CREDITS: readonly Credit[] = [
  "backpropagation",
  "feedback-alignment",
  "direct-feedback-alignment",
  "indirect-feedback-alignment",
];

type Rows = readonly (readonly number[])[];
/** row x matrix `[inputs, units]`. */
const through = (row: readonly number[], matrix: Rows): number[] =>
  matrix[0]!.map((_, n) => row.reduce((sum, x, i) => sum + x * matrix[i]![n]!, 0));
/** matrix `[inputs, units]` x column. */
const back = (matrix: Rows, column: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, w, n) => sum + w * column[n]!, 0));
const outer = (x: readonly number[], d: readonly number[]): number[] => x.flatMap((xi) => d.map((dn) => xi * dn));
const times = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x * b[i]!);

function expectClose(got: Float32Array, want: readonly number[]): void {
  expect(got).toHaveLength(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(got[i]! - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
  });
  // A comparison of zeros would pass for any route.
  expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(1e-3);
}

const W: readonly Rows[] = [
  [
    [0.5, -0.3, 0.8],
    [-0.6, 0.9, 0.2],
  ],
  [
    [0.7, -0.2],
    [0.1, 0.6],
    [-0.5, 0.4],
  ],
  [
    [0.3, 0.5],
    [-0.7, 0.2],
  ],
  [
    [0.9, -0.4],
    [0.2, 0.6],
  ],
];
/** Feedback into layers 1, 2 and 3. */
const B: readonly Rows[] = [
  [
    [0.4, -0.9],
    [0.3, 0.2],
    [-0.8, 0.5],
  ],
  [
    [-0.2, 0.6],
    [0.7, 0.1],
  ],
  [
    [0.5, 0.3],
    [-0.1, -0.6],
  ],
];
const BY_LAYER: readonly Rows[] = [
  [
    [0.1, 0.2],
    [-0.3, 0.4],
    [0.6, -0.5],
  ],
  [
    [0.8, -0.1],
    [0.2, 0.9],
  ],
  [
    [-0.4, 0.3],
    [0.7, 0.5],
  ],
];
const feedbackTensors: Record<string, number[]> = {};
for (const layer of [1, 2, 3]) {
  feedbackTensors[`layer${layer}.outputFeedback`] = B[layer - 1]!.flat();
  feedbackTensors[`layer${layer + 1}.feedback`] = BY_LAYER[layer - 1]!.flat();
}
/** Tensors of a plan with this credit assignment. */
const tensorsOf = (credit: Credit): Record<string, number[]> => ({
  ...Object.fromEntries(W.map((w, i) => [`layer${i + 1}.weights`, w.flat()])),
  ...Object.fromEntries(
    Object.entries(feedbackTensors).filter(([name]) =>
      credit === "feedback-alignment"
        ? name.endsWith(".feedback")
        : name.endsWith("outputFeedback") &&
          (credit === "direct-feedback-alignment" ||
            (credit === "indirect-feedback-alignment" && name.startsWith("layer1"))),
    ),
  ),
});

const x = [0.9, 0.4];
/** The program of a network after one batch of `x`, of class 1. */
const afterOneSample = (net: Network, name: string, credit: Credit) =>
  oneBatch(net, devices.get(name)!, { pixels: [x], labels: [1] }, { credit }, tensorsOf(credit));

describe.each(everyDevice)("three hidden layers of tanh, worked out by hand, on %s", (name) => {
  const net = network({
    inputs: 2,
    encoder: constantCurrent(),
    steps: 1,
    layers: [dense(3, tanh()), dense(2, tanh()), dense(2, tanh()), dense(2, linear())],
    readout: lastOutput(),
  });
  const y: number[][] = [];
  let below: readonly number[] = x;
  for (const w of W) {
    const a = through(below, w);
    y.push(y.length === 3 ? a : a.map(Math.tanh));
    below = y.at(-1)!;
  }
  const slope = (layer: number): number[] => y[layer]!.map((v) => 1 - v * v);
  // Softmax and cross-entropy, class 1: e = softmax(y) - t.
  const sum = y[3]!.reduce((total, v) => total + Math.exp(v), 0);
  const e = y[3]!.map((v, n) => Math.exp(v) / sum - n);

  const byHand: Record<string, () => number[][]> = {
    backpropagation() {
      const d2 = times(back(W[3]!, e), slope(2));
      const d1 = times(back(W[2]!, d2), slope(1));
      return [times(back(W[1]!, d1), slope(0)), d1, d2];
    },
    "feedback-alignment"() {
      const d2 = times(back(BY_LAYER[2]!, e), slope(2));
      const d1 = times(back(BY_LAYER[1]!, d2), slope(1));
      return [times(back(BY_LAYER[0]!, d1), slope(0)), d1, d2];
    },
    "direct-feedback-alignment": () => [0, 1, 2].map((layer) => times(back(B[layer]!, e), slope(layer))),
    "indirect-feedback-alignment"() {
      const d0 = times(back(B[0]!, e), slope(0));
      const d1 = times(through(d0, W[1]!), slope(1));
      return [d0, d1, times(through(d1, W[2]!), slope(2))];
    },
  };

  it.each(CREDITS)("%s", async (credit) => {
    const program = await afterOneSample(net, name, credit);
    const d = [...byHand[credit]!(), e];
    for (const [layer, error] of d.entries()) {
      expectClose(
        await program.readTensor(`layer${layer + 1}.weights.gradient`),
        outer(layer === 0 ? x : y[layer - 1]!, error),
      );
    }
    await program.dispose();
  });
});

describe.each(everyDevice)("spiking neural units over five steps, worked out by hand, on %s", (name) => {
  const STEPS = 5;
  const DECAY = 0.8;
  const THRESHOLD = 0.1;
  const net = network({
    inputs: 2,
    encoder: constantCurrent(),
    steps: STEPS,
    layers: [3, 2, 2, 2].map((units) =>
      dense(units, snu({ decay: DECAY, threshold: THRESHOLD, activation: "identity" })),
    ),
    readout: spikeCount(),
  });
  /** Of one layer and step. */
  interface Moment {
    readonly s: number[];
    readonly y: number[];
  }
  const layers: Moment[][] = [];
  let heard: number[][] = Array.from({ length: STEPS }, () => x);
  for (const w of W) {
    const moments: Moment[] = [];
    let before: Moment = { s: w[0]!.map(() => 0), y: w[0]!.map(() => 0) };
    for (const input of heard) {
      const s = through(input, w).map((p, n) => p + DECAY * before.s[n]! * (1 - before.y[n]!));
      before = { s, y: s.map((v) => (v > THRESHOLD ? 1 : 0)) };
      moments.push(before);
    }
    layers.push(moments);
    heard = moments.map(({ y }) => y);
  }
  /** The paper's adjoint: from the error at the output of every step to that at the current. */
  const adjoint = (layer: number, outputErrors: number[][]): number[][] => {
    const moments = layers[layer]!;
    const errors: number[][] = [];
    let gsn = moments[0]!.s.map(() => 0);
    let gyn = moments[0]!.s.map(() => 0);
    for (let t = STEPS - 1; t >= 0; t--) {
      const { s } = moments[t]!;
      const gp = s.map((v, n) => gsn[n]! + (outputErrors[t]![n]! + gyn[n]!) * (1 - Math.tanh(v - THRESHOLD) ** 2));
      const before = t > 0 ? moments[t - 1]! : { s: s.map(() => 0), y: s.map(() => 0) };
      gsn = gp.map((g, n) => DECAY * (1 - before.y[n]!) * g);
      gyn = gp.map((g, n) => -DECAY * before.s[n]! * g);
      errors[t] = gp;
    }
    return errors;
  };
  const counts = layers[3]![0]!.y.map((_, n) => layers[3]!.reduce((total, { y }) => total + y[n]!, 0));
  const sum = counts.reduce((total, v) => total + Math.exp(v), 0);
  const G = counts.map((v, n) => Math.exp(v) / sum - n);
  const e = adjoint(
    3,
    Array.from({ length: STEPS }, () => G),
  );
  const down = (matrix: Rows, errors: number[][]): number[][] => errors.map((error) => back(matrix, error));
  const up = (errors: number[][], matrix: Rows): number[][] => errors.map((error) => through(error, matrix));

  const byHand: Record<string, () => number[][][]> = {
    backpropagation() {
      const d2 = adjoint(2, down(W[3]!, e));
      const d1 = adjoint(1, down(W[2]!, d2));
      return [adjoint(0, down(W[1]!, d1)), d1, d2];
    },
    "feedback-alignment"() {
      const d2 = adjoint(2, down(BY_LAYER[2]!, e));
      const d1 = adjoint(1, down(BY_LAYER[1]!, d2));
      return [adjoint(0, down(BY_LAYER[0]!, d1)), d1, d2];
    },
    "direct-feedback-alignment": () => [0, 1, 2].map((layer) => adjoint(layer, down(B[layer]!, e))),
    "indirect-feedback-alignment"() {
      const d0 = adjoint(0, down(B[0]!, e));
      const d1 = adjoint(1, up(d0, W[1]!));
      return [d0, d1, adjoint(2, up(d1, W[2]!))];
    },
  };

  it.each(CREDITS)("%s", async (credit) => {
    const program = await afterOneSample(net, name, credit);
    const d = [...byHand[credit]!(), e];
    for (const [layer, errors] of d.entries()) {
      const want = W[layer]!.flat().map(() => 0);
      errors.forEach((error, t) => {
        outer(layer === 0 ? x : layers[layer - 1]![t]!.y, error).forEach((value, i) => {
          want[i] = want[i]! + value;
        });
      });
      expectClose(await program.readTensor(`layer${layer + 1}.weights.gradient`), want);
    }
    await program.dispose();
  });
});

describe("routes", () => {
  it.each([false, true])(
    "are the same with one hidden layer, and equal backpropagation with B = W; recurrent: %s",
    async (recurrent) => {
      const net = network({
        inputs: 2,
        encoder: constantCurrent(),
        steps: 5,
        layers: [dense(3, snu({ threshold: 0.4 }), { recurrent }), dense(2, snu({ threshold: 0.2 }))],
      });
      const samples = {
        pixels: [
          [0.9, 0.4],
          [0.1, 0.8],
        ],
        labels: [1, 0],
      };
      const [w] = [net.parameters.get("layer2.weights")!.data];
      const gradientOf = async (credit: Credit, tensors: Record<string, Float32Array> = {}) => {
        const program = await oneBatch(net, devices.get("reference")!, samples, { credit }, tensors);
        return program.readTensor("layer1.weights.gradient");
      };
      const random = await gradientOf("feedback-alignment");
      expect(Math.max(...random.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(await gradientOf("direct-feedback-alignment")).toEqual(random);
      expect(await gradientOf("indirect-feedback-alignment")).toEqual(random);
      const exact = await gradientOf("backpropagation");
      expect(exact).not.toEqual(random);
      for (const credit of ["direct-feedback-alignment", "indirect-feedback-alignment"] as const) {
        expect(await gradientOf(credit, { "layer1.outputFeedback": w })).toEqual(exact);
      }
    },
  );

  it("draw a B [units, outputs] for every hidden layer, or for the first only", () => {
    const net = network({
      inputs: 4,
      encoder: constantCurrent(),
      steps: 1,
      layers: [30, 20, 10].map((units) => dense(units, snu(), { initializer: glorotUniform })),
    });
    const shapes = (credit: Credit) =>
      [...feedbackWeights(net, credit)].map(([name, { rows, columns }]) => [name, rows, columns]);
    expect(shapes("backpropagation")).toEqual([]);
    expect(shapes("direct-feedback-alignment")).toEqual([
      ["layer1.outputFeedback", 30, 10],
      ["layer2.outputFeedback", 20, 10],
    ]);
    expect(shapes("indirect-feedback-alignment")).toEqual([["layer1.outputFeedback", 30, 10]]);
    expect(shapes("feedback-alignment")).toEqual([
      ["layer2.feedback", 30, 20],
      ["layer3.feedback", 20, 10],
    ]);
    const limit = Math.sqrt(6 / (30 + 10));
    const { data } = feedbackWeights(net, "direct-feedback-alignment").get("layer1.outputFeedback")!;
    expect(Math.max(...data)).toBeLessThanOrEqual(limit);
    expect(Math.max(...data)).toBeGreaterThan(0.9 * limit);
  });
});
