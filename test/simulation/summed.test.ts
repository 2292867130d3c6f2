import { describe, expect, it } from "vitest";
import { arctan } from "#spikevine/neurons/surrogates/index";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear, exponentialEuler, forwardEuler } from "#spikevine/src/equations/integrators/index";
import { type Simulation, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const about = { summary: "For a test.", source: "this test", surrogate: arctan() };
const unitless = { summary: "a number" };

/** Ten leaky neurons coupled by gap junctions. The reference figures are those of Brian2 2.5.1's example "gapjunctions". */
function gapJunctions(way: object) {
  const neuron = defineNeuron({
    ...about,
    name: "leaky",
    states: { v: unitless },
    parameters: {
      drive: { value: 1.05, ...unitless },
      gap: { value: 0, ...unitless },
      tau: { value: "10 ms", ...unitless },
    },
    dynamics: { v: "(drive - v + gap) / tau" },
    integrator: exactLinear,
    spike: "v - 1",
    reset: { v: "v * (1 - y)" },
  });
  const junction = defineSynapse({
    ...{ name: "gap-junction", summary: "A resistance between two neurons.", source: "this test" },
    summed: { gap_post: "weight * (v_pre - v_post)" },
  });
  const sim = simulation({ dt: "0.1 ms", ...way });
  const v = Array.from({ length: 10 }, (_, i) => i / 9);
  const cells = sim.population("cells", 10, neuron, { initial: { v } });
  const junctions = sim.connect(cells, cells, { pattern: "all-to-all", weight: 0.02, synapse: junction });
  return { sim, cells, spikes: sim.monitor.spikes(cells), gap: sim.monitor.synapses(junctions, "gap_post") };
}

const rounded = (values: ArrayLike<number>, digits: number): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(digits)));

