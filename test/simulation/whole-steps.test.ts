import { describe, expect, it } from "vitest";
import { li, lif } from "#spikevine/neurons/index";
import { stdp } from "#spikevine/plasticity/index";
import { SpikevineError } from "#spikevine/src/errors";
import { simulation } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";

const one = (dt = "0.1 ms") => {
  const sim = simulation({ dt });
  return { sim, cells: sim.population("cells", 1, lif()) };
};

describe("durations are whole numbers of steps", () => {
  it.each([
    ["0.1 ms", "0.25 ms", "run: the duration is 0.25 ms, which is 2.5 steps of 0.1 ms; give 0.2 ms or 0.3 ms."],
    ["0.1 ms", "0.04 ms", "run: the duration is 0.04 ms, which is 0.4 steps of 0.1 ms; give 0.1 ms."],
    ["0.1 ms", "1e-9 ms", "run: the duration is 1e-9 ms, which is 1e-8 steps of 0.1 ms; give 0.1 ms."],
    ["0.3 ms", "1 ms", "run: the duration is 1 ms, which is 3.33333 steps of 0.3 ms; give 0.9 ms or 1.2 ms."],
    ["0.1 ms", "1000.05 ms", "which is 10000.5 steps of 0.1 ms; give 1000 ms or 1000.1 ms."],
    ["1 ms", "500 us", "run: the duration is 500 us, which is 0.5 steps of 1 ms; give 1 ms."],
  ])("dt %s, run of %s", async (dt, duration, message) => {
    const { sim } = one(dt);
    await expect(sim.run(duration)).rejects.toThrow(SpikevineError);
    await expect(sim.run(duration)).rejects.toThrow(message);
    expect(sim.time).toBe(0);
  });

  it.each([
    ["0.1 ms", "0.7 ms", 7],
    ["0.3 ms", "0.9 ms", 3],
    ["0.07 ms", "0.7 ms", 10],
    ["1 us", "1.001 ms", 1001],
    ["0.025 ms", "1.1 ms", 44],
    ["0.1 ms", "0 ms", 0],
  ])("dt %s: %s is %d steps, and runs add up", async (dt, duration, steps) => {
    const { sim } = one(dt);
    for (let k = 1; k <= 3; k++) {
      expect((await sim.run(duration)).steps).toBe(steps);
      expect(sim.step).toBe(k * steps);
    }
  });

  it("bins of a rate too, which by default are nearest to 1 ms", () => {
    const { sim, cells } = one("0.3 ms");
    expect(sim.monitor.rate(cells).bin).toBeCloseTo(0.9, 12);
    expect(() => sim.monitor.rate(cells, { bin: "1 ms" })).toThrow(
      "monitor of the rate: bin is 1 ms, which is 3.33333 steps of 0.3 ms; give 0.9 ms or 1.2 ms.",
    );
    expect(() => sim.monitor.rate(cells, { bin: "0.1 ms" })).toThrow("bin is 0.1 ms, below dt; give at least 0.3 ms.");
  });

  it.each([
    ["0.04 ms", "duration is 0.04 ms, which is 0.4 steps of 0.1 ms; give 0.1 ms."],
    ["0.25 ms", "duration is 0.25 ms, which is 2.5 steps of 0.1 ms; give 0.2 ms or 0.3 ms."],
    [0.25, "duration is 0.25 ms, which is 2.5 steps of 0.1 ms; give 0.2 ms or 0.3 ms."],
    [-1, "duration is -1; give a time of at least one step."],
    [Infinity, "duration is Infinity; give a time of at least one step."],
    [0, "duration is 0, less than a step of 0.1 ms; give at least one step."],
  ])("a run of synapses of %s is refused", (duration, message) => {
    expect(() => simulateSynapses(stdp(), { dt: "0.1 ms", duration })).toThrow(message);
  });
});

describe("delays are rounded in decimals", () => {
  it.each([
    ["0.35 ms", 4],
    ["0.25 ms", 3],
    ["0.15 ms", 2],
    ["1.05 ms", 11],
    ["0.34 ms", 3],
  ])("%s is %d steps of 0.1 ms", (delay, steps) => {
    const { sim, cells } = one();
    const target = sim.population("target", 1, li());
    const projection = sim.connect(cells, target, { pattern: "all-to-all", target: "v", weight: 1, delay });
    const [synapse] = [...projection.synapses()];
    expect(synapse!.delay).toBeCloseTo(steps * 0.1, 12);
  });
});

describe("lost spikes are reported", () => {
  it("a graded population instead of a spiking one", () => {
    const warnings: string[] = [];
    const sim = simulation({ onWarning: (warning) => warnings.push(warning) });
    const graded = sim.population("graded", 2, li());
    const cells = sim.population("cells", 2, lif());
    sim.connect(cells, graded, { pattern: "all-to-all", target: "v", weight: 1 });
    expect(warnings).toEqual([]);
    sim.connect(graded, cells, { pattern: "all-to-all", target: "v", weight: 1 });
    sim.connect(graded, cells, { pattern: "all-to-all", weight: 0.1, synapse: stdp() });
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) {
      expect(warning).toBe(
        'projection "graded" to "cells": neurons/li has a graded output and never fires, so nothing arrives; connect neurons with a spike.',
      );
    }
  });

  it("a limit of a monitor", async () => {
    const warnings: string[] = [];
    const sim = simulation({ dt: "1 ms", onWarning: (warning) => warnings.push(warning) });
    const source = sim.source("source", 100, { poisson: "500 Hz" });
    const spikes = sim.monitor.spikes(source, { limit: 10 });
    await sim.run("10 ms");
    expect(spikes.dropped).toBeGreaterThan(0);
    expect(warnings).toEqual([
      'the monitor of spikes of population "source" is full; give it a larger limit, or recordTo, which writes to a file.',
    ]);
  });
});
