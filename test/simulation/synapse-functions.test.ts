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

/** Brian2 2.5.1, target numpy: x, w and g after 5 ms, and 3 ms after the timed arrays have been replaced. */
const BRIAN = [
  {
    x: [
      4.8548731608230025, 4.8548731608230025, 5.626884524663838, 5.626884524663838, -6.685969937969948,
      -6.685969937969948,
    ],
    weight: [2, 2, 4, 4, -5, -5],
    g: [6.5, 6.5],
  },
  {
    x: [
      72.59682341259129, 72.59682341259129, 56.606225795136154, 56.606225795136154, 45.0748396716225, 45.0748396716225,
    ],
    weight: [28, 28, 4, 4, -5, -5],
    g: [26.5, 26.5],
  },
];

describe.each(WAYS)("timed arrays of synapses, %s", (_, way) => {
  const of = (values: number[] | number[][], dt: string) => timedArray(values, { dt });
  const first = {
    one: of([1, 5, -2, 7.5], "1.25 ms"),
    two: of(
      [
        [1, 2, 3],
        [0.5, -1, 4],
        [2, 2, -3],
      ],
      "2 ms",
    ),
  };
  const driven = defineSynapse({
    name: "driven",
    functions: first,
    states: { x: {} },
    parameters: { tau: { value: "3 ms" } },
    dynamics: { x: "(one(t) * two(t, i) - x) / tau" },
    integrator: forwardEuler,
    onPre: { weight: "weight + two(t, i) + one(t - 1 ms)", g_post: "g_post + one(t)" },
  });
  const receiver = defineNeuron({ name: "receiver", states: { g: {} }, update: { g: "g" }, output: "g" });
  const build = () => {
    const sim = simulation({ ...way, dt: "0.5 ms" });
    const times = [1, 2.5, 4, 6].map((time, k) => [`${time} ms`, [0, 1, 2, 0][k]!] as const);
    const source = sim.source("source", 3, { spikes: times });
    const cells = sim.population("cells", 2, receiver);
    const options = { pattern: "all-to-all", weight: 0, delay: "0 ms", synapse: driven } as const;
    return { sim, cells, synapses: sim.connect(source, cells, { ...options, parameters: { tau: "3 ms + 0 ms * i" } }) };
  };

  it("of one and two dimensions, replaced between runs, are those of Brian2", async () => {
    const { sim, cells, synapses } = build();
    const compare = ({ x, weight, g }: (typeof BRIAN)[number]): void => {
      x.forEach((value, s) => {
        expect(Math.abs(sim.synapseState(synapses, "x")[s]! / value - 1)).toBeLessThan(1e-14);
      });
      expect([...sim.synapseState(synapses, "weight")]).toEqual(weight);
      expect([...sim.state(cells, "g")]).toEqual(g);
    };
    await sim.run("5 ms");
    compare(BRIAN[0]!);
    const before = sim.save();
    sim.set(synapses, "one", of([10, 20], "4 ms"));
    sim.set(
      synapses,
      "two",
      of(
        [
          [3, 1, 2],
          [6, 5, 4],
        ],
        "6 ms",
      ),
    );
    await sim.run("3 ms");
    compare(BRIAN[1]!);
    // A saved state has no timed arrays, like parameters.
    sim.restore(before);
    await sim.run("3 ms");
    compare(BRIAN[1]!);
  });

  it("refuse a name that is none of theirs, and a row without the neuron", async () => {
    const { sim, synapses } = build();
    expect(() => sim.set(synapses, "three", of([1], "1 ms"))).toThrow(/timed array or table of plasticity\/driven/);
    sim.set(synapses, "two", of([[1, 2]], "1 ms"));
    await expect(sim.run("5 ms")).rejects.toThrow(/NaN/);
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
