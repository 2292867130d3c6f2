import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

type Figures = readonly (readonly [column: number, name: string, mean: number, sd: number])[];

/** Brian2 2.5.1: mean and standard deviation over five seeds. */
const first: Figures = [
  [3, "later spikes", 8.4, 1.14],
  [6, "deviation of the weights", 0.05638, 0.0002],
];
const second: Figures = [
  [4, "active neurons", 3.6, 1.34],
  [6, "deviation of the weights", 0.05638, 0.0002],
];
/** All spikes of the second picture. Those of the first begin with many neurons at once, between 2 and 51 with Brian2. */
const [secondSpikes, secondSpread] = [11.8, 1.92];

it("digit-learning: a few neurons win, as with Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("digit-learning");
  const pictures = rows.map((row) => row.split("|").slice(2, -1).map(Number));
  expect(pictures).toHaveLength(2);
  [first, second].forEach((figures, picture) => {
    for (const [column, name, mean, sd] of figures) {
      expect(Math.abs(pictures[picture]![column]! - mean), `picture ${picture + 1}, ${name}`).toBeLessThan(4 * sd);
    }
  });
  const spikes = pictures.map(([, , early, later]) => early! + later!);
  expect(Math.abs(spikes[1]! - secondSpikes)).toBeLessThan(4 * secondSpread);
  // The weights of each neuron add up to 78, and each spike raises a threshold by 0.05 mV, of which little decays.
  let raised = 0;
  pictures.forEach(([, intensity, , , , weight, , theta, largest], picture) => {
    expect(intensity).toBe(2);
    expect(weight).toBeCloseTo(78 / 784, 6);
    raised += (0.05 * spikes[picture]!) / 100;
    expect(theta! - 20 * Math.exp(-(picture + 1) * 0.5e-4)).toBeCloseTo(raised, 3);
    expect(largest).toBeGreaterThanOrEqual(20.05);
  });
  expect(svg).toContain("excitatory");
});
