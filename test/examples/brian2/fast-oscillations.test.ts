import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over five seeds.
const figures: [string, number, number][] = [
  ["synapses", 5_000_580, 1_934],
  ["spikes", 1591.8, 14.1],
  ["rate after 20 ms", 3.544, 0.037],
  ["first spike", 14.72, 0.22],
  ["peak of the spectrum", 131, 8],
];

it("fast-oscillations: the rate and the frequency of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("fast-oscillations");
  const measured = rows[0]!.split("|").slice(1, -1).map(Number);
  figures.forEach(([name, mean, sd], k) => {
    expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("rate (Hz)");
});
