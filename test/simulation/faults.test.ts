import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { simulation } from "#spikevine/src/simulation/index";
import { sweepSynapses } from "#spikevine/src/simulation/synapse-sweep";
import { WAYS } from "./ways.js";

describe.each(WAYS)("a wrong rate of a source in time, %s", (_, way) => {
  it.each(["10 Hz - 1 Hz * t / (1 ms)", "10 Hz * sqrt(10 - t / (1 ms))"])("%s stops the run", async (rate) => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const source = sim.source("light", 3, { poisson: rate });
    const spikes = sim.monitor.spikes(source);
    await expect(sim.run("40 ms")).rejects.toThrow(
      `the rate "${rate}" of neuron 0 of source "light" is negative or NaN in the step from 11 to 12 ms; give a rate of at least 0 Hz.`,
    );
    expect(sim.time).toBe(11);
    sim.change(source, { poisson: "1000 Hz + 0 Hz * t / (1 ms)" });
    await sim.run("2 ms");
    expect(sim.time).toBe(13);
    expect([...spikes.times].slice(-6)).toEqual([11, 11, 11, 12, 12, 12]);
  });

  it("after the last step it warns, and another rate goes on", async () => {
    const warnings: string[] = [];
    const sim = simulation({ ...way, dt: "1 ms", onWarning: (sentence) => warnings.push(sentence) });
    const source = sim.source("light", 1, { poisson: "10 Hz - 1 Hz * t / (1 ms)" });
    await sim.run("12 ms");
    expect(warnings.join()).toMatch(/source "light" is negative or NaN/);
    await expect(sim.run("1 ms")).rejects.toThrow(/source "light" is negative or NaN/);
    sim.change(source, { poisson: "10 Hz + 1 Hz * t / (1 ms)" });
    await sim.run("5 ms");
    expect(sim.time).toBe(17);
  });
});

describe("a negative refractory period", () => {
  const spec = {
    ...{ name: "cell", states: { v: {} }, parameters: { rest: { value: "2 ms" } } },
    ...{ dynamics: { v: "1 / (1 ms)" }, spike: "v - 1", reset: { v: "y > 0 ? 0 : v" } },
  } as const;

  it("is refused if it is constant, also by its parameters", () => {
    expect(() => defineNeuron({ ...spec, refractory: "-2 ms" })).toThrow(
      "neurons/cell: the refractory period is -2 ms; give a time of at least 0 ms.",
    );
    const cell = defineNeuron({ ...spec, refractory: "rest - 1 ms" });
    expect(() => cell.with({ parameters: { rest: "0.5 ms" } })).toThrow(/the refractory period is -0.5 ms/);
    const sim = simulation();
    const cells = sim.population("cells", 2, cell);
    expect(() => sim.set(cells, "rest", "0 ms")).toThrow(/the refractory period is -1 ms/);
  });

  it.each(WAYS)("of one neuron stops the run at its spike, %s", async (_, way) => {
    const cell = defineNeuron({ ...spec, refractory: "rest" });
    const sim = simulation({ ...way, dt: "0.5 ms" });
    sim.population("cells", 3, cell, { parameters: { rest: ["1 ms", "-1 ms", "0 ms"] } });
    await expect(sim.run("10 ms")).rejects.toThrow(
      /the refractory period of neuron 1 of population "cells" is negative or NaN in the step from 1 to 1.5 ms; give a time of at least 0 ms/,
    );
  });
});

it("names in functions that no equation calls are checked", () => {
  const states = { v: {} };
  const given = { name: "cell", states, dynamics: { v: "-v / (5 ms)" }, output: "v" } as const;
  expect(() => defineNeuron({ ...given, functions: { "f(x)": "x + vv" } })).toThrow(
    'unknown name in f(x) of neurons/cell "vv": did you mean "v"?',
  );
  expect(() =>
    defineNeuron({ ...given, functions: { "f(x)": "x + v + t / (1 ms) + pi * i + xi * sqrt(ms)" } }),
  ).not.toThrow();
  expect(() => defineSynapse({ name: "s", states, functions: { "g(a, b)": "a * b + q" } })).toThrow(
    /unknown name in g\(a, b\) of plasticity\/s "q"/,
  );
  expect(() =>
    defineSynapse({ name: "s", states, functions: { "g(a)": "a * v_post * weight * j * mV / (1 ms)" } }),
  ).not.toThrow();
});

it("plastic synapses may be switched off twice while a spike is on its way", async () => {
  const weights = async (executor: "wasm" | "javascript") => {
    const sim = simulation({ executor, dt: "1 ms" });
    const times = Array.from({ length: 20 }, (_, k) => [`${k} ms`, 0] as const);
    const source = sim.source("source", 1, { spikes: times });
    const synapse = defineSynapse({
      name: "counting",
      states: { x: {} },
      dynamics: { x: "-x / (7 ms)" },
      onPre: { x: "x + 1", weight: "weight + x" },
    });
    const projection = sim.connect(source, source, { pattern: "all-to-all", weight: 0, synapse, delay: "30 ms" });
    // At rest from 3 to 5 ms, and from 9 to 12 ms: neither spikes sent then nor those that arrive then count.
    for (const [duration, active] of [
      ["3 ms", false],
      ["2 ms", true],
      ["4 ms", false],
      ["3 ms", true],
      ["50 ms", true],
    ] as const) {
      await sim.run(duration);
      sim.setActive(projection, active);
    }
    return [...sim.synapseState(projection, "weight"), ...sim.synapseState(projection, "x")];
  };
  const [here, expected] = [await weights("wasm"), await weights("javascript")];
  expect(expected[0]).toBeGreaterThan(1);
  here.forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k]!, 11);
  });
});

it("a sweep ends when a point fails, and names the first that does", { timeout: 60_000 }, async () => {
  const synapse = defineSynapse({
    name: "growing",
    parameters: { rate: { value: "1 Hz" } },
    states: { x: { initial: 1 } },
    dynamics: { x: "rate * x" },
  });
  const began = performance.now();
  // The first point fails in its first steps; the others would take minutes.
  const over = { rate: ["1e6 Hz", "1 Hz", "1 Hz", "1 Hz"] };
  const options = { over, dt: 0.1, duration: 1e6, synapses: 100, every: 1e7, threads: 2 };
  await expect(sweepSynapses(synapse, options)).rejects.toThrow(/"x" of synapse 0 is Infinity/);
  expect(performance.now() - began).toBeLessThan(50_000);
});
