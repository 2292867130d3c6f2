import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import {
  automatic,
  defineNeuron,
  eulerMaruyama,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  heun,
  milstein,
  type NeuronSpec,
  rk2,
  rk4,
  type Schemes,
} from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";
import { buildModel, describeModel } from "#spikevine/src/model/index";
import { simulation } from "#spikevine/src/simulation/index";
import { runNeuron } from "../simulation/single-neuron.js";
import { WAYS } from "../simulation/ways.js";

const neuron = (dynamics: Record<string, string>, more: Partial<NeuronSpec> = {}) =>
  defineNeuron({
    name: "test",
    states: Object.fromEntries(Object.keys(dynamics).map((state) => [state, { initial: 1 }])),
    parameters: { tau: { value: "1 ms" } },
    dynamics,
    output: Object.keys(dynamics)[0]!,
    ...more,
  });

const coupled = { v: "(-v * (0.3 + w) + 1) / tau", w: "(v * v - w) / tau", u: "(0.5 * w - u) / tau" };

/** One Runge-Kutta step of order 4, by hand. */
function rk4Step(f: (x: readonly number[]) => number[], x: readonly number[], h: number): number[] {
  const ahead = (k: readonly number[], by: number): number[] => x.map((value, i) => value + by * k[i]!);
  const k1 = f(x);
  const k2 = f(ahead(k1, h / 2));
  const k3 = f(ahead(k2, h / 2));
  const k4 = f(ahead(k3, h));
  return x.map((value, i) => value + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
}

describe("schemes by state", () => {
  const end = async (
    integrator: Schemes,
    steps: number,
    variable: string,
    dynamics: Record<string, string> = coupled,
  ) => (await runNeuron(neuron(dynamics), { current: 0 }, "1 ms", { dt: `${1 / steps} ms`, integrator, variable })).end;

  it("states with one scheme are integrated together, others are constant during the step", async () => {
    const integrator = { v: exponentialEuler, w: rk4, u: rk4 };
    const h = 0.25;
    let [v, w, u] = [1, 1, 1];
    for (let step = 0; step < 4; step++) {
      const a = -(0.3 + w);
      const next = v + ((a * v + 1) * Math.expm1(a * h)) / a;
      [w, u] = rk4Step(([w, u]) => [v * v - w!, 0.5 * w! - u!], [w, u], h) as [number, number];
      v = next;
    }
    expect(await end(integrator, 4, "v")).toBeCloseTo(v, 14);
    expect(await end(integrator, 4, "w")).toBeCloseTo(w, 14);
    expect(await end(integrator, 4, "u")).toBeCloseTo(u, 14);
  });

  it.each<[string, Schemes, Record<string, string>, number]>([
    ["of coupled parts: 1", { v: exponentialEuler, w: rk4 }, coupled, 1],
    ["of a part that no other one drives: its own", { v: rk4, w: rk4, u: forwardEuler }, coupled, 4],
  ])("order %s", async (_, integrator, dynamics, order) => {
    const [coarse, middle, fine] = [
      await end(integrator, 20, "v", dynamics),
      await end(integrator, 40, "v", dynamics),
      await end(integrator, 80, "v", dynamics),
    ];
    expect(Math.log2((coarse - middle) / (middle - fine))).toBeCloseTo(order, order > 1 ? 0 : 0.5);
  });

  it("states that are not named keep their scheme", () => {
    const defined = neuron(coupled, { integrator: { w: rk4 } });
    expect(defined.schemes).toEqual({ v: "exponentialEuler", w: "rk4", u: "exponentialEuler" });
    const changed = defined.with({ integrator: { u: forwardEuler } });
    expect(changed.schemes).toEqual({ v: "exponentialEuler", w: "rk4", u: "forwardEuler" });
    expect(changed.integrator.name).toBe("v: exponentialEuler, w: rk4, u: forwardEuler");
    expect(changed.with({ integrator: rk4 }).schemes).toEqual({ v: "rk4", w: "rk4", u: "rk4" });
  });

  it("may have exactLinear for some, whose instability with the others is found", async () => {
    const dynamics = { v: "-v / tau", w: "(v - 50 * w) / tau" };
    const integrator = { v: exactLinear, w: forwardEuler };
    const [unstable] = neuron(dynamics).with({ integrator }).instabilities({ dt: 0.1 });
    expect(unstable).toMatchObject({ states: ["w"], integrator: "forwardEuler" });
    expect(unstable!.largest).toBeGreaterThan(0.039);
    expect(unstable!.largest).toBeLessThanOrEqual(0.04);
    expect(await end(integrator, 100, "v", dynamics)).toBeCloseTo(Math.exp(-1), 13);
  });

  it("refuses what is not a scheme", () => {
    const wrong = { v: "rk4" } as unknown as Schemes;
    expect(() => neuron(coupled, { integrator: wrong })).toThrow(SpikevineError);
    expect(() => neuron(coupled, { integrator: wrong })).toThrow(/integrator.*v is "rk4"; give an integrator/);
  });
});

describe("figures of Brian2 2.5.1, steps of 0.25 ms for 2 ms", () => {
  const end = async (definition: ReturnType<typeof neuron>, integrator: Schemes, states: readonly string[]) => {
    const sim = simulation({ dt: "0.25 ms" });
    const cells = sim.population("cells", 1, definition, { integrator });
    await sim.run("2 ms");
    return states.map((state) => sim.state(cells, state)[0]!);
  };

  it("exponentialEuler with coefficients that depend on other states, as in Hodgkin and Huxley's equations", async () => {
    const gated = neuron(
      {
        v: "(-v * (0.3 + w) + m^3 * (2 - v) + 0.5) / tau",
        w: "(v * v - w) / tau",
        m: "(exp(v) * (1 - m) - 2 * m) / tau",
      },
      { states: { v: { initial: 1 }, w: { initial: 0.5 }, m: { initial: 0.2 } } },
    );
    const found = await end(gated, exponentialEuler, ["v", "w", "m"]);
    [0.7418892774906426, 0.6296788850733251, 0.5162779211302179].forEach((wanted, k) => {
      expect(found[k]).toBeCloseTo(wanted, 13);
    });
  });

  it.each<[string, Schemes, number]>([
    ["rk2", rk2, -0.32809562070277254],
    ["rk4", rk4, -0.32516040827741854],
  ])("%s, whose time moves within a step", async (_, integrator, wanted) => {
    const [x] = await end(neuron({ x: "(cos(2 * t / tau) - x) / tau" }), integrator, ["x"]);
    expect(x).toBeCloseTo(wanted, 13);
  });
});

describe("automatic", () => {
  it.each<[string, Record<string, string>, Partial<NeuronSpec>, string]>([
    ["linear", { v: "(w - v) / tau", w: "-w / tau" }, {}, "exactLinear"],
    ["linear while it is not held", { v: "I > 0 ? 0 : -v / tau" }, {}, "exactLinear"],
    ["linear in its own variable", { v: "(1 - v) * w / tau", w: "-w / tau" }, {}, "exponentialEuler"],
    [
      "Hodgkin-Huxley's gates",
      { m: "exp(v) * (1 - m) / tau - m / tau", v: "m^3 * (1 - v) / tau" },
      {},
      "exponentialEuler",
    ],
    ["not linear", { v: "v * (1 - v) / tau" }, {}, "rk4"],
    ["additive noise", { v: "-v / tau + xi / tau^0.5" }, {}, "eulerMaruyama"],
    ["multiplicative noise", { v: "-v / tau + v * xi / tau^0.5" }, {}, "milstein"],
    ["noises that act on each other", { v: "(w * xi_1 + xi_2) / tau^0.5", w: "v * xi_1 / tau^0.5" }, {}, "heun"],
    [
      "the same for Ito",
      { v: "(w * xi_1 + xi_2) / tau^0.5", w: "v * xi_1 / tau^0.5" },
      { calculus: "ito" },
      "eulerMaruyama",
    ],
  ])("%s: %o", async (_, dynamics, more, chosen) => {
    const defined = neuron(dynamics, { ...more, integrator: automatic });
    const all = Object.fromEntries(Object.keys(dynamics).map((state) => [state, chosen]));
    expect(defined.schemes).toEqual(all);
    expect(defined.describe()).toContain(`Integrator: ${chosen}, chosen automatically.`);
    const known = { exactLinear, exponentialEuler, rk4, eulerMaruyama, milstein, heun };
    const [ours, wanted] = await Promise.all(
      [automatic, known[chosen as keyof typeof known]].map((integrator) =>
        runNeuron(defined, { current: 0 }, "1 ms", { dt: "0.125 ms", integrator, variable: "v" }),
      ),
    );
    expect(ours!.trace).toEqual(wanted!.trace);
  });

  it("may be given for some states", () => {
    expect(neuron(coupled, { integrator: { v: rk4, w: automatic, u: automatic } }).schemes).toEqual({
      v: "rk4",
      w: "exactLinear",
      u: "exactLinear",
    });
  });

  it("a population with parameters per neuron has a scheme that permits them, and the simulation's description says so", () => {
    const leaky = neuron({ v: "-v / tau" }, { integrator: automatic });
    const sim = simulation();
    const same = sim.population("same", 2, leaky);
    const varied = sim.population("varied", 2, leaky, { parameters: { tau: ["1 ms", "2 ms"] } });
    const source = sim.source("source", 1, { spikes: [] });
    sim.connect(source, same, { pattern: "all-to-all", target: "v", weight: 1 });
    expect(same.schemes).toEqual({ v: "exactLinear" });
    expect(varied.slice(0, 1).schemes).toEqual({ v: "exponentialEuler" });
    expect(sim.describe().split("\n")).toEqual([
      "WebAssembly SIMD, double precision, steps of 0.1 ms",
      'population "same": 2 neurons, neurons/test (v: exactLinear)',
      'population "varied": 2 neurons, neurons/test (v: exponentialEuler)',
      'source "source": 1 neuron',
      'projection "source" to "same": 2 synapses',
    ]);
  });
});

describe("the executors take the same steps", () => {
  it.each<[string, Record<string, string>, Schemes]>([
    ["by state", coupled, { v: exponentialEuler, w: rk4, u: exactLinear }],
    [
      "linearized",
      { v: "(v * (1 - v) * (v - 0.2) - w + 0.5 * I) / tau", w: "0.2 * (v - w^3) / tau" },
      exponentialEuler,
    ],
    ["automatic", { m: "exp(v) * (1 - m) / tau - m / tau", v: "m^3 * (1 - v + I) / tau" }, automatic],
  ])("%s", async (_, dynamics, integrator) => {
    const traces = [];
    for (const [, way] of WAYS) {
      const sim = simulation({ ...way, dt: "0.1 ms" });
      const cells = sim.population("cells", 5, neuron(dynamics), { integrator });
      sim.input(cells, { current: [0, 0.25, 0.5, 0.75, 1] });
      const v = sim.monitor.state(cells, "v");
      await sim.run("10 ms");
      traces.push(v.values);
    }
    const [single, double, plain] = traces;
    expect(new Set(plain).size).toBeGreaterThan(50);
    double!.forEach((value, k) => {
      expect(value).toBeCloseTo(plain![k]!, 11);
    });
    expect(single!.length).toBe(plain!.length);
    single!.forEach((value, k) => {
      expect(value).toBeCloseTo(plain![k]!, 4);
    });
  });
});

describe("schemes in training", () => {
  it("are kept by model files", () => {
    const trained = neuron({ v: "(I - v) / tau" }, { integrator: { v: automatic } });
    const description = describeModel(
      network({ inputs: 1, layers: [dense(2, trained)], encoder: rate(), steps: 2, dt: "1 ms" }),
      "test",
    );
    expect(description.neurons[0]!.integrator).toEqual({ v: "automatic" });
    expect(buildModel(description, "model").layers).toHaveLength(1);
  });
});
