import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { stdp } from "#spikevine/plasticity/index";
import { defineNeuron, tanhDerivative } from "#spikevine/src/index";
import { type Simulation, simulation, timedArray, uniform } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** dv/dt = (I - v) / tau; fires where v > threshold, then restarts at 0. */
const leaky = defineNeuron({
  name: "leaky",
  summary: "A leaky neuron.",
  source: "This test.",
  input: { unit: "mV" },
  states: { v: { unit: "mV", summary: "Potential." } },
  parameters: {
    tau: { value: "10 ms", min: 0, exclusiveMin: true, summary: "Time constant." },
    threshold: { value: "10 mV", summary: "Threshold." },
  },
  dynamics: { v: "(I - v) / tau" },
  spike: "v - threshold",
  reset: { v: "y > 0 ? 0 : v" },
  surrogate: tanhDerivative(),
});

const steps = (times: Float64Array): number[] => [...times].map((time) => Math.round(time / 0.1));

/** A network whose spikes travel with one delay and with many. */
function recurrent(way: object): { sim: Simulation; spikes: ReturnType<Simulation["monitor"]["spikes"]> } {
  const sim = simulation({ ...way, seed: 9 });
  const cells = sim.population("cells", 60, cobaLif(), { initial: { v: uniform("-60 mV", "-50 mV") } });
  sim.input(cells, { poisson: { rate: "2 kHz", weight: "3 nS", target: "ge" } });
  sim.connect(cells, cells, { pattern: { probability: 0.2 }, target: "ge", weight: "6 nS", delay: "3 ms" });
  const delay = uniform("0.3 ms", "4 ms");
  sim.connect(cells, cells, { pattern: { probability: 0.2 }, target: "gi", weight: "20 nS", delay });
  return { sim, spikes: sim.monitor.spikes(cells) };
}

