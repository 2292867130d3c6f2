import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Brian2 2.5.1, mean over five seeds: the mean index of the detectors that fire in ten windows. Its standard deviation over
// seeds, as a root mean square over the windows, is 1.2.
const detectors = [17.9, 22.87, 22.61, 22.48, 18.26, 11.1, 7.96, 4.58, 6.21, 11.37];

it("sound-localization: the detectors of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("sound-localization");
  const measured = rows.map((row) => Number(row.split("|")[3]));
  detectors.forEach((mean, k) => {
    expect(Math.abs(measured[k]! - mean), `window ${k}`).toBeLessThan(4 * 1.2);
  });
  const [, ears, all] = /(\d+) spikes of the ears, (\d+) of the detectors/.exec(stdout)!.map(Number);
  expect(Math.abs(ears! - 402)).toBeLessThan(4 * 10.4);
  expect(Math.abs(all! - 560.4)).toBeLessThan(4 * 44);
  expect(svg).toContain("Detectors of delays");
});
