import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { expectClose } from "./close.js";
import { WAYS } from "./ways.js";

const leader = defineNeuron({
  name: "leader",
  states: { a: {} },
  parameters: { k: { value: 1 } },
  derived: { level: "k * a^2 + sin(t / (2 ms))", drawn: "a + rand()" },
  dynamics: { a: "(1.5 * k - a) / (7 ms)" },
  integrator: forwardEuler,
  output: "a",
});
const follower = defineNeuron({
  name: "follower",
  states: { v: {} },
  parameters: { lev: { value: 0 } },
  dynamics: { v: "(lev - v) / (5 ms)" },
  integrator: forwardEuler,
  output: "v",
});
const releasing = defineSynapse({
  name: "releasing",
  states: { c: {} },
  parameters: { gain: { value: 0 } },
  derived: { m: { equation: "weight * c + gain / 2" }, ofNeuron: { equation: "c + a_post" } },
  dynamics: { c: "-c / (8 ms)" },
  integrator: forwardEuler,
  onPre: { c: "c + 0.5" },
});
const coupled = defineSynapse({
  name: "coupled",
  states: { z: {} },
  dynamics: { z: "(level_pre - z) / (3 ms)" },
  integrator: forwardEuler,
});
const summing = defineNeuron({
  name: "summing",
  states: { u: {} },
  parameters: { total: { value: 0 } },
  dynamics: { u: "(total - u) / (4 ms)" },
  integrator: forwardEuler,
  output: "u",
});

/** Brian2 2.5.1, target numpy: the same network with linked_var of a subexpression, synapses before the neurons, after 20 ms. */
const BRIAN = {
  v: [0.5002921877633391, 2.0019162397943933, 14.171272779571481],
  z: [
    2.177236917558187, 2.177236917558187, 15.453671169629605, 15.453671169629605, 0.5327469818130223,
    0.5327469818130223,
  ],
  u: [1.5723312199510013],
};

function network(way: object) {
  const sim = simulation({ dt: "0.5 ms", ...way });
  const leaders = sim.population("leaders", 3, leader, {
    parameters: { k: [1, 2, 0.5] },
    initial: { a: [0.1, 0.2, 0.3] },
  });
  const followers = sim.population("followers", 3, follower, {
    linked: { lev: { population: leaders, variable: "level", neurons: [2, 0, 1] } },
  });
  const spikes = [1, 2.5, 6].map((time, k) => [`${time} ms`, k % 2] as const);
  const source = sim.source("source", 2, { spikes });
  const synapses = sim.connect(source, leaders, {
    ...{ pattern: "all-to-all", weight: "1 + 0.1 * i + 0.01 * j", parameters: { gain: "0.2 * j" }, delay: "0 ms" },
    synapse: releasing,
  });
  const between = sim.connect(leaders, leaders, { pattern: "all-to-all", autapses: false, synapse: coupled });
  const one = sim.population("one", 1, summing);
  sim.connect(synapses, one, {
    pattern: "all-to-all",
    synapse: defineSynapse({ name: "sum", summed: { total_post: "m_pre" } }),
  });
  return { sim, leaders, followers, synapses, between, one };
}

describe.each(WAYS)("subexpressions of other neurons and synapses, %s", (_, way) => {
  const relative = "precision" in way && way.precision === "single" ? 1e-6 : 1e-14;

  it("linked and read by synapses are those of Brian2", async () => {
    const { sim, followers, between, one } = network(way);
    await sim.run("20 ms");
    expectClose(sim.state(followers, "v"), Float64Array.from(BRIAN.v), relative);
    expectClose(sim.synapseState(between, "z"), Float64Array.from(BRIAN.z), relative);
    expectClose(sim.state(one, "u"), Float64Array.from(BRIAN.u), relative);
  });

  it("follow changes of parameters, and continue from a saved state", async () => {
    const { sim, leaders, followers, synapses, between, one } = network(way);
    await sim.run("2 ms");
    const saved = sim.save();
    sim.set(leaders, "k", 3);
    sim.set(synapses, "gain", 10);
    const read = (): number[] => [
      ...[...sim.state(followers, "v"), ...sim.synapseState(between, "z"), ...sim.state(one, "u")],
    ];
    const a = sim.state(leaders, "a");
    const before = read();
    const m = [...sim.synapseState(synapses, "m")].reduce((sum, value) => sum + value, 0);
    await sim.run("0.5 ms");
    const level = (k: number): number => 3 * a[k]! ** 2 + Math.sin(2 / 2);
    const expected = [
      ...[2, 0, 1].map((k, n) => before[n]! + (0.5 / 5) * (level(k) - before[n]!)),
      ...[0, 0, 1, 1, 2, 2].map((k, s) => before[3 + s]! + (0.5 / 3) * (level(k) - before[3 + s]!)),
      before[9]! + (0.5 / 4) * (m - before[9]!),
    ];
    expectClose(Float64Array.from(read()), Float64Array.from(expected), Math.max(relative, 1e-13));
    const once = read();
    sim.restore(saved);
    await sim.run("0.5 ms");
    expect(read()).toEqual(once);
  });

  it("are known to initial values and to expressions between runs", async () => {
    const sim = simulation({ dt: "0.5 ms", ...way });
    const leaders = sim.population("leaders", 2, leader, { initial: { a: [2, 3] } });
    const { v: _, ...linked } = { v: 0, lev: { population: leaders, variable: "level", neurons: "1 - i" } };
    const followers = sim.population("followers", 2, follower, { linked, initial: { v: "10 * lev" } });
    expect([...sim.state(followers, "v")]).toEqual([90, 40]);
    sim.set(leaders, "a", 4);
    sim.set(followers.slice(1), "v", "lev + 1");
    expect([...sim.state(followers, "v")]).toEqual([90, 17]);
  });
});

describe("subexpressions that cannot be read from outside", () => {
  it("are refused by name", () => {
    const sim = simulation();
    const leaders = sim.population("leaders", 2, leader);
    const link = (variable: string) => () =>
      sim.population("f", 2, follower, { linked: { lev: { population: leaders, variable } } });
    expect(link("drawn")).toThrow(/"drawn" of neurons\/leader cannot be read from outside.*make it a state/);
    const read = (name: string) => defineSynapse({ name: "read", derived: { x: { equation: name } } });
    const connect = (name: string) => () =>
      sim.connect(leaders, leaders, { pattern: "all-to-all", synapse: read(name) });
    expect(connect("drawn_post")).toThrow(/cannot be read from outside/);
    expect(connect("levels_post")).toThrow(/levels/);
    expect(connect("level_post + 1 mV")).toThrow(/1 mV/);
    const synapses = sim.connect(leaders, leaders, { pattern: "all-to-all", weight: 1, synapse: releasing });
    expect(() => sim.connect(synapses, leaders, { pattern: "all-to-all", synapse: read("ofNeuron_pre") })).toThrow(
      /"ofNeuron" of plasticity\/releasing cannot be read from outside/,
    );
    const write = defineSynapse({ name: "write", onPre: { level_post: "1" } });
    expect(() => sim.connect(leaders, leaders, { pattern: "all-to-all", synapse: write })).toThrow(/level/);
    const sum = defineSynapse({ name: "sum", summed: { k_post: "1" } });
    sim.population("f", 2, follower, { linked: { lev: { population: leaders, variable: "level" } } });
    expect(() => sim.connect(leaders, leaders, { pattern: "all-to-all", synapse: sum })).toThrow(/cannot be a sum/);
  });
});
