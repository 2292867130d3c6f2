import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: spike times, and the potentials at 22 ms.
it("stop-early: the spikes and the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, svg } = await runPort("stop-early");
  expect(stdout).toContain("stopped: true, at 22.0 ms with 20 spikes");
  expect(stdout).toContain("spikes (ms): 1.8 3.3 4.7 5.8 6.9 7.8 8.7 9.5 10.2 10.9 12.8 14.3 15.7 16.8 17.9 18.8");
  expect(stdout).toContain("0.101409 0.195963 0.296222 0.399830 0.494520 0.599257 0.693083 0.798500 0.896214");
  expect(svg).toContain("A run that stops early");
});
