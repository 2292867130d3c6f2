import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1 for the same input: spikes, both events, and the largest and final states.
it("custom-events: the events and the states of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, svg } = await runPort("custom-events");
  expect(stdout).toContain("5 spikes, first at 90.4 182.4 274.4 366.4 458.4 ms");
  expect(stdout).toContain("52 rises, first at 9.1 13.1 17.1 21.1 25.1 ms");
  expect(stdout).toContain("47 falls, first at 9.6 15.0 19.8 24.3 28.6 ms");
  expect(stdout).toMatch(/\| v \| 0\.\d+ \| 0\.541914 \|\n\| g \| 1\.\d+ \| 0\.739916 \|/);
  expect(stdout).toContain("| x | 1.0001 | 0.015766 |\n| y | 2.95066 | 1.44358 |");
  expect(svg).toContain("second neuron");
});
