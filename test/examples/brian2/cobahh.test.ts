import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same connections and initial values: spikes of the network and of five neurons, and
// their final states.
it("cobahh: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("cobahh");
  expect(stdout).toContain("64139 and 16052 synapses, 3230 spikes");
  expect(rows).toEqual([
    "| 0 | 4 | 11.7 18.9 24.1 28.2 | -69.2637 | 0.00395553 | 0.999145 |",
    "| 400 | 7 | 50.7 55.9 61.2 65.5 70.6 74.4 78.1 | -57.343 | 0.041245 | 0.985155 |",
    "| 799 | 4 | 70.0 74.9 78.7 89.9 | -64.8133 | 0.0107029 | 0.968683 |",
    "| 800 | 0 |  | -60.6952 | 0.0218493 | 0.995734 |",
    "| 999 | 0 |  | -76.8576 | 0.000720465 | 0.999863 |",
  ]);
  expect(svg).toContain("COBAHH");
});
