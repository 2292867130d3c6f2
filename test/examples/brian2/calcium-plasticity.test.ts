import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

/** Brian2 2.5.1 with noise, efficacy after 5 s from 0 and from 1: mean and standard deviation over 400 synapses. */
const noisy = [
  [0.0912, 0.0741, 0.884, 0.0822],
  [0.1612, 0.0918, 0.8555, 0.0941],
  [0.1461, 0.0855, 0.8777, 0.0816],
] as const;
const copies = 40;

// Figures of Brian2 2.5.1 without noise: calcium, and the efficacy after 1 s and 5 s.
it("calcium-plasticity: the calcium and the efficacy of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, svg } = await runPort("calcium-plasticity");
  const table = stdout.split("\n").filter((line) => /^\| -?\d/.test(line));
  expect(table).toHaveLength(6);
  expect(table.slice(0, 3)).toEqual([
    "| -20 | 2 80.2 | 1010 485 | 0.0201408 0.973644 | 0.0913114 0.880454 |",
    "| 0 | 2.00645 113.9 | 1380 865 | 0.0355644 0.964493 | 0.153675 0.846573 |",
    "| 20 | 2.73288 120.1 | 1005 745 | 0.0308602 0.97393 | 0.137126 0.884199 |",
  ]);
  noisy.forEach((figures, k) => {
    const columns = table[k + 3]!.split("|").slice(2, -1).map(Number);
    [0, 1].forEach((start) => {
      const [mean, sd] = [figures[2 * start]!, figures[2 * start + 1]!];
      expect(Math.abs(columns[3 * start]! - mean), `row ${k}, mean`).toBeLessThan(4 * (sd / Math.sqrt(copies)));
      expect(Math.abs(columns[3 * start + 1]! - sd), `row ${k}, deviation`).toBeLessThan(
        4 * (sd / Math.sqrt(2 * copies)),
      );
    });
  });
  expect(svg).toContain("post - pre = -20 ms");
});
