import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1. Neuron 0 spikes in the last step. Brian2 has this spike in the final x, 1.57737; here it
// arrives in the next step.
it("nonlinear-synapses: the spikes and the conductances of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("nonlinear-synapses");
  expect(rows).toEqual([
    "| 0 | 100 | 9.9 19.9 29.9 39.9 49.9 | 0.455904 0.461937 0.461937 | 0.520163 | 0.460456 | 0.577368 |",
    "| 1 | 100 | 4.9 14.9 24.9 34.9 44.9 | 0.912456 0.912948 0.912948 | 0.929918 | 0.91221 | 9.54317 |",
  ]);
  expect(stdout).toContain("largest sum 1.43551, final v 1.40584");
  expect(svg).toContain("weight 10");
});
