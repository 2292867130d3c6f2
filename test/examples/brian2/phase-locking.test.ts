import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same initial values: numbers of spikes, spike times, and final states.
it("phase-locking: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("phase-locking");
  expect(rows).toEqual([
    "| 0 | 27 | 32.6 70.0 107.0 139.7 178.6 | 0.953605 |",
    "| 25 | 26 | 22.6 51.3 102.1 127.8 189.4 | 0.900389 |",
    "| 50 | 26 | 16.0 36.3 103.9 125.3 150.0 | 0.899288 |",
    "| 75 | 30 | 9.9 27.3 49.0 108.6 126.3 | 0.815659 |",
    "| 99 | 30 | 0.8 19.2 34.1 108.6 124.3 | 0.750174 |",
  ]);
  expect(stdout).toContain("2756 spikes");
  expect(svg).toContain("Neurons with a periodic input");
});
