import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: spike times, and per time the strength, the eligibility and the dopamine.
const figures = [
  [520, 1e-8, 5.94505e-9, 0],
  [1020, 0.00688617, 3.60577e-9, 0],
  [1520, 0.000517595, 2.18695e-9, 0],
  [3000, 0.000517595, 4.97796e-10, 0],
  [3600, 0.000669626, 0.000780971, 0.00335294],
  [4005, 0.00106768, 0.000520879, 0.000442344],
  [4100, 0.00333524, 0.00601803, 0.003628],
  [4500, 0.00664447, 0.00403392, 0.00049075],
  [4600, 0.00584043, -0.00217155, 0.00365056],
  [5000, 0.0046389, -0.0014556, 0.000493802],
];

it("reward: the spikes and the synapse of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("reward");
  const measured = rows.map((row) => row.split("|").slice(1, -1).map(Number));
  expect(measured.slice(0, figures.length)).toEqual(figures);
  expect(stdout).toContain("500.1/0 550.1/1 1000.1/0 1010.1/1 1500.1/1 1510.1/0 3500.1/0");
  expect(svg).toContain("eligibility");
});
