import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 (Cython) for the same inputs: spikes, final filters, and final weights.
it("clopath-homeostasis: the spikes and the weights of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("clopath-homeostasis");
  expect(rows).toEqual([
    "| 0 | 100.0 112.5 125.0 | 1 |",
    "| 1 | 11.0 23.5 36.0 | 0.803738 |",
    "| 2 | 9.5 22.0 34.5 | 1 |",
    "| 3 | 8.0 20.5 33.0 | 1 |",
    "| 4 | 6.5 19.0 31.5 | 1 |",
  ]);
  expect(stdout).toContain("640 spikes of the inputs, 671 of the target, first at 9.0 11.0 12.5 20.0 21.5 ms");
  expect(stdout).toMatch(/final v = -70, low1 = 619.24, low2 = 455.763, mean = 153.014 mV/);
  expect(svg).toContain("input 1");
});
