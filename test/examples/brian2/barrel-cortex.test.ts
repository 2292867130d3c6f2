import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Numbers of synapses: mean and standard deviation of the sums of their probabilities. Others: Brian2 2.5.1, over four seeds.
const figures: readonly (readonly [name: string, mean: number, sd: number])[] = [
  ["forward synapses", 34_848, 132],
  ["lateral synapses", 694, 25.2],
  ["inhibitory synapses", 278.7, 11.5],
  ["rate of layer 4", 6.364, 0.037],
  ["excitatory rate", 10.32, 1.68],
  ["inhibitory rate", 27.9, 4.5],
  ["mean weight", 0.5041, 0.0024],
  ["deviation of the weights", 0.0901, 0.0147],
  ["selectivity", 0.0437, 0.0065],
];

it("barrel-cortex: the rates, the weights and the selectivity of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("barrel-cortex");
  const measured = rows[0]!.split("|").slice(2, -1).join(" ").trim().split(/\s+/).map(Number);
  expect(measured).toHaveLength(figures.length);
  figures.forEach(([name, mean, sd], k) => {
    expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("Preferred directions");
});
