import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over five seeds.
const figures: [string, number, number][] = [
  ["spikes", 22_919, 1_104],
  ["excitatory rate", 5.685, 0.354],
  ["inhibitory rate", 5.598, 0.084],
  ["deviation of the rates", 5.725, 0.217],
  ["mean CV", 0.4938, 0.0122],
];

it("cuba: the rates and the irregularity of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("cuba");
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    const measured = row.split("|").slice(2, -1).map(Number);
    figures.forEach(([name, mean, sd], k) => {
      expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
    });
  }
  expect(svg).toContain("CUBA");
});
