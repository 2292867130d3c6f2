import { describe, expect, it } from "vitest";
import { defineNeuron, dormandPrince, exactLinear, forwardEuler, rk4 } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation, timedArray, uniform } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { expectClose } from "./close.js";
import { WAYS } from "./ways.js";

const cell = defineNeuron({
  name: "cell",
  states: { v: {} },
  parameters: { k: { value: 1.5, shared: true }, drive: { value: 0 } },
  derived: { level: "2 * k + sin(t / (3 ms))" },
  dynamics: { v: "(level + drive - v) / (10 ms)" },
  integrator: forwardEuler,
  spike: "v - 2",
  reset: { v: "y > 0 ? 0 : v" },
});
const reading = defineSynapse({
  name: "reading",
  states: { z: {} },
  parameters: { q: { value: 2, shared: true } },
  dynamics: { z: "(q * k_pre - z) / (4 ms)" },
  integrator: forwardEuler,
  onPre: { weight: "weight + q" },
});

/** Brian2 2.5.1, target numpy: the same network with `k : 1 (shared)` and `q : 1 (shared)`, 20 ms and 10 ms after the changes. */
const BRIAN = {
  v: [1.7202751727537766, 1.965143882298151, 1.9147262509872018],
  z: -0.37508611882644893,
  weight: [4, 4, 6, 6, 5, 5],
};

describe.each(WAYS)("shared parameters, %s", (_, way) => {
  it("of neurons and synapses are those of Brian2, with changes", async () => {
    const sim = simulation({ dt: "0.5 ms", ...way });
    const cells = sim.population("cells", 3, cell, { parameters: { drive: [0.2, 0.9, 1.5] } });
    const synapses = sim.connect(cells, cells, {
      ...{ pattern: "all-to-all", autapses: false, weight: 0, synapse: reading, delay: "0 ms" },
    });
    sim.runRegularly(cells, { k: "k + 0.1" }, { every: "5 ms", when: "after arrivals" });
    await sim.run("20 ms");
    sim.set(cells, "k", 0.5);
    sim.set(synapses, "q", "q - 3");
    await sim.run("10 ms");
    const relative = "precision" in way && way.precision === "single" ? 1e-6 : 1e-14;
    expectClose(sim.state(cells, "v"), Float64Array.from(BRIAN.v), relative);
    expectClose(sim.synapseState(synapses, "z"), new Float64Array(6).fill(BRIAN.z), relative);
    expect([...sim.synapseState(synapses, "weight")]).toEqual(BRIAN.weight);
  });

  it("states have one value, with noise, timed arrays and coupled schemes", async () => {
    const rhythm = (integrator: typeof rk4 | typeof exactLinear) =>
      defineNeuron({
        name: "rhythm",
        functions: { stimulus: timedArray([0, 3, 1], { dt: "4 ms" }) },
        states: { x: { shared: true, initial: 1 }, n: { shared: true }, v: {} },
        parameters: { tau: { value: "5 ms", shared: true } },
        dynamics: { x: "(stimulus(t) - x) / tau", v: "(x - v) / (3 ms)" },
        update: { n: "n + dt / tau" },
        integrator,
        output: "v",
      });
    for (const scheme of [rk4, exactLinear]) {
      const sim = simulation({ dt: "0.5 ms", ...way });
      const cells = sim.population("cells", 5, rhythm(scheme), { initial: { v: [0, 1, 2, 3, 4] } });
      const noisy = defineNeuron({
        ...{ name: "noisy", states: { x: { shared: true } }, output: "x" },
        dynamics: { x: "-x / (5 ms) + xi_shared / (1 ms)^0.5" },
      });
      const others = sim.population("others", 9, noisy);
      const read = defineNeuron({
        ...{ name: "read", states: { v: {} }, parameters: { x: { value: 0 } }, update: { v: "x" }, output: "v" },
      });
      const linked = sim.population("linked", 3, read, { linked: { x: { population: cells, variable: "x" } } });
      await sim.run("3 ms");
      sim.set(cells, "x", "x + 2 * n");
      await sim.run("3 ms");
      const x = sim.state(cells, "x");
      expect(new Set(x).size).toBe(1);
      // 0 until 4 ms, 3 from then on, or half a step earlier in rk4; n is 0.6 at 3 ms.
      const at4 = (Math.exp(-3 / 5) + 1.2) * Math.exp(-1 / 5);
      expect(x[0]).toBeCloseTo(3 + (at4 - 3) * Math.exp(-2 / 5), 1);
      expect(new Set(sim.state(others, "x")).size).toBe(1);
      expect(sim.state(others, "x")[0]).not.toBe(0);
      expect(new Set(sim.state(linked, "v")).size).toBe(1);
    }
  });
});

