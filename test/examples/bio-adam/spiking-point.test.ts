import { sweepPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { DEFAULT_CONSTANTS } from "#spikevine/examples/bio-adam/optimizers";
import { spikingPoint } from "#spikevine/examples/bio-adam/spiking-point";

const of = (more: Record<string, string | number>) =>
  spikingPoint(
    sweepPoint(
      {
        ...DEFAULT_CONSTANTS,
        ...{ data: "digits", dataDir: null, train: 96, test: 40, batch: 16, epochs: 3, device: "auto" },
        ...{ optimizer: "Bio-Adam", learningRate: 1e-3, ...more },
      },
      1,
    ),
    { signal: new AbortController().signal, report: () => undefined },
  );

describe("spikingPoint", { timeout: 60_000 }, () => {
  it("learns, with the loss over epochs and a test at the end", async () => {
    const { metrics, curves } = await of({});
    expect(curves!.loss![2]).toBeLessThan(0.9 * curves!.loss![0]!);
    expect(metrics.loss).toBe(curves!.loss![2]);
    expect(metrics.test).toBeGreaterThan(0.25);
    expect(curves!.test).toBeUndefined();
  });

  it("trains the network for colour images, with the test after every epoch", async () => {
    const { metrics, curves } = await of({ data: "coloured-digits", train: 16, test: 10, epochs: 2, width: 1 / 48 });
    expect(curves!.test).toHaveLength(2);
    expect(metrics.test).toBe(curves!.test![1]);
    expect(curves!.loss![1]).not.toBe(curves!.loss![0]);
  });
});
