import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: peaks of the potential after stimuli, potentials over time, and final states.
it("short-term-plasticity: the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, svg } = await runPort("short-term-plasticity");
  const lines = stdout.split("\n");
  expect(lines.filter((line) => line.startsWith("peaks"))).toEqual([
    "peaks of v (mV) 0.927177 0.696237 0.419764 0.260103 0.184373 0.151582, last 0.129179",
    "peaks of v (mV) 1.08618 2.48815 3.84836 5.02953 6.00228 6.7839, last 10.1656",
    "peaks of v (mV) 1.08618 2.93784 5.21938 7.64006 9.96986 12.0505, last 16.96",
  ]);
  expect(lines.filter((line) => line.startsWith("v (mV) at"))).toEqual([
    "v (mV) at 110, 150, 200, 400 ms 0.919872 0.355181 0.255979 0.0561025",
    "v (mV) at 110, 150, 200, 400 ms 1.03662 0.533076 1.21454 3.28818",
    "v (mV) at 110, 150, 200, 400 ms 1.03662 7.46677 11.9087 11.4207",
  ]);
  expect(lines.filter((line) => line.startsWith("last"))).toEqual([
    "last v (mV) 0.00396224, x = 0.202762",
    "last v (mV) 0.930318, x = 0.845759, u = 0.176825",
    "last v (mV) 2.16068, x = 0.687269, u = 0.288078",
  ]);
  expect(svg).toContain("facilitation, 70 Hz");
});
