import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: the potential at rest, the passes of 0 mV, the largest and the final potential, and a final gate.
it("cochlear-neurons: the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("cochlear-neurons");
  expect(rows).toEqual([
    "| 0 | I classic | -64.7238 | 13: 51.6 60.1 67.7 75.3 82.9 | 46.0745 | -43.4705 | 0.832371 |",
    "| 1 | I transient | -64.8254 | 2: 51.6 59.6 | 44.4442 | -29.7056 | 0.988476 |",
    "| 2 | I-II | -64.7187 | 13: 51.6 60.3 68.2 76.1 84.0 | 45.986 | -48.9548 | 0.944876 |",
    "| 3 | II-I | -64.6678 | 12: 51.6 60.4 68.5 76.7 84.9 | 45.8625 | -48.9614 | 0.803533 |",
    "| 4 | II | -64.3402 | 2: 51.7 62.5 | 44.1841 | -50.9025 | 0.787993 |",
    "| 5 | octopus | -62.9291 | 1: 51.8 | 37.275 | -56.064 | 0.676781 |",
  ]);
  expect(svg).toContain("octopus");
});
