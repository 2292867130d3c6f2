import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1: mean and standard deviation over eight seeds.
const figures: [string, number, number][] = [
  ["excitatory rate", 9.097, 0.172],
  ["inhibitory rate", 9.699, 0.182],
  ["variation of the rate", 0.703, 0.033],
  ["slow rhythm", 9.58, 1.78],
];

it("izhikevich-network: the rates and the rhythm of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("izhikevich-network");
  const columns = rows.map((row) => row.split("|").slice(2, -1).map(Number));
  expect(columns).toHaveLength(3);
  figures.forEach(([name, expected, sd], k) => {
    for (const row of columns) expect(Math.abs(row[k]! - expected), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("inhibitory");
});
