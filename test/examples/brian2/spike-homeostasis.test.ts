import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over five seeds, for blocks of 10 s. Per block: rate with homeostasis, rate
// without, and mean weight in the second half.
const figures: [number, number][][] = [
  [
    [47.3, 2.2],
    [23.6, 0.85],
    [1.3, 0.1],
  ],
  [
    [51.8, 1.6],
    [46.6, 2.4],
    [0.544, 0.17],
  ],
  [
    [42.6, 0.82],
    [0, 0],
    [1.95, 5.4e-4],
  ],
  [
    [50.9, 2.3],
    [34.2, 1.9],
    [0.948, 0.16],
  ],
];
/** Half a unit of the last digit of the weights above. */
const rounding = 0.005;

it("spike-homeostasis: the rates and the weight of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("spike-homeostasis");
  expect(rows).toHaveLength(4);
  rows.forEach((row, block) => {
    const measured = row.split("|").slice(2, -1).map(Number);
    figures[block]!.forEach(([mean, sd], k) => {
      expect(Math.abs(measured[k]! - mean), `block ${block}, column ${k}`).toBeLessThanOrEqual(4 * sd + rounding);
    });
  });
  expect(svg).toContain("weight");
});
