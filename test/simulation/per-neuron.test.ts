import { describe, expect, it } from "vitest";
import { defineNeuron, exactLinear, forwardEuler, tanhDerivative } from "#spikevine/src/index";
import { type PopulationOptions, simulation, uniform } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** dv/dt = (rest + I - v) / tau; fires where v > threshold. */
const leaky = defineNeuron({
  name: "leaky",
  summary: "A leaky neuron.",
  source: "This test.",
  input: { unit: "mV" },
  states: { v: { unit: "mV", summary: "Potential." } },
  parameters: {
    tau: { value: "10 ms", min: 0, exclusiveMin: true, summary: "Time constant." },
    threshold: { value: "10 mV", summary: "Threshold." },
    rest: { value: "0 mV", summary: "Rest." },
  },
  dynamics: { v: "(rest + I - v) / tau" },
  spike: "v - threshold",
  reset: { v: "y > 0 ? rest : v" },
  surrogate: tanhDerivative(),
});

const SIZE = 6;

/** Spike steps of every neuron by a literal loop of the exact solution, at dt = 0.1 ms. */
function byHand(tau: (i: number) => number, threshold: (i: number) => number, steps: number): number[][] {
  return Array.from({ length: SIZE }, (_, i) => {
    const decay = Math.exp(-0.1 / tau(i));
    const spikes: number[] = [];
    for (let k = 0, v = 0; k < steps; k++) {
      v = 20 + (v - 20) * decay;
      if (v > threshold(i)) {
        spikes.push(k);
        v = 0;
      }
    }
    return spikes;
  });
}

async function run(way: (typeof WAYS)[number][1], options: PopulationOptions, duration = "60 ms") {
  const sim = simulation({ ...way, seed: 4 });
  const cells = sim.population("cells", SIZE, leaky, options);
  sim.input(cells, { current: "20 mV" });
  const spikes = sim.monitor.spikes(cells);
  await sim.run(duration);
  return spikes.trains().map((train) => [...train].map((time) => Math.round(time / 0.1)));
}

describe.each(WAYS)("parameters per neuron in %s", (_, way) => {
  it("give each neuron its own time constant and threshold", async () => {
    const parameters = { tau: "(5 + i) * tau / 10", threshold: ["5 mV", "6 mV", "7 mV", "8 mV", "9 mV", "10 mV"] };
    const wanted = byHand(
      (i) => 5 + i,
      (i) => 5 + i,
      600,
    );
    expect(wanted.every((train) => train.length > 3)).toBe(true);
    expect(await run(way, { parameters })).toEqual(wanted);
  });

  it("that are all the same give the spikes of one value", async () => {
    const same = await run(way, { parameters: { tau: { values: new Float64Array(SIZE).fill(7), unit: "ms" } } });
    expect(same).toEqual(await run(way, { parameters: { tau: "7 ms" } }));
    expect(same).toEqual(
      byHand(
        () => 7,
        () => 10,
        600,
      ),
    );
  });
});

describe("parameters per neuron", () => {
  const make = (parameters: PopulationOptions["parameters"], neuron = leaky) => {
    const sim = simulation({ seed: 4 });
    const cells = sim.population("cells", SIZE, neuron, {
      ...(parameters && { parameters }),
      initial: { v: "threshold / 2" },
    });
    return sim.state(cells, "v");
  };

  it("are seen by expressions of initial values", () => {
    expect([...make({ threshold: "threshold * (1 + i)" })]).toEqual([5, 10, 15, 20, 25, 30]);
    expect([...make({ threshold: "8 mV" })]).toEqual(new Array(SIZE).fill(4));
  });

  it("may be drawn, and repeat with the seed", () => {
    const drawn = make({ threshold: uniform("1 mV", "3 mV") });
    expect(drawn).toEqual(make({ threshold: uniform("1 mV", "3 mV") }));
    expect(new Set(drawn).size).toBe(SIZE);
    expect(drawn.every((v) => v >= 0.5 && v < 1.5)).toBe(true);
  });

  it.each<[PopulationOptions["parameters"], RegExp]>([
    [{ tauu: "1 ms" }, /unknown parameter of neurons\/leaky "tauu": did you mean "tau"/],
    [{ tau: ["1 ms", "2 ms"] }, /parameter tau has 2 values; give 6/],
    [{ tau: "i * tau" }, /"tau" is 0 ms; give a time above 0 ms/],
    [{ tau: "threshold * (1 + i)" }, /parameter tau.*every term must be in ms/],
    [{ tau: "2 mV" }, /"tau" is 2 mV|parameter tau is 2 mV/],
  ])("refuse %o", (parameters, message) => {
    expect(() => make(parameters)).toThrow(message);
  });

  it("refuse an integrator that needs one value", () => {
    expect(() => make({ tau: "(1 + i) * tau" }, leaky.with({ integrator: exactLinear }))).toThrow(
      /constant factor, which exactLinear needs; use the integrator/,
    );
  });

  it("refuse a step that is unstable for one of the neurons", () => {
    const parameters = { tau: "tau / (1 + 60 * i)" };
    expect(() => make(parameters, leaky.with({ integrator: forwardEuler }))).toThrow(/"dt"/);
  });
});