describe.each(WAYS)("between runs, in %s", (_, way) => {
  it("states, parameters and inputs change: the spikes of a literal loop", async () => {
    const sim = simulation(way);
    const cell = sim.population("cell", 1, leaky);
    const drive = sim.input(cell, { current: "20 mV" });
    const spikes = sim.monitor.spikes(cell);
    await sim.run("20 ms");
    sim.set(cell, "tau", "5 ms");
    await sim.run("20 ms");
    sim.set(cell, "v", "9 mV");
    sim.change(drive, { current: "15 mV" });
    await sim.run("20 ms");
    sim.set(cell, "threshold", "threshold / 2 + rand() * 0 * threshold");
    await sim.run("20 ms");
    const expected: number[] = [];
    for (let k = 0, v = 0; k < 800; k++) {
      if (k === 400) v = 9;
      const [current, tau] = [k < 400 ? 20 : 15, k < 200 ? 10 : 5];
      v = current + (v - current) * Math.exp(-0.1 / tau);
      if (v > (k < 600 ? 10 : 5)) {
        expected.push(k);
        v = 0;
      }
    }
    expect(expected.length).toBeGreaterThan(10);
    expect(steps(spikes.times)).toEqual(expected);
  });

  it("a part that changes nothing leaves every later spike as it is, those in transit included", async () => {
    const { sim: whole, spikes: expected } = recurrent(way);
    await whole.run("60 ms");
    expect(expected.count).toBeGreaterThan(50);
    const { sim, spikes } = recurrent(way);
    await sim.run("31.7 ms");
    const others = sim.population("others", 5, cobaLif());
    sim.connect(others, others, { pattern: "all-to-all", target: "ge", weight: "1 nS", delay: "9 ms" });
    const later = sim.monitor.spikes(spikes.population);
    const v = sim.monitor.state(others, "v");
    await sim.run("28.3 ms");
    expect(spikes.times).toEqual(expected.times);
    expect(spikes.indices).toEqual(expected.indices);
    expect(later.times).toEqual(expected.times.filter((time) => time > 31.65));
    expect(v.times[0]).toBeCloseTo(31.7, 9);
  });

  it("weights change, and projections and populations are switched off and on", async () => {
    const sim = simulation({ ...way });
    const source = sim.source("source", 1, { spikes: Array.from({ length: 9 }, (_, k) => [10 * k + 1 + " ms", 0]) });
    const cell = sim.population("cell", 1, cobaLif({ tauE: "1e9 ms" }));
    const projection = sim.connect(source, cell, { pattern: "all-to-all", target: "ge", weight: "1 nS" });
    const ge = async () => {
      await sim.run("10 ms");
      return sim.state(cell, "ge")[0]!;
    };
    expect(await ge()).toBeCloseTo(1, 6);
    sim.set(projection, "weight", "0.5 nS");
    expect([...projection.synapses()][0]!.weight).toBe(0.5);
    expect(await ge()).toBeCloseTo(1.5, 6);
    sim.set(projection, "weight", ["0.25 nS"]);
    expect(await ge()).toBeCloseTo(1.75, 6);
    sim.setActive(projection, false);
    expect(await ge()).toBeCloseTo(1.75, 6);
    sim.setActive(projection, true);
    sim.setActive(cell, false);
    const before = sim.state(cell, "v")[0];
    expect(await ge()).toBeCloseTo(2, 6);
    expect(sim.state(cell, "v")[0]).toBe(before);
    sim.setActive(cell, true);
    sim.setActive(source, false);
    expect(await ge()).toBeCloseTo(2, 6);
    expect(sim.state(cell, "v")[0]).not.toBe(before);
    sim.setActive(source, true);
    sim.change(source, { spikes: [["62 ms", 0]] });
    expect(await ge()).toBeCloseTo(2.25, 6);
    sim.change(source, { poisson: "0 Hz" });
    expect(await ge()).toBeCloseTo(2.25, 6);
    sim.change(source, { poisson: timedArray([1], { dt: "1 ms", unit: "kHz" }) });
    expect(await ge()).toBeGreaterThan(2.5);
  });

  it("code that runs once per period stops the run at its own time", async () => {
    const sim = simulation(way);
    sim.population("cells", 3, leaky);
    const enough = new AbortController();
    const times: number[] = [];
    sim.every("10 ms", (time) => {
      times.push(time);
      if (time === 20) enough.abort();
    });
    const { stopped } = await sim.run("1 s", { signal: enough.signal });
    expect([stopped, sim.time, times]).toEqual([true, 20, [0, 10, 20]]);
    // The run continues there, without a second call for the same time.
    await sim.run("15 ms");
    expect([sim.time, times]).toEqual([35, [0, 10, 20, 30]]);
  });

  it("equations and code run once per period", async () => {
    const sim = simulation({ ...way, seed: 3 });
    const cells = sim.population("cells", 3, leaky, { parameters: { threshold: "1000 * threshold" } });
    sim.runRegularly(
      cells,
      { v: "v + (1 + i) * threshold / 1e4", threshold: "threshold + 0.1 * v" },
      { every: "5 ms" },
    );
    const times: number[] = [];
    const end = sim.every("10 ms", (time) => times.push(time));
    await sim.run("12 ms");
    await sim.run("13 ms");
    end();
    await sim.run("20 ms");
    expect(times).toEqual([0, 10, 20]);
    const v = sim.state(cells, "v");
    for (let i = 0; i < 3; i++) {
      let [expected, threshold] = [0, 1e4];
      for (let k = 0; k < 450; k++) {
        if (k % 50 === 0) {
          expected += ((1 + i) * threshold) / 1e4;
          threshold += 0.1 * expected;
        }
        expected *= Math.exp(-0.01);
      }
      expect(v[i]).toBeCloseTo(expected, 4);
    }
  });

  it("random changes draw independently, although an earlier one has ended", async () => {
    const sim = simulation({ ...way, seed: 3 });
    const cells = sim.population("cells", 2, leaky);
    const end = sim.runRegularly(cells, { v: "0 mV" }, { every: "1 ms" });
    sim.runRegularly(cells, { v: "threshold * rand()" }, { every: "1 ms" });
    end();
    sim.runRegularly(cells, { v: "v - threshold * rand()" }, { every: "1 ms" });
    await sim.run("0.1 ms");
    expect(sim.state(cells, "v").every((v) => Math.abs(v) > 1e-3)).toBe(true);
  });

  it("random changes repeat with a reset and differ between trials", async () => {
    const sim = simulation({ ...way, seed: 3 });
    const cells = sim.population("cells", 4, leaky);
    sim.runRegularly(cells, { v: "v + threshold * (rand() - 1)" }, { every: "1 ms" });
    const run = async (trial: number) => {
      sim.reset({ trial });
      await sim.run("7 ms");
      return sim.state(cells, "v").slice();
    };
    const first = await run(0);
    expect(await run(1)).not.toEqual(first);
    expect(await run(0)).toEqual(first);
    sim.reset();
    await sim.run("3 ms");
    const saved = sim.save();
    await sim.run("4 ms");
    expect(sim.state(cells, "v")).toEqual(first);
    sim.restore(saved);
    await sim.run("4 ms");
    expect(sim.state(cells, "v")).toEqual(first);
  });
});

