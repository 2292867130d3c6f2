import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

/** Brian2 2.5.1, 20 astrocytes with noise: mean and standard deviation over four seeds. */
const noisy: readonly (readonly [name: string, mean: number, sd: number])[] = [
  ["rises of calcium", 5.34, 0.2],
  ["mean calcium", 0.487, 0.0318],
  ["deviation of calcium", 0.338, 0.0133],
  ["mean h", 0.642, 0.045],
];

// Figures of Brian2 2.5.1 without noise: calcium, h, IP3 and bound receptors at six times.
it("astrocyte-calcium: the oscillations of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("astrocyte-calcium");
  expect(rows).toEqual([
    "| 5 | 0.669315 | 0.6123 | 0.328488 | 0.0368077 |",
    "| 10 | 0.312002 | 0.55889 | 0.188823 | 0.00194557 |",
    "| 15 | 0.391151 | 0.579806 | 1.56594 | 0.0876144 |",
    "| 20 | 0.44495 | 0.579726 | 0.612664 | 0.00460401 |",
    "| 25 | 0.506552 | 0.580272 | 1.15496 | 0.0634608 |",
    "| 29.999 | 0.383305 | 0.569633 | 0.371458 | 0.0034162 |",
  ]);
  expect(stdout).toContain("without noise 7 rises");
  const sentence = stdout.split("\n").find((line) => line.includes("20 astrocytes"))!;
  const measured = /: ([\d.]+) rises.*mean ([\d.]+), deviation ([\d.]+), mean h ([\d.]+)/.exec(sentence)!.slice(1);
  noisy.forEach(([name, mean, sd], k) => {
    expect(Math.abs(Number(measured[k]) - mean), name).toBeLessThan(4 * sd);
  });
  expect(svg).toContain("no noise");
});
