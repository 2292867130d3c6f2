import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

// Brian2 2.5.1, five seeds: 343 spikes with a standard deviation of 36.3, correlation of pairs 0.70 with 0.09. The bounds are
// four standard errors of these means.
it("reliability: the spikes and the correlation of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("reliability");
  const columns = rows.map((row) => row.split("|").map(Number));
  expect(columns).toHaveLength(20);
  expect(Math.abs(mean(columns.map((row) => row[2]!)) - 343)).toBeLessThan((4 * 36.3) / Math.sqrt(5));
  expect(Math.abs(mean(columns.map((row) => row[3]!)) - 0.7)).toBeLessThan((4 * 0.09) / Math.sqrt(5));
  expect(svg).toContain("Neurons with a common input");
});