describe("shared variables", () => {
  const sim = simulation();
  const both = defineNeuron({
    name: "both",
    states: { x: { shared: true }, v: {} },
    parameters: { k: { value: 1, shared: true } },
    dynamics: { x: "-x / (5 ms)", v: "-v / (5 ms)" },
    spike: "v - 1",
  });
  const cells = sim.population("both", 3, both);
  const names = (equation: string) => () =>
    defineNeuron({
      ...{ name: "bad", states: { x: { shared: true }, v: {} }, parameters: { p: { value: 1 } }, spike: "v" },
      ...{ dynamics: { x: equation, v: "-v / (1 ms)" }, derived: { w: "v / (1 ms)" } },
    });

  it.each([
    ["(v - x) / (1 ms)", '"v"'],
    ["w", '"v"'],
    ["p / (1 ms)", '"p"'],
    ["I / (1 ms)", "the input current"],
    ["i / (1 ms)", '"i"'],
    ["rand() / (1 ms)", "a draw"],
    ["xi / (1 ms)^0.5", '"xi"'],
  ])("refuse the equation %s", (equation, named) => {
    expect(names(equation)).toThrow(`"x" is shared, and ${named} may differ`);
  });

  it("refuse values that differ, and slices", () => {
    const add = (options: object) => () => sim.population("more", 3, both, options);
    expect(add({ parameters: { k: [1, 2, 3] } })).toThrow(/shared by all neurons, and these values differ/);
    expect(add({ initial: { x: uniform(0, 1) } })).toThrow(/shared by all neurons/);
    expect(() => sim.set(cells, "x", "rand()")).toThrow(/shared by all neurons/);
    expect(() => sim.set(cells.slice(1), "x", 1)).toThrow(/give the whole population/);
    expect(() => sim.set(cells.slice(1), "k", 1)).toThrow(/give the whole population/);
    expect(() =>
      sim.connect(cells, cells, {
        pattern: "all-to-all",
        weight: 0,
        synapse: reading,
        parameters: { q: uniform(0, 1) },
      }),
    ).toThrow(/shared by all synapses/);
    expect(() => simulateSynapses(reading, { dt: 1, duration: 2, synapses: 2, parameters: { q: [1, 2] } })).toThrow(
      /shared by all synapses/,
    );
  });

  it("refuse events, resets and sums", () => {
    const connect = (options: object) => () =>
      sim.connect(cells, cells, { pattern: "all-to-all", weight: 1, ...options } as never);
    expect(connect({ target: "x" })).toThrow(/an event changes "x", which is shared/);
    const write = defineSynapse({ name: "write", onPre: { x_post: "x_post + 1" } });
    expect(connect({ synapse: write })).toThrow(/an event changes "x"/);
    expect(connect({ synapse: defineSynapse({ name: "sum", summed: { k_post: "1" } }) })).toThrow(
      /a sum over synapses/,
    );
    expect(() => sim.input(cells, { poisson: { rate: "1 Hz", weight: 1, target: "x" } })).toThrow(
      /an event changes "x"/,
    );
    const reset = {
      name: "bad",
      states: { x: { shared: true } },
      update: { x: "x" },
      spike: "x",
      reset: { x: "x - y" },
    };
    expect(() => defineNeuron(reset)).toThrow(/the reset changes "x"/);
    const states = { q: { shared: true } };
    expect(() => defineSynapse({ name: "bad", states, onPre: { q: "q + 1" } })).toThrow(/onPre changes "q"/);
    expect(() => defineSynapse({ name: "bad", states, dynamics: { q: "weight / (1 ms)" } })).toThrow(
      /"weight" may differ/,
    );
    const train = { p: { value: 1, shared: true, train: "unit" } } as const;
    expect(() => defineNeuron({ name: "bad", parameters: train, output: "p * I" })).toThrow(/train it per "layer"/);
    expect(() => both.with({ integrator: dormandPrince() })).toThrow(/the scheme .* "x" is shared/);
  });
});
