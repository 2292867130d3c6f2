import { sweepPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { storedPoint, storedPoints } from "#spikevine/examples/stored-points";

describe("stored points of Figure 6", () => {
  it("are found by settings and seed, wherever the data are, and have every figure", async () => {
    const stored = await storedPoints("bio-adam/figure-6.json");
    expect(new Set(stored.map(({ id }) => id)).size).toBe(stored.length);
    for (const point of stored) {
      const elsewhere = sweepPoint({ ...point.settings, dataDir: "/data" }, point.seed);
      expect(storedPoint(stored, elsewhere)).toBe(point);
      expect(storedPoint(stored, sweepPoint({ ...point.settings, batch: 65 }, point.seed))).toBeUndefined();
      expect(Object.keys(point.metrics)).toEqual(["loss", "train", "test"]);
      expect(point.curves.loss).toHaveLength(Number(point.settings.epochs));
      // A figure is that of its last epoch; NaN if the training diverged.
      expect(point.metrics.loss).toBe(point.curves.loss!.at(-1));
    }
    expect(stored.length).toBeGreaterThan(0);
  });
});
