import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: passes of 0 mV, extreme and final potentials, and final gates.
it("continuous-interaction: the potentials and the gates of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("continuous-interaction");
  expect(rows).toEqual([
    "| 0 | 8.3 27.5 46.7 65.8 85.0 | -99.0109 47.3371 | -63.7452 | 0.0271025 0.995834 0.0460872 0.000570138 |",
    "| 1 | 10.1 29.8 49.1 68.3 87.4 | -98.6428 47.9034 | -74.3734 | 0.00295755 0.999536 0.00880189 0.00185923 |",
  ]);
  expect(svg).toContain("neuron 1");
});
