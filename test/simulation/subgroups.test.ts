import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

describe("a slice of a population", () => {
  it("is connected by its own indices", () => {
    const sim = simulation();
    const cells = sim.population("cells", 10, cobaLif());
    const [first, last] = [cells.slice(0, 4), cells.slice(7)];
    const options = { target: "ge", weight: "1 nS" };
    const one = sim.connect(first, last, { pattern: { condition: "i == j" }, ...options });
    expect([...one.synapses()].map(({ pre, post }) => [pre, post])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(one.pre.name).toBe("cells[0:4]");
    expect(sim.connect(first, cells.slice(2, 6), { pattern: "all-to-all", autapses: false, ...options }).size).toBe(14);
    expect(sim.connect(cells.slice(1).slice(2, 5), last, { pattern: "one-to-one", ...options }).pre.name).toBe(
      "cells[3:6]",
    );
  });

  it("sees the values of its neurons in expressions", () => {
    const sim = simulation();
    const cells = sim.population("cells", 10, cobaLif(), { positions: { x: "10 * i" } });
    const projection = sim.connect(cells.slice(4, 8), cells.slice(2, 9), {
      pattern: { condition: "x_post == x_pre + 10 and N_pre == 4 and N_post == 7" },
      target: "ge",
      weight: "1 nS",
    });
    expect([...projection.synapses()].map(({ pre, post }) => [pre + 4, post + 2])).toEqual([
      [4, 5],
      [5, 6],
      [6, 7],
      [7, 8],
    ]);
  });

  it.each(WAYS)("sends, receives and is watched as the same neurons alone would be, in %s", async (_, way) => {
    const sim = simulation({ ...way, seed: 2 });
    const cells = sim.population("cells", 9, cobaLif());
    const group = cells.slice(3, 6);
    sim.input(group, { current: "600 pA" });
    sim.connect(group, cells.slice(6, 9), { pattern: "one-to-one", target: "ge", weight: "80 nS" });
    const spikes = sim.monitor.spikes(cells);
    const own = sim.monitor.spikes(group);
    const rate = sim.monitor.rate(group);
    const v = sim.monitor.state(group, "v", { indices: [1] });
    await sim.run("100 ms");
    const trains = spikes.trains();
    expect(trains.slice(0, 3).every((train) => train.length === 0)).toBe(true);
    expect(trains[3]!.length).toBeGreaterThan(1);
    expect(trains[6]!.length).toBeGreaterThan(0);
    expect(own.trains()).toEqual(trains.slice(3, 6));
    expect(rate.mean).toBeCloseTo(own.count / 3 / 0.1, 9);
    expect(Math.max(...v.trace(1))).toBeGreaterThan(-51);
    expect([...sim.state(group, "v")]).toEqual([...sim.state(cells, "v").subarray(3, 6)]);
  });

  it.each(WAYS)("takes currents per neuron, Poisson events and listed events, in %s", async (_, way) => {
    const sim = simulation({ ...way, seed: 2 });
    const cells = sim.population("cells", 6, cobaLif());
    sim.input(cells.slice(1, 3), { current: ["600 pA", "700 pA"] });
    sim.input(cells.slice(2, 4), { array: [300, 300], dt: "50 ms" });
    sim.input(cells.slice(4, 5), { spikes: [["1 ms", 0]], weight: "5 nS", target: "gi" });
    sim.input(cells.slice(5), { poisson: { rate: "2 kHz", weight: "3 nS", target: "ge" } });
    const v = sim.monitor.state(cells, "v");
    await sim.run("40 ms");
    const ge = sim.state(cells, "ge");
    const gi = sim.state(cells, "gi");
    expect([...ge.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    expect(ge[5]).toBeGreaterThan(0);
    expect([...gi].map((value) => value > 0)).toEqual([false, false, false, false, true, false]);
    expect(sim.state(cells, "v")[0]).toBe(-60);
    expect([1, 2, 3].every((i) => Math.max(...v.trace(i)) > -55)).toBe(true);
  });

  it("refuses a range outside of the population", () => {
    const sim = simulation();
    const cells = sim.population("cells", 9, cobaLif());
    expect(() => cells.slice(3, 10)).toThrow(/slice\(3, 10\) is empty or goes beyond its 9 neurons/);
    expect(() => cells.slice(3, 3)).toThrow(/give 0 <= from < to <= 9/);
    expect(() => cells.slice(-1, 3)).toThrow(/from is -1/);
  });
});
