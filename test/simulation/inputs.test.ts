import { describe, expect, it } from "vitest";
import { cobaLif, cubaLif, defineNeuron, tanhDerivative } from "#spikevine/neurons/index";
import { isiCv, normal, simulation, uniform } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Follows its input: v is the sum of all inputs, times dt. */
const adder = defineNeuron({
  name: "adder",
  summary: "Adds up what comes in.",
  source: "none",
  states: { v: { summary: "sum" } },
  parameters: { ms: { value: "1 ms", summary: "unit of time" } },
  dynamics: { v: "I / ms" },
  spike: "v - 1e9",
  surrogate: tanhDerivative(),
});

describe.each(WAYS)("inputs, %s", (_, way) => {
  it("add up: held, per neuron, and over time", async () => {
    const sim = simulation({ dt: "1 ms", ...way });
    const cells = sim.population("cells", 3, adder);
    sim.input(cells, { current: 1 });
    sim.input(cells, { current: [10, 20, 30] });
    sim.input(cells, { array: [100, 200], dt: "2 ms" });
    sim.input(cells, { array: [1000, 2000, 3000, 4000, 5000, 6000], dt: "1 ms", perNeuron: true });
    const v = sim.monitor.state(cells, "v");
    await sim.run("6 ms");
    expect([...v.trace(0)]).toEqual([0, 1111, 5222, 5433, 5644, 5655]);
    expect([...v.trace(2)]).toEqual([0, 3131, 9262, 9493, 9724, 9755]);
  });

  it("bring Poisson events at the given rate, with the variance of a Poisson distribution", async () => {
    const sim = simulation({ dt: "0.1 ms", seed: 3, ...way });
    const cells = sim.population("cells", 1000, adder);
    sim.input(cells, { poisson: { rate: "7 kHz", weight: 2, target: "v" } });
    await sim.run("100 ms");
    const counts = sim.state(cells, "v").map((v) => v / 2);
    const mean = counts.reduce((sum, n) => sum + n, 0) / 1000;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 1000;
    // 700 events each; standard errors 0.84 of the mean and about 31 of the variance.
    expect(Math.abs(mean - 700)).toBeLessThan(3.5);
    expect(Math.abs(variance - 700)).toBeLessThan(130);
    expect(counts.every((n) => Number.isInteger(n))).toBe(true);
  });

  it("are other random numbers in another trial, with the same network", async () => {
    const sim = simulation({ seed: 3, ...way });
    const cells = sim.population("cells", 50, cubaLif(), { initial: { v: uniform("-60 mV", "-50 mV") } });
    sim.input(cells, { poisson: { rate: "2 kHz", weight: "30 pA", target: "ie" } });
    const spikes = sim.monitor.spikes(cells);
    const trial = async (number?: number): Promise<number[]> => {
      sim.reset(number === undefined ? {} : { trial: number });
      await sim.run("60 ms");
      return [...spikes.times];
    };
    const first = await trial();
    expect(first.length).toBeGreaterThan(10);
    expect(await trial(1)).not.toEqual(first);
    expect(await trial(0)).toEqual(first);
  });

  it("come from sources that fire as Poisson processes", async () => {
    const sim = simulation({ ...way, seed: 8 });
    const source = sim.source("source", 400, { poisson: "100 Hz" });
    const spikes = sim.monitor.spikes(source);
    await sim.run("1 s");
    expect(Math.abs(spikes.count / 400 - 100)).toBeLessThan(2.5);
    const cvs = spikes.trains().map(isiCv);
    expect(cvs.reduce((sum, cv) => sum + cv, 0) / 400).toBeCloseTo(1, 1);
  });
});

describe("initial values", () => {
  it("are one for all, drawn, listed, or those of the definition", () => {
    const sim = simulation({ executor: "javascript" });
    const initial = { v: normal("-65 mV", "5 mV"), ge: ["1 nS", "2 nS", "3 nS"], gi: "7 nS" };
    const cells = sim.population("cells", 3, cobaLif(), { initial });
    const other = sim.population("other", 1000, cobaLif(), { initial: { v: normal("-65 mV", "5 mV") } });
    expect([...sim.state(cells, "ge")]).toEqual([1, 2, 3]);
    expect([...sim.state(cells, "gi")]).toEqual([7, 7, 7]);
    expect(new Set(sim.state(cells, "v")).size).toBe(3);
    const v = sim.state(other, "v");
    const mean = v.reduce((sum, x) => sum + x, 0) / 1000;
    expect(Math.abs(mean + 65)).toBeLessThan(0.6);
    expect(Math.sqrt(v.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 1000)).toBeCloseTo(5, 0);
    expect([...sim.state(other, "ge")]).toEqual(new Array(1000).fill(0));
  });
});
