import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

/** Brian2 2.5.1, rates in 0.1-0.5 s, Hz: mean and standard deviation over five seeds. */
const spontaneous: Readonly<Record<string, readonly [mean: number, sd: number]>> = {
  "pool 1": [1.93, 0.33],
  "pool 2": [1.73, 0.45],
  rest: [1.59, 0.29],
  inhibitory: [6.66, 0.35],
};
/** The rates of the inhibitory neurons in the later windows. The pools' depend on the decision, which is noisy. */
const inhibition = [
  [8.41, 1.25],
  [10.34, 1.86],
  [9.61, 1.07],
] as const;

it("decision-network: the rates of Brian2, and the pool with more input wins", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("decision-network");
  expect(rows).toHaveLength(12);
  const table = rows.map((row) => row.split("|").slice(1, -1));
  for (const [, population, ...rates] of table) {
    const name = population!.trim();
    const [mean, sd] = spontaneous[name]!;
    expect(Math.abs(Number(rates[0]) - mean), name).toBeLessThan(4 * sd);
    if (name !== "inhibitory") continue;
    inhibition.forEach(([later, spread], k) => {
      expect(Math.abs(Number(rates[k + 1]) - later), `${name}, window ${k + 1}`).toBeLessThan(4 * spread);
    });
  }
  // With Brian2, the first pool wins in four of five networks.
  const late = (name: string): number[] => table.filter((row) => row[1]!.trim() === name).map((row) => Number(row[4]));
  const second = late("pool 2");
  expect(late("pool 1").filter((rate, k) => rate > second[k]!).length).toBeGreaterThanOrEqual(2);
  expect(svg).toContain("pool 2");
});
