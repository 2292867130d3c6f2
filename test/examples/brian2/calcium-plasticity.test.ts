import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 without noise: calcium, and the efficacy after 1 s and 5 s.
it("calcium-plasticity: the calcium and the efficacy of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("calcium-plasticity");
  const table = stdout.split("\n").filter((line) => /^\| -?\d/.test(line));
  expect(rows.length).toBeGreaterThan(0);
  expect(table.slice(0, 3)).toEqual([
    "| -20 | 2 80.2 | 1010 485 | 0.0201408 0.973644 | 0.0913114 0.880454 |",
    "| 0 | 2.00645 113.9 | 1380 865 | 0.0355644 0.964493 | 0.153675 0.846573 |",
    "| 20 | 2.73288 120.1 | 1005 745 | 0.0308602 0.97393 | 0.137126 0.884199 |",
  ]);
  expect(svg).toContain("post - pre = -20 ms");
});
