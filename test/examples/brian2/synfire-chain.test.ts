import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over five seeds. Per group of the chain: spikes, their mean time, their spread.
const figures: [string, number, number][] = [
  ["spikes", 1346, 29],
  ["spikes before 40 ms", 128.6, 14.7],
  ["group 0, spikes", 94.2, 2.4],
  ["group 0, time", 50.72, 0.11],
  ["group 0, spread", 0.75, 0.11],
  ["group 4, spikes", 102.8, 1.6],
  ["group 4, time", 52.91, 0.15],
  ["group 4, spread", 0.5, 0.12],
  ["group 9, spikes", 102.6, 0.5],
  ["group 9, time", 55.51, 0.2],
  ["group 9, spread", 0.43, 0.12],
];

it("synfire-chain: the packet of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("synfire-chain");
  const columns = rows.map((row) =>
    row
      .split("|")
      .slice(2, -1)
      .flatMap((cell) => cell.trim().split(" ").map(Number)),
  );
  expect(columns).toHaveLength(5);
  figures.forEach(([name, expected, sd], k) => {
    const mean = columns.reduce((sum, row) => sum + row[k]! / columns.length, 0);
    expect(Math.abs(mean - expected), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("A synfire chain");
});