describe.each(WAYS)("sums over synapses, %s", (_, way) => {
  it("gap junctions: every spike and the final potentials of Brian2's example", async () => {
    const { sim, cells, spikes, gap } = gapJunctions(way);
    await sim.run("500 ms");
    const trains = spikes.trains().map((train) => rounded(train, 6));
    expect(spikes.count).toBe(123);
    expect(trains.map(({ length }) => length)).toEqual([12, 12, 12, 12, 12, 12, 12, 13, 13, 13]);
    expect(trains[0]!.slice(0, 5)).toEqual([45.7, 87, 127.2, 167.2, 207.1]);
    expect(trains[5]!.slice(0, 5)).toEqual([29.3, 68.1, 107.7, 147.4, 187.2]);
    expect(trains[9]!.slice(0, 5)).toEqual([10.8, 52.2, 92.2, 131.9, 171.6]);
    expect([trains[9]!.at(-1), trains[8]!.at(-1), trains[7]!.at(-1)]).toEqual([489.8, 493.5, 497.7]);
    expect(rounded(sim.state(cells, "v"), 6)).toEqual([
      0.824437, 0.894329, 0.937551, 0.96376, 0.980496, 0.990846, 0.997123, 0.233319, 0.540097, 0.707817,
    ]);
    // The terms of the sums of the last step; synapse 10 i + j goes from neuron i to neuron j.
    const terms = gap.values.slice(-100);
    const sums = Array.from({ length: 10 }, (_, j) =>
      terms.reduce((sum, term, s) => (s % 10 === j ? sum + term : sum), 0),
    );
    expect(rounded(sums, 5)).toEqual([
      -0.0035341, -0.017681, -0.02643, -0.031735, -0.035123, -0.037218, -0.038489, 0.11612, 0.054021, 0.020072,
    ]);
  });

  it("a saved state continues to the same bits", async () => {
    const first = gapJunctions(way);
    await first.sim.run("60 ms");
    const saved = first.sim.save();
    await first.sim.run("60 ms");
    const second = gapJunctions(way);
    second.sim.restore(saved);
    await second.sim.run("60 ms");
    expect(second.sim.save()).toEqual(first.sim.save());
  });

  it("Kuramoto oscillators: the coherence of Brian2's example", async () => {
    const oscillator = defineNeuron({
      ...{ name: "oscillator", summary: "A phase.", source: "this test" },
      states: { theta: unitless },
      parameters: {
        omega: { value: "0 Hz", ...unitless },
        pull: { value: 0, ...unitless },
        coupling: { value: "1 Hz", ...unitless },
      },
      dynamics: { theta: "omega + coupling * pull / 100" },
      integrator: forwardEuler,
      output: "theta",
    });
    const attraction = defineSynapse({
      ...{ name: "attraction", summary: "Pulls phases together.", source: "this test" },
      summed: { pull_post: "sin(theta_pre - theta_post)" },
    });
    const sim = simulation({ dt: "1 ms", ...way });
    const theta = Array.from({ length: 100 }, (_, i) => 0.75 * 2 * Math.PI * (i / 100));
    const omega = Array.from({ length: 100 }, (_, i) => `${0.2 + 0.6 * (i / 100)} Hz`);
    const cells = sim.population("cells", 100, oscillator, { initial: { theta }, parameters: { omega } });
    sim.connect(cells, cells, { pattern: "all-to-all", weight: 1, synapse: attraction });
    expect(coherence(sim, cells)).toBeCloseTo(0.300133, 6);
    await sim.run("1 s");
    expect(coherence(sim, cells)).toBeCloseTo(0.366666, 6);
  });

  it("continuous interaction: the crossings and final states of two Traub-Miles neurons of Brian2's example", async () => {
    const sigmoid = (v: number, at: number, width: number): number => 1 / (1 + Math.exp(-(v - at) / width));
    const rates = (v: number) => ({
      alpham: (0.32 * (v + 54)) / (1 - Math.exp(-(v + 54) / 4)),
      betam: (0.28 * (v + 27)) / (Math.exp((v + 27) / 5) - 1),
      alphah: 0.128 * Math.exp(-(v + 50) / 18),
      betah: 4 * sigmoid(v, -27, 5),
      alphan: (0.032 * (v + 52)) / (1 - Math.exp(-(v + 52) / 5)),
      betan: 0.5 * Math.exp(-(v + 57) / 40),
    });
    const [u, per] = ["(v / mv)", "/ ms"];
    const gate = (x: string, alpha: string, beta: string) => `((${alpha}) * (1 - ${x}) - (${beta}) * ${x}) ${per}`;
    const neuron = defineNeuron({
      ...{ name: "traub-miles", summary: "Spikes of their own shape.", source: "C. Borgers (2017), chapter 20" },
      input: { symbol: "I", unit: "uA" },
      states: { v: { ...unitless, unit: "mV" }, m: unitless, h: unitless, n: unitless, s: unitless },
      parameters: {
        sIn: { value: 0, ...unitless },
        C: { value: "1 uF", ...unitless },
        gNa: { value: "100 mS", ...unitless },
        gK: { value: "80 mS", ...unitless },
        gl: { value: "0.1 mS", ...unitless },
        gSyn: { value: "1 mS", ...unitless },
        ENa: { value: "50 mV", ...unitless },
        EK: { value: "-100 mV", ...unitless },
        El: { value: "-67 mV", ...unitless },
        mv: { value: "1 mV", ...unitless },
        ms: { value: "1 ms", ...unitless },
      },
      dynamics: {
        v: "(I + gNa * m^3 * h * (ENa - v) + gl * (El - v) + gK * n^4 * (EK - v) - gSyn * sIn * v) / C",
        m: gate(
          "m",
          `0.32 * (${u} + 54) / (1 - exp(-(${u} + 54) / 4))`,
          `0.28 * (${u} + 27) / (exp((${u} + 27) / 5) - 1)`,
        ),
        h: gate("h", `0.128 * exp(-(${u} + 50) / 18)`, `4 / (1 + exp(-(${u} + 27) / 5))`),
        n: gate("n", `0.032 * (${u} + 52) / (1 - exp(-(${u} + 52) / 5))`, `0.5 * exp(-(${u} + 57) / 40)`),
        s: `(0.5 * (1 + tanh(0.1 * ${u})) * (1 - s) / 0.2 - s / 2) ${per}`,
      },
      integrator: exponentialEuler,
      output: "v",
    });
    const opening = defineSynapse({
      ...{ name: "opening", summary: "Opens a conductance.", source: "this test" },
      summed: { sIn_post: "weight * s_pre" },
    });
    const sim = simulation({ dt: "0.1 ms", ...way });
    const v = [-70, -65];
    const start = (of: (r: ReturnType<typeof rates>) => number) => v.map((each) => of(rates(each)));
    const cells = sim.population("cells", 2, neuron, {
      initial: {
        v: v.map((each) => `${each} mV`),
        m: start(({ alpham, betam }) => alpham / (alpham + betam)),
        h: start(({ alphah, betah }) => alphah / (alphah + betah)),
        n: start(({ alphan, betan }) => alphan / (alphan + betan)),
      },
    });
    sim.input(cells, { current: ["1.5 uA", "0 uA"] });
    sim.connect(cells, cells, { pattern: { pairs: [[0, 1]] }, weight: 0.25, synapse: opening });
    const trace = sim.monitor.state(cells, "v");
    await sim.run("100 ms");
    const crossings = [0, 1].map((neuron) => {
      const values = trace.trace(neuron);
      return rounded(
        [...values.keys()].filter((k) => k > 0 && values[k - 1]! < 0 && values[k]! >= 0),
        6,
      );
    });
    expect(crossings).toEqual([
      [83, 275, 467, 658, 850],
      [101, 298, 491, 683, 874],
    ]);
    // The gate is kept in single precision if it may be.
    const tolerance = way.precision === "single" ? 1e-4 : 5e-6;
    for (const [name, ...wanted] of [
      ["v", -63.7452, -74.3734],
      ["m", 0.0271025, 0.00295755],
      ["h", 0.995834, 0.999536],
      ["n", 0.0460872, 0.00880189],
      ["s", 0.000570138, 0.00185923],
    ] as const) {
      const found = sim.state(cells, name);
      wanted.forEach((value, i) => {
        expect(Math.abs(found[i]! / value - 1)).toBeLessThan(tolerance);
      });
    }
  });

  it("nonlinear: saturating synapses with Brian2's values of the gate and of the sum", async () => {
    const ramp = defineNeuron({
      ...about,
      name: "ramp",
      states: { v: unitless },
      parameters: { rate: { value: "100 Hz", ...unitless } },
      dynamics: { v: "rate" },
      integrator: forwardEuler,
      spike: "v - 1",
      reset: { v: "v * (1 - y)" },
    });
    const target = defineNeuron({
      ...{ name: "target", summary: "Follows its input.", source: "this test" },
      states: { v: unitless },
      parameters: { g: { value: 0, ...unitless }, tau: { value: "10 ms", ...unitless } },
      dynamics: { v: "(g - v) / tau" },
      integrator: exactLinear,
      output: "v",
    });
    const nmda = defineSynapse({
      ...{ name: "nmda", summary: "Saturates.", source: "this test" },
      parameters: {
        a: { value: "100 Hz", ...unitless },
        b: { value: "100 Hz", ...unitless },
        taux: { value: "10 ms", ...unitless },
      },
      states: { x: unitless, g: unitless },
      dynamics: { g: "-a * g + b * x * (1 - g)", x: "-x / taux" },
      integrator: forwardEuler,
      onPre: { x: "x + weight" },
      summed: { g_post: "g" },
    });
    const sim = simulation({ dt: "0.1 ms", ...way });
    const inputs = sim.population("inputs", 2, ramp, { initial: { v: [0, 0.5] } });
    const cell = sim.population("cell", 1, target);
    const pattern = {
      pairs: [
        [0, 0],
        [1, 0],
      ],
    } as const;
    const projection = sim.connect(inputs, cell, { pattern, weight: [1, 10], synapse: nmda });
    const spikes = sim.monitor.spikes(inputs);
    const gate = sim.monitor.synapses(projection, "g");
    await sim.run("1 s");
    expect(spikes.trains().map((train) => [train.length, ...rounded(train.slice(0, 2), 6)])).toEqual([
      [100, 9.9, 19.9],
      [100, 4.9, 14.9],
    ]);
    expect([499, 4999].map((k) => rounded([gate.trace(0)[k]!, gate.trace(1)[k]!], 6))).toEqual([
      [0.455904, 0.912456],
      [0.461937, 0.912948],
    ]);
    expect(rounded(sim.synapseState(projection, "g"), 6)).toEqual([0.460456, 0.91221]);
    // The spike of 999.9 ms is still on its way; it adds 1.
    expect(rounded(sim.synapseState(projection, "x"), 6)).toEqual([0.577368, 9.54317]);
    expect(rounded(sim.state(cell, "v"), 6)).toEqual([1.40584]);
  });
});

const coherence = (sim: Simulation, cells: Parameters<Simulation["state"]>[0]): number => {
  const theta = sim.state(cells, "theta");
  const mean = (f: (x: number) => number): number => theta.reduce((sum, x) => sum + f(x), 0) / theta.length;
  return Math.hypot(mean(Math.cos), mean(Math.sin));
};
