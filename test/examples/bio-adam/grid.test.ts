import type { FinishedPoint } from "spikevine/sweep";
import { describe, expect, it } from "vitest";
import { gridPoints, gridSeries, gridTable } from "#spikevine/examples/bio-adam/grid";

const series = gridSeries([10, 2], [1000, 100]);
const rates = [1e-3, 3e-5];
const points = gridPoints(series, rates, { epochs: 1 }, [1, 2]);

/** Points whose metric is a number that names them. */
const finished = (count: number): FinishedPoint[] =>
  points.slice(0, count).map((point, i) => ({ ...point, metrics: { figure: i }, curves: {}, seconds: 0 }));

describe("the grid of Figure 6", () => {
  it("begins with the default constants and has every combination once", () => {
    expect(points).toHaveLength(5 * 2 * 2);
    expect(new Set(points.map(({ id }) => id)).size).toBe(20);
    const first = points.slice(0, 8).map(({ settings }) => [settings.optimizer, settings.learningRate]);
    expect(first.filter((_, i) => i % 2 === 0)).toEqual([
      ["Adam", 1e-3],
      ["Bio-Adam", 1e-3],
      ["Adam", 3e-5],
      ["Bio-Adam", 3e-5],
    ]);
    for (const { settings } of points.slice(0, 8))
      expect(settings).toMatchObject({ tauM: 10, tauRho: 1000, epochs: 1 });
  });

  it("is a table with ascending rates, means over seeds, and empty cells for missing points", () => {
    const table = gridTable(finished(9), series, rates, "figure", (value) => value.toFixed(1));
    expect(table.split("\n")).toEqual([
      "| tau_m, tau_rho | 3e-5 | 1e-3 |",
      "|---|---|---|",
      "| Adam | 4.5 | 0.5 |",
      "| Bio-Adam, 10, 1000 | 6.5 | 2.5 |",
      "| Bio-Adam, 10, 100 |  | 8.0 |",
      "| Bio-Adam, 2, 1000 |  |  |",
      "| Bio-Adam, 2, 100 |  |  |",
    ]);
  });

  it("says where a seed diverged", () => {
    const [one, two] = finished(2);
    const diverged = [one!, { ...two!, metrics: { figure: Number.NaN } }];
    expect(gridTable(diverged, series, rates, "figure", String)).toContain("| Adam |  | diverged |");
  });
});
