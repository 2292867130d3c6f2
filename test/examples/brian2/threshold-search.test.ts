import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: the estimates of three neurons, and the mean over all of them.
it("threshold-search: the thresholds of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("threshold-search");
  expect(rows.map((row) => row.split("|")[3]!.trim().split(" ").map(Number))).toEqual([
    [25, 0, 12.5, 18.75, 21.875, 23.4375, 24.21875, 24.609375, 24.4140625, 24.5117188, 24.4628906],
    [25, 0, 12.5, 18.75, 15.625, 14.0625, 13.28125, 12.890625, 13.0859375, 12.9882813, 13.0371094],
    [25, 0, 12.5, 6.25, 9.375, 7.8125, 8.59375, 8.984375, 8.7890625, 8.88671875, 8.83789063],
  ]);
  expect(stdout).toContain("mean threshold 15.2480469 mV");
  expect(svg).toContain("sodium conductance");
});
