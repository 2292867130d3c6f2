import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1, 100 neurons: mean and standard deviation over five seeds.
const figures: [string, number, number][] = [
  ["rate", 6.57, 0.396],
  ["threshold", -47.777, 0.215],
  ["deviation of the threshold", 3.004, 0.111],
  ["slope", 2.112, 0.05],
  ["correlation of slope and threshold", -0.283, 0.061],
  ["threshold after slow depolarization", -45.258, 0.428],
  ["threshold after steep depolarization", -50.474, 0.343],
];

it("spike-threshold: the thresholds of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("spike-threshold");
  const measured = rows[0]!.split("|").slice(1, -1).map(Number);
  figures.forEach(([name, mean, sd], k) => {
    expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("slope before the spike");
});
