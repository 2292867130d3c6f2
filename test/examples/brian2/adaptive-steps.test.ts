import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same jumps: largest errors of rk2 with four steps. The adaptive steps have the tolerance 1e-6,
// relative to 1 plus a potential of up to 5.
it("adaptive-steps: the errors of Brian2 with fixed steps, and errors of the tolerance's size with adaptive ones", {
  timeout: 60_000,
}, async () => {
  const { rows, svg } = await runPort("adaptive-steps");
  const largest = rows.map((row) => Number(row.split("|")[3]));
  expect(largest.slice(0, 4)).toEqual([0.660603, 0.113728, 0.0232479, 0.00526901]);
  expect(largest[4]).toBeLessThan(6e-6);
  expect(svg).toContain("adaptive");
});
