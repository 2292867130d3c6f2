import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { functionTable, simulation, timedArray } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const sum = defineNeuron({
  name: "sum",
  input: { unit: "pA" },
  inputs: { J: {} },
  states: { q: { unit: "fC" }, k: {} },
  dynamics: { q: "I", k: "J / (1 ms)" },
  integrator: forwardEuler,
  output: "k",
});

describe.each(WAYS)("inputs as expressions of the time, %s", (_, way) => {
  it("currents: the time, the index, timed arrays and tables, for all neurons or some", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 4, sum);
    const stimulus = timedArray(
      [
        [1, 2],
        [3, 4],
      ],
      { dt: "2 ms", unit: "pA" },
    );
    const drive = sim.input(cells, { current: "10 pA/ms * t * (1 + i)".replace("10 pA/ms", "10 pA / (1 ms)") });
    sim.input(cells.slice(2), {
      current: "stimulus(t, i) + stimulus(t - dt, 1 - i)",
      functions: { stimulus },
    });
    sim.input(cells.slice(1, 3), {
      current: "square(N * i) + 0 * t / (1 ms)",
      target: "J",
      functions: { square: functionTable([0, 2], [0, 4]) },
    });
    await sim.run("4 ms");
    // 10 (0 + 1 + 2 + 3) (1 + i), and in the third 1 1 3 3 + 2 2 2 4, in the fourth 2 2 4 4 + 1 1 1 3.
    expect([...sim.state(cells, "q")]).toEqual([60, 120, 180 + 18, 240 + 18]);
    expect([...sim.state(cells, "k")]).toEqual([0, 0, 16, 0]);
    sim.change(drive, { current: "1 pA" });
    await sim.run("1 ms");
    expect(sim.state(cells, "q")[0]).toBe(61);
  });

  it("rates: as many spikes as the integral of the rate", async () => {
    const sim = simulation({ ...way, dt: "0.5 ms", seed: 4 });
    const rate = timedArray([100, 400, 0], { dt: "50 ms", unit: "Hz" });
    const source = sim.source("source", 1000, { poisson: "rate(t) * (1 + i / N)", functions: { rate } });
    const spikes = sim.monitor.spikes(source);
    await sim.run("150 ms");
    const expected = (50 * 100 + 50 * 400) * 1e-3 * (1000 + 499.5);
    // Six standard deviations of a Poisson count, which is wider than that of these draws.
    expect(Math.abs(spikes.count - expected)).toBeLessThan(6 * Math.sqrt(expected));
    const early = spikes.times.filter((time) => time < 50).length;
    expect(Math.abs(early - expected / 5)).toBeLessThan(6 * Math.sqrt(expected / 5));
    const high = spikes.indices.filter((neuron) => neuron >= 500).length;
    expect(Math.abs(high - (expected * 1.7495) / 2.999)).toBeLessThan(6 * Math.sqrt(expected / 2));
    expect(spikes.times.at(-1)).toBeLessThan(100);
    sim.change(source, { poisson: "1 kHz * (t > 160 ms)" });
    const count = spikes.count;
    await sim.run("20 ms");
    expect(Math.min(...spikes.times.slice(count))).toBeGreaterThan(160);
    expect(Math.abs(spikes.count - count - 0.5 * 19 * 1000)).toBeLessThan(6 * Math.sqrt(0.25 * 19_000));
  });
});

describe("inputs as expressions of the time", () => {
  it("keep the tables that are named in their options only", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const sim = simulation({ dt: "1 ms" });
    const cells = sim.population("cells", 1, sum);
    const stimulus = (unit: string) => ({ stimulus: timedArray([1000, 0], { dt: "1 ms", unit }) });
    sim.input(cells, { current: "stimulus(t - dt)", functions: stimulus("pA") });
    const source = sim.source("source", 1, { poisson: "stimulus(t - dt)", functions: stimulus("Hz") });
    const spikes = sim.monitor.spikes(source);
    // A table that nothing keeps is collected after the present turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    await sim.run("4 ms");
    expect(sim.state(cells, "q")[0]).toBe(2000);
    expect(spikes.count).toBe(2);
  });

  it("are refused with a reason", () => {
    const sim = simulation();
    const cells = sim.population("cells", 3, sum);
    const wide = timedArray([[1, 2]], { dt: "1 ms", unit: "pA" });
    const input =
      (current: string, functions = {}) =>
      () =>
        sim.input(cells, { current, functions });
    expect(input("t")).toThrow(
      /input of population "cells": current: in "t" the term "t" is in ms; every term must be/,
    );
    expect(input("stimulus(t, i)", { stimulus: wide })).toThrow(/rows of 2; give 3 values per row/);
    expect(input("1 pA * rand() * (t > 1 ms)")).toThrow(/draws numbers in every step/);
    expect(input("v * t")).toThrow(/unknown name "v"/);
    expect(() => sim.source("source", 2, { poisson: "t / (1 ms)" })).toThrow(
      /has no unit; every term must be in 1\/ms/,
    );
  });
});
