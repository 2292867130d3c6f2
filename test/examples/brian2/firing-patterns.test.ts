import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: number of spikes, the first eight, and the final adaptation. In two patterns the spikes amplify
// rounding errors, so that the adaptation after 600 ms has no digit to compare.
const figures: [number, string, number | null][] = [
  [60, "14.4 23.7 33.1 42.7 52.4 62.2 72.0 81.9", 39.4186],
  [12, "15.1 26.7 41.4 61.4 91.2 139.2 207.0 281.9", 291.817],
  [12, "5.7 9.5 17.2 72.2 136.5 200.7 264.9 329.1", 339.244],
  [11, "16.4 19.7 25.3 157.2 163.0 296.3 302.1 435.4", 253.142],
  [45, "33.8 54.7 74.1 92.3 109.6 126.2 142.1 157.5", -169.424],
  [32, "57.5 61.1 65.7 72.9 125.2 128.9 133.8 141.7", null],
  [1, "30.4", 90.5108],
  [33, "15.9 19.7 24.5 31.4 46.3 76.7 85.1 114.8", null],
];

it("firing-patterns: the spikes and the adaptation of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("firing-patterns");
  const columns = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(columns.map((row) => Number(row[3]))).toEqual(figures.map(([count]) => count));
  expect(columns.map((row) => row[4])).toEqual(figures.map(([, first]) => first));
  figures.forEach(([, , w], i) => {
    if (w !== null) expect(Number(columns[i]![5]), columns[i]![2]).toBe(w);
  });
  expect(svg).toContain("irregular spiking");
});
