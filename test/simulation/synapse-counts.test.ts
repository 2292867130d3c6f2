import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { expectClose } from "./close.js";
import { WAYS } from "./ways.js";

const cell = defineNeuron({
  name: "cell",
  states: { v: {} },
  parameters: { gap: { value: 0 }, drive: { value: 0 } },
  dynamics: { v: "(gap + drive - v) / (10 ms)" },
  integrator: forwardEuler,
  spike: "v - 0.8",
  reset: { v: "y > 0 ? 0 : v" },
});
const coupled = defineSynapse({
  name: "coupled",
  states: { x: {} },
  dynamics: { x: "-x * N_outgoing / (20 ms)" },
  onPre: { x: "x + 1 / N_incoming" },
  summed: { gap_post: "weight * (v_pre - v_post) / N_incoming + 0.01 * N_pre" },
});
const PAIRS = { pre: [0, 0, 1, 2, 2, 2, 3], post: [1, 2, 2, 0, 1, 3, 2] };

/** Brian2 2.5.1, target numpy: the same network with Euler's method and `method="exact"` for x, after 20 ms. */
const BRIAN = {
  v: [0.670168785294258, 0.7584233757932413, 0.2675742624795102, 0.4307987163026617],
  weight: [0.7, 0.5333333333333333, 0.43333333333333335, 1.3, 0.8, 1.3, 0.43333333333333335],
  x: [0.21370746597436338, 0.14247164398290887, 0, 1.1833464115426482, 0.5916732057713241, 1.1833464115426482, 0],
};

describe.each(WAYS)("numbers of synapses and neurons, %s", (_, way) => {
  it("in equations of synapses and of weights, as in Brian2", async () => {
    const sim = simulation({ dt: "0.5 ms", ...way });
    const cells = sim.population("cells", 4, cell, {
      parameters: { drive: [1.2, 0.9, 1.5, 0.4] },
      initial: { v: [0.1, 0.5, 0.3, 0.7] },
    });
    const weight = "1 / N_incoming + 0.1 * N_outgoing";
    const synapses = sim.connect(cells, cells, { pattern: PAIRS, weight, synapse: coupled });
    await sim.run("20 ms");
    const relative = "precision" in way && way.precision === "single" ? 1e-6 : 1e-14;
    expectClose(sim.state(cells, "v"), Float64Array.from(BRIAN.v), relative);
    expectClose(sim.synapseState(synapses, "weight"), Float64Array.from(BRIAN.weight), 1e-15);
    expectClose(sim.synapseState(synapses, "x"), Float64Array.from(BRIAN.x), 1e-14);
  });

  it("of a part of a population and of a source, from event to event, and in later values", async () => {
    const sim = simulation({ dt: "0.5 ms", ...way });
    const source = sim.source("source", 3, { spikes: [0, 1, 2].map((i) => [`${i + 1} ms`, i] as const) });
    const cells = sim.population("cells", 3, cell);
    const traced = defineSynapse({
      name: "traced",
      states: { x: {} },
      parameters: { jump: { value: 1 } },
      dynamics: { x: "-x * N_outgoing / (20 ms)" },
      onPre: { x: "x + jump * (1 / N_incoming + N_pre + N_post)" },
    });
    const synapses = sim.connect(source, cells.slice(1), {
      pattern: { pre: [0, 0, 1], post: [1, 0, 1] },
      ...{ weight: "N_outgoing", synapse: traced, initial: { x: "N_incoming" } },
      // A parameter per synapse is derived again when it changes.
      parameters: { jump: "N_outgoing / N_outgoing" },
    });
    sim.set(synapses, "jump", 1);
    await sim.run("10 ms");
    const decay = (rate: number, time: number): number => Math.exp((-rate * time) / 20);
    // In the order of rows: (0, 0), (0, 1), (1, 1); spikes arrive a step late.
    const expected = [
      1 * decay(2, 10) + 6 * decay(2, 8.5),
      2 * decay(2, 10) + 5.5 * decay(2, 8.5),
      2 * decay(1, 10) + 5.5 * decay(1, 7.5),
    ];
    expectClose(sim.synapseState(synapses, "x"), Float64Array.from(expected));
    expect([...sim.synapseState(synapses, "weight")]).toEqual([2, 2, 1]);
    sim.set(synapses, "weight", "10 * N_incoming + weight");
    expect([...sim.synapseState(synapses, "weight")]).toEqual([12, 22, 21]);
    const fixed = sim.connect(cells, cells, { pattern: PAIRS_OF_THREE, target: "v", weight: "N_incoming / N_pre" });
    expect([...fixed.synapses()].map(({ weight }) => weight)).toEqual([1, 1, 2 / 3, 1, 2 / 3].map(Math.fround));
  });
});

const PAIRS_OF_THREE = { pre: [0, 1, 1, 2, 2], post: [0, 0, 1, 0, 1] };

describe("numbers of synapses", () => {
  it("are 1 for synapses alone", () => {
    const counted = defineSynapse({ name: "counted", onPre: { weight: "weight + N_incoming + 2 * N_outgoing" } });
    const { values } = simulateSynapses(counted, { dt: 1, duration: 2, pre: [[1]] });
    expect([...values.weight!]).toEqual([0, 3, 3]);
  });

  it("are not known before the synapses are drawn", () => {
    const sim = simulation();
    const cells = sim.population("cells", 3, cell);
    const connect = (pattern: { condition: string; probability?: string }) => () =>
      sim.connect(cells, cells, { pattern, target: "v", weight: 1 });
    expect(connect({ condition: "N_incoming < 2" })).toThrow(/N_incoming, the number of synapses, which is known when/);
    expect(connect({ condition: "i < j", probability: "1 / N_outgoing" })).toThrow(/probability .* uses N_outgoing/);
  });

  it("are of no use on the left, and a neuron's own N goes before", async () => {
    const add = defineSynapse({ name: "add", summed: { N_post: "1" } });
    const sim = simulation({ dt: "1 ms" });
    const cells = sim.population("cells", 2, cell);
    expect(() => sim.connect(cells, cells, { pattern: "all-to-all", synapse: add })).toThrow(/"N"/);
    const own = defineNeuron({ name: "own", states: { N: { initial: 7 } }, update: { N: "N" }, output: "N" });
    const others = sim.population("others", 2, own);
    const read = defineSynapse({ name: "read", derived: { n: { equation: "N_pre" } } });
    const synapses = sim.connect(others, cells, { pattern: "all-to-all", synapse: read });
    expect([...sim.synapseState(synapses, "n")]).toEqual([7, 7, 7, 7]);
  });
});
