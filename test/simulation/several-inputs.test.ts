import { describe, expect, it } from "vitest";
import { dense } from "#spikevine/networks/index";
import { defineNeuron, forwardEuler, tanhDerivative } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation, timedArray } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const neuron = defineNeuron({
  name: "two-inputs",
  input: { unit: "pA" },
  inputs: { I_e: { unit: "pA" }, g_i: { unit: "nS" } },
  states: { v: { unit: "mV", initial: "-60 mV" }, u: {} },
  parameters: { drift: { value: "0 mV" } },
  derived: {
    excess: "v - (-60 mV)",
    total: { equation: "I + I_e - g_i * excess", unit: "pA" },
  },
  dynamics: { v: "(total + 1 nS * drift) / (100 pF)", u: "0 / (1 ms)" },
  integrator: forwardEuler,
  spike: "v - 100 mV",
  surrogate: tanhDerivative(),
});

describe.each(WAYS)("several input currents, %s", (_, way) => {
  it("each input has the currents and the sums over synapses that name it; monitors have inputs and subexpressions", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 2, neuron, { parameters: { drift: "i * 10 mV" } });
    sim.input(cells, { current: [100, 200].map((x) => `${x} pA`) });
    sim.input(cells, { current: timedArray([50, 0], { dt: "2 ms", unit: "pA" }), target: "I_e" });
    sim.input(cells.slice(1), { current: "10 pA", target: "I_e" });
    sim.input(cells, { array: [1, 2, 3, 4], dt: "1 ms", target: "g_i" });
    const gap = defineSynapse({
      name: "gap",
      summary: "Gap.",
      source: "this test",
      weight: { unit: "nS" },
      summed: { I_e_post: "weight * (v_pre - v_post)" },
    });
    const junctions = sim.connect(cells, cells, { pattern: { pairs: [[0, 1]] }, weight: "2 nS", synapse: gap });
    const names = ["I", "I_e", "g_i", "excess", "total", "drift", "v"] as const;
    const monitors = Object.fromEntries(names.map((name) => [name, sim.monitor.state(cells, name)]));
    const terms = sim.monitor.synapses(junctions, "I_e_post");
    await sim.run("4 ms");
    // The same steps written out.
    const digits = way.precision === "single" ? 4 : 11;
    const v = [-60, -60];
    for (let step = 0; step < 4; step++) {
      const coupling = 2 * (v[0]! - v[1]!);
      expect(terms.values[step]).toBeCloseTo(coupling, digits);
      for (let i = 0; i < 2; i++) {
        const [I, g_i] = [[100, 200][i]!, step + 1];
        const I_e = (step < 2 ? 50 : 0) + (i === 1 ? 10 + coupling : 0);
        const excess = v[i]! + 60;
        const total = I + I_e - g_i * excess;
        const expected = { I, I_e, g_i, excess, total, drift: 10 * i, v: v[i]! };
        for (const name of names) expect(monitors[name]!.trace(i)[step], name).toBeCloseTo(expected[name], digits);
      }
      const next = v.map((x, i) => x + (monitors.total!.trace(i)[step]! + 10 * i) / 100);
      v.splice(0, 2, ...next);
    }
    expect(monitors.total!.unit).toBe("pA");
  });

  it("monitors of subexpressions added later, kept in a saved state, of some neurons at every other step", async () => {
    const build = () => {
      const sim = simulation({ ...way, dt: "1 ms" });
      const cells = sim.population("cells", 3, neuron);
      sim.input(cells, { current: "100 pA" });
      return { sim, cells };
    };
    const { sim, cells } = build();
    await sim.run("3 ms");
    const excess = sim.monitor.state(cells, "excess", { indices: [2], every: 2 });
    await sim.run("4 ms");
    expect([...excess.times]).toEqual([4, 6]);
    expect([...excess.values]).toEqual([4, 6]);
    const saved = sim.save({ monitors: true });
    const other = build();
    const again = other.sim.monitor.state(other.cells, "excess", { indices: [2], every: 2 });
    other.sim.restore(saved);
    await other.sim.run("2 ms");
    expect([...again.values]).toEqual([4, 6, 8]);
  });
});

describe("several input currents", () => {
  it("are refused with a reason", () => {
    expect(() => dense(3, neuron)).toThrow(/neurons\/two-inputs uses the input I_e, which only simulations have/);
    const sim = simulation();
    const cells = sim.population("cells", 1, neuron);
    expect(() => sim.input(cells, { current: "1 pA", target: "I_x" })).toThrow(
      /unknown target of the input.*"I_x".*I_e/s,
    );
    expect(() => sim.input(cells, { current: "1 pA", target: "g_i" })).toThrow(/give a conductance/);
    expect(() => sim.monitor.state(cells, "totl")).toThrow(/"totl".*total/s);
    const taken = { name: "x", output: "I", inputs: { I: {} } };
    expect(() => defineNeuron(taken)).toThrow(/the name "I" is reserved/);
    expect(() => defineNeuron({ ...taken, inputs: { a: {} }, output: "I + a * 1 mV" })).toThrow(/"a \* 1 mV"/);
  });
});
