import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: for constant input final states and the range of y1 - y2; for random input its mean and its standard
// deviation over time, each as mean and standard deviation over five seeds.
const final = [
  [0.150308, 15.2299, 4.74434],
  [0.118798, 23.6946, 15.9088],
  [0.120584, 24.4319, 15.1799],
  [8.44957e-4, 12.7557, 26.1678],
  [0.00118019, 11.0128, 13.2193],
  [7.26096e-6, 13.0727, 24.9582],
];
const ranges = [
  [10.4856, 10.4856],
  [7.74897, 7.81904],
  [5.87552, 9.26907],
  [-24.5813, 16.6952],
  [-126.882, 20.6237],
  [-11.8855, -11.8855],
];
const means: [number, number][] = [
  [10.495, 0.044],
  [7.835, 0.015],
  [7.606, 0.021],
  [-5.596, 0.047],
  [-21.1, 3.1],
  [-11.876, 0.047],
];
const deviations: [number, number][] = [
  [0.428, 0.02],
  [0.922, 0.078],
  [1.63, 0.18],
  [11.99, 0.09],
  [36.2, 2.1],
  [0.426, 0.02],
];

it("jansen-rit: the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("jansen-rit");
  const columns = rows.map((row) => row.split("|").map((cell) => cell.trim().split(" ").map(Number)));
  expect(columns.map((row) => row[2])).toEqual(final);
  expect(columns.map((row) => row[3])).toEqual(ranges);
  columns.forEach((row, c) => {
    [means[c]!, deviations[c]!].forEach(([value, sd], k) => {
      expect(Math.abs(row[4]![k]! - value), `C = ${row[1]}`).toBeLessThan(4 * sd);
    });
  });
  expect(svg).toContain("C = 135");
});