describe("plastic synapses", () => {
  it("take other values, rest while they are off, and are watched from the middle of a run", async () => {
    const sim = simulation({ seed: 2 });
    const source = sim.source("source", 4, { poisson: "200 Hz" });
    const cells = sim.population("cells", 2, cobaLif({ tauE: "1e9 ms" }));
    const synapse = stdp({ unit: "nS", maxWeight: "1 nS" });
    const options = { target: "ge", weight: "0.5 nS", delay: "2 ms", synapse };
    const learning = sim.connect(source, cells, { pattern: "all-to-all", ...options });
    await sim.run("50 ms");
    sim.set(learning, "weight", { values: Float64Array.from({ length: 8 }, (_, k) => k / 10), unit: "nS" });
    const expected = Array.from({ length: 8 }, (_, k) => k / 10);
    expect([...sim.synapseState(learning, "weight")]).toEqual(expected);
    sim.setActive(learning, false);
    const before = sim.state(cells, "ge").slice();
    const weights = sim.monitor.synapses(learning, "weight");
    await sim.run("20 ms");
    expect([...sim.synapseState(learning, "weight")]).toEqual(expected);
    expect(sim.state(cells, "ge")[0]! - before[0]!).toBeCloseTo(0, 5);
    expect(weights.times[0]).toBe(50);
    sim.setActive(learning, true);
    await sim.run("20 ms");
    expect(sim.state(cells, "ge")[0]).toBeGreaterThan(before[0]! + 0.01);
  });
});

describe("changes refuse", () => {
  const sim = simulation();
  const cells = sim.population("cells", 3, leaky);
  const source = sim.source("source", 3, { poisson: "1 Hz" });
  const projection = sim.connect(source, cells, { pattern: "one-to-one", target: "v", weight: "1 mV" });
  it.each<[string, () => unknown, RegExp]>([
    ["an unknown variable", () => sim.set(cells, "w", 1), /unknown variable of population "cells" "w"/],
    ["a wrong unit", () => sim.set(cells, "v", "1 ms"), /set: "v" of population "cells" is 1 ms .*give a voltage/],
    ["a value outside its range", () => sim.set(cells, "tau", "0 ms"), /"tau" is 0 ms; give a time above 0 ms/],
    ["a source's variable", () => sim.set(source, "rate", "1 Hz"), /is a source of spikes, without "rate"; use change/],
    [
      "another variable of a projection",
      () => sim.set(projection, "x", 1),
      /unknown variable of a projection with fixed weights "x"/,
    ],
    ["a list of another length", () => sim.set(projection, "weight", ["1 mV"]), /has 1 values; give 3/],
    ["a population as a source", () => sim.change(cells, { poisson: "1 Hz" }), /"cells" is not a source/],
    ["a slice of a source", () => sim.change(source.slice(1), { poisson: "1 Hz" }), /give the whole source/],
    [
      "another simulation's input",
      () => sim.change({ population: cells }, { current: "1 mV" }),
      /not an input of this/,
    ],
    ["no period", () => sim.every("0 ms", () => {}), /the period is 0/],
    ["equations of nothing", () => sim.runRegularly(cells, { w: "1" }, { every: "1 ms" }), /unknown variable.*"w"/],
  ])("%s", (_, change, message) => {
    expect(change).toThrow(message);
  });
});
