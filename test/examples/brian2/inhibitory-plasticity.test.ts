import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

type Figures = readonly (readonly [name: string, mean: number, sd: number])[];

/** Brian2 2.5.1 with 1,000 neurons: mean and standard deviation over five seeds; rates of both kinds of neurons in Hz. */
const small: Figures = [
  ["synapses that learn", 31_890, 180],
  ["excitatory, 0.5-1 s", 164.26, 0.14],
  ["inhibitory, 0.5-1 s", 67.11, 1.07],
  ["excitatory, 1-1.5 s", 114.02, 2.94],
  ["inhibitory, 1-1.5 s", 46.68, 0.96],
  ["excitatory, 1.5-2 s", 30.48, 4.86],
  ["inhibitory, 1.5-2 s", 16.54, 1.59],
  ["mean weight", 1.319, 0.049],
  ["deviation of the weights", 1.268, 0.045],
  ["largest weight", 4.77, 0.32],
];
/** The same with 10,000 neurons; the rates after the first second are those of 1-2 s. */
const large: Figures = [
  ["synapses that learn", 319_722, 394],
  ["excitatory, 0.5-1 s", 165.4, 1.2],
  ["inhibitory, 0.5-1 s", 67.15, 0.27],
  ["excitatory, 1-2 s", 72.2, 1.6],
  ["inhibitory, 1-2 s", 31.73, 0.44],
  ["mean weight", 1.294, 0.022],
  ["deviation of the weights", 1.262, 0.009],
  ["largest weight", 5.48, 0.17],
];

const numbers = (row: string): number[] => row.split("|").slice(2, -1).join(" ").trim().split(/\s+/).map(Number);

function expectFigures(measured: readonly number[], figures: Figures): void {
  expect(measured).toHaveLength(figures.length);
  figures.forEach(([name, mean, sd], k) => {
    expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
  });
}

it("inhibitory-plasticity: the rates and the weights of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("inhibitory-plasticity");
  expectFigures(numbers(rows[0]!), small);
  expect(svg).toContain("excitatory");
});

it("inhibitory-plasticity: the same with 10,000 neurons", { timeout: 600_000 }, async () => {
  const { rows } = await runPort("inhibitory-plasticity", ["--full"]);
  const [synapses, e0, i0, e1, i1, e2, i2, ...weights] = numbers(rows[0]!);
  expectFigures([synapses!, e0!, i0!, (e1! + e2!) / 2, (i1! + i2!) / 2, ...weights], large);
});
