import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same input: numbers of spikes, spike times, and final states.
it("common-input: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("common-input");
  expect(rows).toEqual([
    "| 0 | 37 | 26.7 53.5 80.3 107.1 | 0.271235 |",
    "| 10 | 37 | 18.3 41.1 65.2 88.7 | 0.384820 |",
    "| 25 | 35 | 10.5 29.6 49.2 70.0 | 0.963816 |",
    "| 40 | 36 | 4.3 22.1 38.4 56.8 | 0.573235 |",
    "| 49 | 35 | 0.4 18.5 33.6 49.9 | 0.404996 |",
  ]);
  expect(stdout).toContain("1799 spikes; the input is -1.32382 at the end");
  expect(svg).toContain("Neurons with a common input");
});
