import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { functionTable, simulation, timedArray } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { WAYS } from "./ways.js";

const about = { summary: "A synapse of this test.", source: "this test" };
const VALUES = [1, 5, -2, 7.5];
const synapse = defineSynapse({
  name: "timed",
  ...about,
  functions: {
    stimulus: timedArray(VALUES, { dt: "1 ms" }),
    squares: functionTable([0, 1, 2, 3], [0, 1, 4, 9], { between: "steps" }),
    "both(x)": "squares(x) + stimulus(t)",
  },
  states: { x: { summary: "a sum over time" }, at: { unit: "ms", summary: "time of a spike" } },
  derived: { place: { equation: "10 * i + squares(j)", summary: "a number of the indices" } },
  dynamics: { x: "stimulus(t) / (1 ms)" },
  integrator: forwardEuler,
  onPre: { weight: "weight + both(j) + place", at: "t" },
});

const held = defineNeuron({ name: "held", states: { v: {} }, update: { v: "v" }, output: "v" });

describe.each(WAYS)("functions, the time and indices in synapses, %s", (_, way) => {
  it("of some neurons, in steps, events and subexpressions", async () => {
    const sim = simulation({ ...way, dt: "0.5 ms" });
    const source = sim.source("source", 3, {
      spikes: [
        ["0.5 ms", 1],
        ["1.5 ms", 2],
      ],
    });
    const cells = sim.population("cells", 5, held);
    const pairs: [number, number][] = [
      [0, 2],
      [1, 3],
    ];
    const projection = sim.connect(source.slice(1), cells.slice(1), { pattern: { pairs }, weight: 0, synapse });
    const place = sim.monitor.synapses(projection, "place");
    await sim.run("3 ms");
    const read = () => ["x", "weight", "at"].map((name) => [...sim.synapseState(projection, name)]);
    // Spikes arrive 0.5 ms later: at 1 ms, when the stimulus is 5, and at 2 ms, when it is -2.
    expect(read()).toEqual([
      [4, 4],
      [4 + 5 + 4, 9 - 2 + 10 + 9],
      [1, 2],
    ]);
    expect([...place.values.slice(-2)]).toEqual([4, 19]);
  });

  it("with the present time between runs, after a change and a saved state too", async () => {
    const age = { equation: "t - at", unit: "ms", summary: "time since the last spike" };
    const aging = defineSynapse({
      name: "aging",
      ...about,
      states: { at: { unit: "ms", summary: "time of a spike" } },
      derived: { age },
      onPre: { at: "t" },
    });
    const build = () => {
      const sim = simulation({ ...way, dt: "0.5 ms" });
      const source = sim.source("source", 1, { spikes: [["0.5 ms", 0]] });
      const cells = sim.population("cells", 1, held);
      return { sim, projection: sim.connect(source, cells, { pattern: "all-to-all", weight: 0, synapse: aging }) };
    };
    const [one, other] = [build(), build()];
    await one.sim.run("3 ms");
    expect([...one.sim.synapseState(one.projection, "age")]).toEqual([2]);
    other.sim.restore(one.sim.save());
    expect([...other.sim.synapseState(other.projection, "age")]).toEqual([2]);
    one.sim.setActive(one.projection, false);
    expect([...one.sim.synapseState(one.projection, "age")]).toEqual([2]);
    await one.sim.run("1 ms");
    expect([...one.sim.synapseState(one.projection, "age")]).toEqual([3]);
  });
});

describe("functions in synapses alone", () => {
  it("with the index of the synapse for those of the neurons", () => {
    const { values } = simulateSynapses(synapse, {
      dt: 1,
      duration: 4,
      synapses: 2,
      pre: [[2], []],
    });
    expect([...values.x!].filter((_, k) => k % 2 === 0)).toEqual([0, 1, 6, 4, 11.5]);
    expect([...values.weight!.slice(-2)]).toEqual([-2, 0]);
    expect([...values.at!.slice(-2)]).toEqual([2, 0]);
    expect([...values.place!.slice(-2)]).toEqual([0, 11]);
  });

  it("names of the definition go before, and wrong units are refused", () => {
    const own = defineSynapse({
      name: "own",
      ...about,
      parameters: { t: { value: 3, summary: "a number" } },
      states: { i: { summary: "a number" } },
      onPre: { i: "i + t" },
    });
    const { values } = simulateSynapses(own, { dt: 1, duration: 2, pre: [[1]] });
    expect([...values.i!]).toEqual([0, 3, 3]);
    expect(() => defineSynapse({ name: "own", ...about, onPre: { weight: "t" } })).toThrow(/"t" is in ms/);
  });
});
