import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const neuron = defineNeuron({
  name: "ramp",
  states: { v: { unit: "mV" } },
  dynamics: { v: "(1 + i) * 1 mV / ms" },
  integrator: forwardEuler,
  spike: "v - 1000 mV",
});
const synapse = defineSynapse({
  name: "any",
  summary: "A synapse of this test.",
  source: "this test",
  weight: { unit: "mV" },
  states: { x: { initial: 2, summary: "a number" } },
  derived: { twice: { equation: "2 * weight", unit: "mV", summary: "twice the weight" } },
  dynamics: { x: "0 * x / (1 ms)" },
  onPre: { x: "x + 1" },
});

describe.each(WAYS)("synapses set by expressions, %s", (_, way) => {
  it("plastic: from the synapse, both neurons as they are now, indices and the time", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 4, neuron);
    const pairs: [number, number][] = [
      [0, 1],
      [0, 2],
      [1, 0],
    ];
    const learning = sim.connect(cells.slice(1), cells.slice(0, 3), {
      pattern: { pairs },
      weight: [1, 2, 3].map((w) => `${w} mV`),
      synapse,
    });
    await sim.run("3 ms");
    // v = 3 ms (1 + i) mV; neuron 0 of the slice before is neuron 1.
    sim.set(learning, "weight", "min(weight + v_post + x * 1 mV, 10 mV) + v_pre / 10 + twice");
    expect([...sim.synapseState(learning, "weight")]).toEqual([1 + 6 + 2 + 0.6 + 2, 10 + 0.6 + 4, 3 + 3 + 2 + 0.9 + 6]);
    sim.set(learning, "x", "100 * i + j + t / (1 ms) + floor(rand())");
    expect([...sim.synapseState(learning, "x")]).toEqual([4, 5, 103]);
    const saved = sim.save();
    sim.set(learning, "x", "x + randn()");
    const drawn = sim.synapseState(learning, "x");
    expect(new Set([...drawn].map((x, k) => x - [4, 5, 103][k]!)).size).toBe(3);
    sim.restore(saved);
    sim.set(learning, "x", "x + randn()");
    expect(sim.synapseState(learning, "x")).toEqual(drawn);
    sim.set(learning, "weight", "5 mV");
    expect([...sim.synapseState(learning, "weight")]).toEqual([5, 5, 5]);
  });

  it("fixed: from the present weight", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const source = sim.source("source", 1, { spikes: [["1 ms", 0]] });
    const cells = sim.population("cells", 2, neuron);
    const fixed = sim.connect(source, cells, { pattern: "all-to-all", target: "v", weight: "4 mV" });
    sim.set(fixed, "weight", "weight * (1 + j) / 4");
    sim.set(fixed, "weight", "2 * weight");
    await sim.run("3 ms");
    expect([...sim.state(cells, "v")]).toEqual([3 + 2, 6 + 4]);
  });
});

describe("synapses set by expressions", () => {
  it("are refused with a reason", () => {
    const sim = simulation();
    const source = sim.source("source", 2, { poisson: "1 Hz" });
    const cells = sim.population("cells", 2, neuron);
    const learning = sim.connect(source, cells, { pattern: "all-to-all", weight: "1 mV", synapse });
    expect(() => sim.set(learning, "weight", "weight + v_pre")).toThrow(/"v_pre"/);
    expect(() => sim.set(learning, "weight", "weight + x")).toThrow(/"x" has no unit; every term must be in mV/);
    expect(() => sim.set(learning, "x", "1 / (i - 1)")).toThrow(/is Infinity for i = 1/);
  });
});
