import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1, 50 copies of both neurons: mean and standard deviation over five seeds.
const figures: [string, number, number][][] = [
  [
    ["independent: rate", 3.492, 0.386],
    ["independent: mean potential", -65.188, 0.146],
    ["independent: deviation of the potential", 4.522, 0.036],
  ],
  [
    ["synchronous: rate", 12.716, 0.516],
    ["synchronous: mean potential", -65.667, 0.117],
    ["synchronous: deviation of the potential", 5.214, 0.075],
  ],
];

it("distributed-synchrony: the rates and the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("distributed-synchrony");
  figures.forEach((group, g) => {
    const measured = rows[g]!.split("|").slice(3, -1).map(Number);
    group.forEach(([name, mean, sd], k) => {
      expect(Math.abs(measured[k]! - mean), name).toBeLessThan(4 * sd);
    });
  });
  expect(svg).toContain("synchronous events");
});
