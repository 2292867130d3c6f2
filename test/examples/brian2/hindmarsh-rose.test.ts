import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: upward crossings of x = 0, and final states.
it("hindmarsh-rose: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("hindmarsh-rose");
  expect(rows).toEqual([
    "| 0.4 | 8 | 40.8 51.2 62.2 74.0 87.0 | 141.7 | -1.52596 | -10.6428 | 0.296174 |",
    "| 2 | 97 | 6.1 10.4 14.9 19.3 23.8 | 1828.0 | -1.22069 | -6.5275 | 1.75511 |",
    "| 4 | 265 | 2.7 5.7 8.7 11.7 14.7 | 2085.1 | -0.739449 | -1.98836 | 4.01592 |",
  ]);
  expect(svg).toContain("x with the input 2");
});
