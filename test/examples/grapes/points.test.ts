import { sweepPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { forgettingPoint } from "#spikevine/examples/grapes/forgetting-point";
import { FACTOR_BINS, modulationPoint } from "#spikevine/examples/grapes/modulation-point";
import { STANDARD } from "#spikevine/examples/grapes/train-point";
import { WEIGHT_BINS, weightsPoint } from "#spikevine/examples/grapes/weights-point";

const context = { signal: new AbortController().signal, report: () => undefined };
const data = { data: "digits", dataDir: null, train: 300, test: 100 };
const settings = { ...STANDARD, ...data, hidden: [32, 24], method: "GRAPES", epochs: 2, device: "auto" };

describe("forgettingPoint", () => {
  const of = (swaps: number, epochs = 3) =>
    forgettingPoint(
      sweepPoint({ ...data, tasks: 3, swaps, epochs, learningRate: 0.01, method: "uniform", device: "auto" }, 1),
      context,
    );

  it("computes learned, kept and future accuracy from the accuracies on all tasks after each", async () => {
    const { metrics, curves } = await of(10_000);
    const share = (tasks: number, task: number): number => curves![`task ${task}`]![tasks - 1]!;
    expect(metrics.learned).toBeCloseTo((share(1, 1) + share(2, 2) + share(3, 3)) / 3, 12);
    expect(metrics.kept).toBeCloseTo((share(3, 1) + share(3, 2)) / 2, 12);
    expect(metrics.all).toBeCloseTo((share(3, 1) + share(3, 2) + share(3, 3)) / 3, 12);
    expect(curves!.future).toEqual([(share(1, 2) + share(1, 3)) / 2, share(2, 3)]);
    expect(metrics.learned!).toBeGreaterThan(metrics.future! + 0.2);
  });

  it("finds nothing new in tasks without swaps", async () => {
    const { curves } = await of(0, 1);
    expect(curves!["task 1"]).toEqual(curves!["task 3"]);
  });
});

describe("modulationPoint", () => {
  it("records moments over epochs and a density for every hidden layer", async () => {
    const { curves } = await modulationPoint(sweepPoint(settings, 1), context);
    expect(Object.keys(curves!).filter((name) => name.startsWith("factor density"))).toHaveLength(2);
    const density = curves!["factor density 2"]!;
    const width = (FACTOR_BINS.to - FACTOR_BINS.from) / FACTOR_BINS.count;
    expect(density.reduce((sum, d) => sum + d * width, 0)).toBeCloseTo(1, 12);
    // The mean of a density in narrow bins is that of the factors, to half a bin.
    const mean = density.reduce((sum, d, bin) => sum + d * width * (FACTOR_BINS.from + (bin + 0.5) * width), 0);
    expect(Math.abs(mean - curves!["factor mean 2"]!.at(-1)!)).toBeLessThan(width / 2);
    expect(curves!["factor spread 1"]).toHaveLength(2);
  });
});

describe("weightsPoint", () => {
  it("records the kurtosis of every layer and the density of its weights in standard deviations", async () => {
    const { metrics, curves } = await weightsPoint(sweepPoint(settings, 1), context);
    expect(curves!["kurtosis 3"]!.at(-1)).toBe(metrics["kurtosis 3"]);
    const width = (WEIGHT_BINS.to - WEIGHT_BINS.from) / WEIGHT_BINS.count;
    const density = curves!["weight density 1"]!;
    const second = density.reduce((sum, d, bin) => sum + d * width * (WEIGHT_BINS.from + (bin + 0.5) * width) ** 2, 0);
    expect(second).toBeCloseTo(1, 1);
  });
});
