import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Mean absolute errors of one path in Brian2 2.5.1, with dt = 1, 0.5, 0.2, 0.1 and 0.05 ms. Its Heun takes the drift from the
// beginning of the step, and then has the errors of Milstein's scheme; here Heun averages the drift too and is better.
const brian2 = [1.42953e-4, 5.68407e-5, 1.70815e-5, 1.1307e-5, 8.03882e-6];

it("stochastic-equations: errors of Brian2's size, and order 1", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("stochastic-equations");
  const columns = rows.map((row) => row.split("|").map(Number));
  columns.forEach((row, k) => {
    const [dt, heun, milstein] = row.slice(1, 4) as [number, number, number];
    expect(milstein / brian2[k]!, `dt ${dt} ms`).toBeGreaterThan(1 / 2);
    expect(milstein / brian2[k]!, `dt ${dt} ms`).toBeLessThan(2);
    expect(heun, `dt ${dt} ms`).toBeLessThan(milstein / 20);
  });
  for (const scheme of [2, 3]) {
    const slope = Math.log(columns[0]![scheme]! / columns.at(-1)![scheme]!) / Math.log(20);
    expect(Math.abs(slope - 1)).toBeLessThan(0.1);
  }
  expect(svg).toContain("milstein");
});
