import { sweepPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { STANDARD, trainPoint } from "#spikevine/examples/grapes/train-point";

const context = { signal: new AbortController().signal, report: () => undefined };
const settings = {
  ...STANDARD,
  hidden: [16],
  data: "digits",
  dataDir: null,
  train: 256,
  test: 50,
  method: "GRAPES",
  epochs: 4,
  device: "auto",
};

describe("trainPoint", () => {
  it("gives best and last epoch of the test curve", async () => {
    const { metrics, curves } = await trainPoint(sweepPoint(settings, 1), context);
    expect(curves!.test).toHaveLength(4);
    expect(metrics.best).toBe(Math.max(...curves!.test!));
    expect(metrics.final).toBe(curves!.test![3]);
    expect(metrics.train).toBe(curves!.train![3]);
    expect(metrics.longTest).toBeUndefined();
  });

  it("tests networks in time at 300 steps, too", async () => {
    const point = sweepPoint({ ...settings, unit: "snu", dropout: 0, epochs: 1 }, 1);
    expect((await trainPoint(point, context)).metrics.longTest).toBeGreaterThanOrEqual(0);
  });

  it.each([{ updateNoise: 1 }, { activationNoise: 1 }, { weightBits: 3 }, { augment: true as const }])(
    "trains otherwise with %j",
    async (constraint) => {
      const [ideal, constrained] = [{}, constraint].map((more) =>
        trainPoint(sweepPoint({ ...settings, ...more }, 1), context),
      );
      expect((await constrained!).curves!.loss).not.toEqual((await ideal!).curves!.loss);
    },
  );

  it("makes a result of training that diverges", async () => {
    const { metrics, curves } = await trainPoint(sweepPoint({ ...settings, learningRate: 1e30 }, 1), context);
    expect(metrics).toEqual({ best: Number.NaN, final: Number.NaN, train: Number.NaN });
    expect(curves!.test).toEqual(new Array(4).fill(Number.NaN));
  });

  it("does not take a mistake for divergence", async () => {
    await expect(trainPoint(sweepPoint({ ...settings, batch: 0 }, 1), context)).rejects.toThrow("batchSize is 0");
  });
});
