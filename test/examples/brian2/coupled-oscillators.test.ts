import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same phases and frequencies.
it("coupled-oscillators: the coherence of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("coupled-oscillators");
  expect(rows).toEqual([
    "| 0 | 0.300133 | 0.175671 |",
    "| 1 | 0.300133 | 0.366666 |",
    "| 2 | 0.300133 | 0.663950 |",
    "| 4 | 0.300133 | 0.983912 |",
  ]);
  expect(svg).toContain("strength 4/s");
});
