import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over four seeds. The rates in two windows, and the weights after 5 s.
const rates: [number, number][] = [
  [39.7, 8.3],
  [36, 8.3],
];
const figures: [string, number, number][] = [
  ["mean weight", 0.493, 0.0078],
  ["deviation of the weights", 0.2949, 0.0037],
  ["share below 0.2", 0.22, 0.0072],
  ["share above 0.8", 0.2018, 0.0099],
];

it("stdp: the rates and the weights of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("stdp");
  const measured = rows.map((row) => row.split("|").slice(1, -1).map(Number));
  rates.forEach(([mean, sd], k) => {
    expect(Math.abs(measured[k]![1]! - mean)).toBeLessThan(4 * sd);
  });
  figures.forEach(([name, mean, sd], k) => {
    expect(Math.abs(measured[1]![k + 2]! - mean), name).toBeLessThan(4 * sd);
  });
  // Competition: the weights move apart.
  expect(measured[7]![3]!).toBeGreaterThan(measured[0]![3]! + 0.01);
  expect(svg).toContain("weight / largest");
});
