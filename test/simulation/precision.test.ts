import { describe, expect, it } from "vitest";
import {
  adex,
  cobaLif,
  cubaLif,
  defineNeuron,
  forwardEuler,
  hodgkinHuxley,
  izhikevich,
  lif,
  type NeuronDefinition,
  semiImplicit,
  tanhDerivative,
} from "#spikevine/neurons/index";
import { balancedNetwork, type ExternalInput, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const define = (spec: Omit<Parameters<typeof defineNeuron>[0], "name" | "summary" | "source">): NeuronDefinition =>
  defineNeuron({ name: "tested", summary: "a neuron of this test", source: "this test", ...spec });

const units = { ms: { value: "1 ms", summary: "unit" }, mV: { value: "1 mV", summary: "unit" } };

/** The adaptive threshold of Diehl and Cook 2015: it decays by less than single precision can resolve in a step. */
const slowThreshold = define({
  states: { theta: { unit: "mV", initial: "20 mV", summary: "threshold" } },
  parameters: { tau: { value: "1e7 ms", summary: "time constant" }, ...units },
  dynamics: { theta: "-theta / tau" },
  output: "theta / mV",
});

const clock = define({
  states: { t: { unit: "ms", summary: "time" } },
  parameters: units,
  dynamics: { t: "1" },
  output: "t / ms",
});

/** Phase of a clock, which depends on digits that single precision lacks. */
const phase = define({
  states: { t: { unit: "ms", summary: "time" }, p: { unit: "ms", summary: "time since the last period began" } },
  parameters: { period: { value: "97 ms", summary: "period" }, ...units },
  dynamics: { t: "1" },
  update: { p: "t - floor(t / period) * period" },
  output: "p / ms",
});

/** Fires by an adaptation of its threshold that outlasts the run; `rate` differs between neurons. */
const adapting = define({
  states: {
    v: { unit: "mV", summary: "potential" },
    theta: { unit: "mV", initial: "1 mV", summary: "threshold" },
    rate: { initial: 1, summary: "a parameter of each neuron" },
  },
  parameters: { tau: { value: "20 ms", summary: "membrane" }, slow: { value: "1e6 ms", summary: "slow" }, ...units },
  dynamics: { v: "(rate * 5 * mV - v) / tau", theta: "-theta / slow" },
  update: { rate: "rate" },
  spike: "(v - theta) / mV",
  reset: { v: "y > 0 ? 0 * mV : v", theta: "theta + y * 0.001 * mV" },
  surrogate: tanhDerivative(),
});

interface Case {
  readonly neuron: NeuronDefinition;
  readonly dt: string;
  readonly input?: ExternalInput;
  readonly initial?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly steps: number;
}

/** Four neurons for some steps: spike times, and every state at a thousand times. */
async function run({ neuron, dt, input, initial = {}, steps }: Case, precision: "single" | "double", loop = false) {
  const sim = simulation({ dt, precision, seed: 4 });
  const cells = sim.population("cells", 4, neuron, { initial });
  if (input !== undefined) sim.input(cells, input);
  // Too small to change a bit of the potential; but the neurons act on each other.
  if (loop) sim.connect(cells, cells, { pattern: "all-to-all", target: "v", weight: "1e-30 mV" });
  const spikes = neuron.output === "spikes" ? sim.monitor.spikes(cells) : undefined;
  const every = Math.max(1, Math.round(steps / 1000));
  const names = Object.keys(neuron.states);
  const traces = names.map((name) => sim.monitor.state(cells, name, { every }));
  await sim.run(`${steps * Number.parseFloat(dt)} ms`);
  const states = Object.fromEntries(names.map((name, s) => [name, traces[s]!.values]));
  return { executor: sim.executor, states, spikes: [...(spikes?.times ?? [])], units: [...(spikes?.indices ?? [])] };
}

const currents = (...picoamperes: number[]): ExternalInput => ({
  current: picoamperes.map((current) => `${current} pA`),
});
const lifCurrents = currents(150.01, 160, 180, 400);

describe("neurons that do not act on each other", () => {
  it.each<[string, Case]>([
    ["a threshold that decays over 10,000 s", { neuron: slowThreshold, dt: "0.1 ms", steps: 1e6 }],
    ["a clock", { neuron: clock, dt: "0.1 ms", steps: 1e6 }],
    ["the phase of a clock", { neuron: phase, dt: "0.1 ms", steps: 3e5 }],
    [
      "adaptation, and a parameter of each neuron",
      { neuron: adapting, dt: "0.1 ms", steps: 5e5, initial: { rate: [0.7, 0.8, 0.9, 1.1] } },
    ],
    [
      "a membrane in steps of 1 µs",
      { neuron: lif({ threshold: "-50 mV" }), dt: "0.001 ms", input: lifCurrents, steps: 1e6 },
    ],
    [
      "currents of attoamperes",
      {
        neuron: lif({ threshold: "-64.999999 mV" }),
        dt: "0.1 ms",
        input: currents(1.1e-5, 1.2e-5, 2e-5, 5e-5),
        steps: 1e5,
      },
    ],
    [
      "forward Euler with a soft reset",
      {
        neuron: lif({ threshold: "-50 mV", reset: "soft" }).with({ integrator: forwardEuler }),
        dt: "0.01 ms",
        input: lifCurrents,
        steps: 3e5,
      },
    ],
    ["adex", { neuron: adex({ tauW: "5000 ms" }), dt: "0.05 ms", input: currents(800, 900, 1000, 1400), steps: 4e4 }],
    ["izhikevich", { neuron: izhikevich(), dt: "0.1 ms", input: { current: [5, 8, 10, 14] }, steps: 3e5 }],
    ["hodgkin-huxley", { neuron: hodgkinHuxley(), dt: "0.01 ms", input: currents(1500, 2000, 2500, 3000), steps: 3e4 }],
    [
      "coba-lif with Poisson input",
      {
        neuron: cobaLif(),
        dt: "0.1 ms",
        input: { poisson: { rate: "2 kHz", weight: "1 nS", target: "ge" } },
        steps: 1e5,
      },
    ],
  ])("are the same in single and double precision: %s", async (_, given) => {
    expect(await run(given, "single")).toEqual(await run(given, "double"));
  });

  it.each(WAYS)("follow slow variables (%s)", async (_, way) => {
    const sim = simulation({ dt: "0.1 ms", ...way });
    const threshold = sim.population("threshold", 1, slowThreshold);
    const time = sim.population("time", 1, clock);
    await sim.run("20 s");
    expect(sim.state(threshold, "theta")[0]).toBeCloseTo(20 * Math.exp(-20000 / 1e7), 8);
    expect(sim.state(time, "t")[0]).toBeCloseTo(20000, 5);
  });

  it("keep their spikes if they drive others or are driven by sources", async () => {
    const chain = async (precision: "single" | "double") => {
      const sim = simulation({ precision, seed: 2 });
      const source = sim.source("source", 50, { poisson: "40 Hz" });
      const first = sim.population("first", 10, cobaLif());
      const second = sim.population("second", 10, cobaLif());
      sim.connect(source, first, { pattern: { probability: 0.5 }, target: "ge", weight: "3 nS" });
      sim.connect(first, second, { pattern: "all-to-all", target: "ge", weight: "5 nS", delay: "1.3 ms" });
      // A projection back with weights of 0.
      sim.connect(second, first, { pattern: "one-to-one", target: "ge", weight: "0 nS" });
      const spikes = sim.monitor.spikes(second);
      await sim.run("5 s");
      return { executor: sim.executor, times: [...spikes.times], units: [...spikes.indices] };
    };
    const single = await chain("single");
    expect(single.executor).toBe("WebAssembly SIMD, double precision");
    expect(single.times.length).toBeGreaterThan(100);
    expect(single).toEqual(await chain("double"));
  });
});

describe("neurons that act on each other, in single precision", () => {
  const mixed = (double: number, of: number): string =>
    `WebAssembly SIMD, single precision, ${double} of ${of} states in double`;
  it.each<[string, string, Case]>([
    [
      "lif",
      mixed(1, 2),
      { neuron: lif({ threshold: "-50 mV", refractory: "2 ms" }), dt: "0.1 ms", input: lifCurrents, steps: 1e6 },
    ],
    [
      "lif, subtracted",
      mixed(1, 1),
      { neuron: lif({ threshold: "-50 mV", reset: "subtract" }), dt: "0.1 ms", input: lifCurrents, steps: 3e5 },
    ],
    [
      "lif by the semi-implicit scheme",
      mixed(1, 1),
      {
        neuron: lif({ threshold: "-50 mV" }).with({ integrator: semiImplicit }),
        dt: "0.1 ms",
        input: lifCurrents,
        steps: 3e5,
      },
    ],
    ["coba-lif", mixed(1, 4), { neuron: cobaLif(), dt: "0.1 ms", input: currents(110, 120, 180, 400), steps: 1e6 }],
    ["cuba-lif", mixed(1, 4), { neuron: cubaLif(), dt: "0.1 ms", input: currents(10, 20, 80, 400), steps: 3e5 }],
    // Synaptic currents that outlast the run, below the threshold.
    [
      "cuba-lif, slow",
      mixed(2, 4),
      {
        neuron: cubaLif({ tauE: "1e6 ms" }),
        dt: "0.1 ms",
        input: currents(-150, -160, -170, -180),
        initial: { ie: ["10 pA", "20 pA", "40 pA", "80 pA"] },
        steps: 1e6,
      },
    ],
    [
      "adaptation, below the threshold",
      mixed(2, 3),
      { neuron: adapting, dt: "0.1 ms", initial: { rate: [0.0625, 0.09375, 0.125, 0.15625] }, steps: 1e6 },
    ],
    [
      "lif in steps of 1 µs",
      mixed(1, 1),
      { neuron: lif({ threshold: "-50 mV" }), dt: "0.001 ms", input: currents(100, 110, 120, 140), steps: 1e6 },
    ],
  ])(
    "have their states within 1e-5 of their range over many steps, and their spikes: %s",
    async (_, executor, given) => {
      const [single, double] = [await run(given, "single", true), await run(given, "double", true)];
      expect(single.executor).toBe(executor);
      expect(single.spikes).toEqual(double.spikes);
      expect(single.units).toEqual(double.units);
      for (const [name, values] of Object.entries(double.states)) {
        const most = values.reduce((a, b) => Math.max(a, b));
        const least = values.reduce((a, b) => Math.min(a, b));
        const apart = single.states[name]!.reduce((a, value, k) => Math.max(a, Math.abs(value - values[k]!)), 0);
        expect(apart, name).toBeLessThanOrEqual(1e-5 * (most - least));
      }
    },
  );

  it("compute in double precision where a state only ever grows", async () => {
    const counting = define({
      states: { v: { unit: "mV", summary: "potential" }, n: { summary: "spikes so far" } },
      parameters: { tau: { value: "20 ms", summary: "membrane" }, ...units },
      dynamics: { v: "(5 * mV - v) / tau" },
      update: { n: "n" },
      spike: "v / mV - 1",
      reset: { v: "y > 0 ? 0 * mV : v", n: "n + y" },
      surrogate: tanhDerivative(),
    });
    const { executor } = await run({ neuron: counting, dt: "0.1 ms", steps: 10 }, "single", true);
    expect(executor).toBe("WebAssembly SIMD, double precision");
  });

  it("give the rates and the irregularity of double precision over seeds", async () => {
    const seeds = Array.from({ length: 8 }, (_, seed) => seed + 1);
    const measure = async (precision: "single" | "double") => {
      const runs = [];
      for (const seed of seeds) {
        const { simulation: sim, spikes } = balancedNetwork({ synapses: "cuba", size: 1000, seed, precision });
        await sim.run("500 ms");
        const trains = spikes.flatMap((monitor) => monitor.trains());
        const rate = trains.reduce((sum, train) => sum + train.length, 0) / 500;
        runs.push({ rate, cv: mean(trains.filter((train) => train.length > 5).map(variation)), trains });
      }
      return runs;
    };
    const [single, double] = [await measure("single"), await measure("double")];
    // The network amplifies small differences; otherwise nothing would be compared.
    expect(single.some((run, k) => run.trains.some((train, i) => train.join() !== double[k]!.trains[i]!.join()))).toBe(
      true,
    );
    for (const figure of ["rate", "cv"] as const) {
      const [a, b] = [single, double].map((runs) => runs.map((run) => run[figure])) as [number[], number[]];
      expect(mean(b), figure).toBeGreaterThan(figure === "rate" ? 1 : 0.2);
      expect(Math.abs(mean(a) - mean(b)), figure).toBeLessThan(4 * deviation(b));
    }
  }, 30_000);
});

describe("refractoriness", () => {
  it.each(WAYS)("lasts the same whole number of steps, however many (%s)", async (_, way) => {
    for (const [refractory, dt, steps] of [
      ["0 ms", "0.1 ms", 0],
      ["0.3 ms", "0.1 ms", 3],
      ["2 ms", "0.1 ms", 20],
      ["20 ms", "0.001 ms", 20_000],
      ["1 s", "0.1 ms", 10_000],
      ["1000 ms", "0.01 ms", 100_000],
    ] as const) {
      for (const loop of [false, true]) {
        const sim = simulation({ dt, ...way });
        const cell = sim.population("cell", 1, lif({ threshold: "-64.9 mV", rest: "-65 mV", refractory }));
        sim.input(cell, { current: "1e6 pA" });
        if (loop) sim.connect(cell, cell, { pattern: "all-to-all", target: "v", weight: "1e-30 mV" });
        const spikes = sim.monitor.spikes(cell);
        await sim.run(`${(2 * steps + 3) * Number.parseFloat(dt)} ms`);
        const fired = [...spikes.times].map((time) => Math.round(time / Number.parseFloat(dt)));
        expect(fired.slice(0, 3), `${refractory}, dt ${dt}`).toEqual([0, steps + 1, 2 * (steps + 1)]);
      }
    }
  });
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

/** Coefficient of variation of the intervals between spikes. */
function variation(train: Float64Array): number {
  const intervals = [...train.subarray(1)].map((time, k) => time - train[k]!);
  return deviation(intervals) / mean(intervals);
}
