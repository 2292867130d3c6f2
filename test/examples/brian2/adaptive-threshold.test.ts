import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same input: spike times, potentials at the threshold, and final states.
it("adaptive-threshold: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("adaptive-threshold");
  expect(rows).toEqual([
    "| 9.1 | 10.3575 |",
    "| 21.1 | 11.4501 |",
    "| 35.1 | 12.3447 |",
    "| 49.1 | 12.3447 |",
    "| 63.1 | 12.3447 |",
  ]);
  expect(stdout).toContain("143 spikes; at the end v = 2.24479 mV and vt = 13.5903 mV");
  expect(svg).toContain("threshold");
});
