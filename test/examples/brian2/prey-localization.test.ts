import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same wave: the spikes of legs and command neurons, and the direction.
it("prey-localization: the spikes and the direction of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("prey-localization");
  expect(rows).toEqual([
    "| 0 | 22.5 | 49 | 13.3 26.6 40.0 53.4 | 0 |  |",
    "| 1 | 67.5 | 49 | 12.9 26.2 39.6 53.0 | 46 | 13.8 27.1 40.5 53.9 |",
    "| 2 | 112.5 | 49 | 12.6 25.9 39.3 52.7 | 92 | 13.4 13.9 26.7 27.2 |",
    "| 3 | 157.5 | 49 | 12.6 25.9 39.3 52.7 | 92 | 13.4 13.9 26.7 27.2 |",
    "| 4 | 202.5 | 49 | 12.8 26.1 39.5 52.9 | 47 | 13.6 26.9 40.3 53.7 |",
    "| 5 | 247.5 | 49 | 13.2 26.5 39.9 53.3 | 1 | 383.0 |",
    "| 6 | 292.5 | 49 | 13.5 26.8 40.2 53.6 | 0 |  |",
    "| 7 | 337.5 | 49 | 13.5 26.8 40.2 53.6 | 0 |  |",
  ]);
  expect(stdout).toContain("found at 135.516 degrees");
  expect(svg).toContain("command neurons");
});
