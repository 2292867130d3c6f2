import { describe, expect, it } from "vitest";
import * as ready from "#spikevine/neurons/index";
import {
  defineNeuron,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  type NeuronDefinition,
  rk2,
  rk4,
  semiImplicit,
} from "#spikevine/neurons/index";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";

type Scheme = NonNullable<Parameters<NeuronDefinition["with"]>[0]["integrator"]>;

const base = { name: "test", summary: "A test.", source: "none" } as const;

/** Two states of plain numbers by their rates, over `per`, 1 / ms. */
const pair = (x: string, z: string, integrator: Scheme) =>
  defineNeuron({
    ...base,
    states: { x: { initial: 1, summary: "x" }, z: { initial: 0.5, summary: "z" } },
    parameters: { per: { value: "1000 Hz", summary: "one in a ms" } },
    dynamics: { x: `(${x}) * per`, z: `(${z}) * per` },
    output: "x",
    integrator,
  });

/** Behaviour of the scheme: the size of the states after steps of dt, from the kernel. */
function sizeAfter(neuron: NeuronDefinition, dt: number, steps: number): number {
  const names = Object.keys(neuron.states);
  const { step } = neuron.kernel({ dt, numbers: true });
  const formulas = Object.fromEntries(names.map((s) => [s, step[`now__${s}`]!]));
  let values: Record<string, number> = Object.fromEntries(names.map((s, i) => [s, 1 - i / 2]));
  for (let k = 0; k < steps; k++) values = { ...evaluate(formulas, { ...values, input: 0, y: 0 }) };
  return Math.hypot(...Object.values(values));
}

describe("limits of linear equations", () => {
  // Limits on dt for a decay of 1 / ms and a damped oscillation -0.5 +- 4i, from the schemes' stability functions.
  it.each<[string, Scheme, string, string, number]>([
    ["forward Euler of a decay: 2", forwardEuler, "-x", "-0.1 * z", 2],
    ["rk2 of a decay: 2", rk2, "-x", "-0.1 * z", 2],
    ["rk4 of a decay: 2.7853", rk4, "-x", "-0.1 * z", 2.785293563],
    ["semi-implicit of a constant leak: that of forward Euler", semiImplicit, "-x", "-0.1 * z", 2],
    [
      "forward Euler of a damped oscillation: 2 |re| / |z|^2",
      forwardEuler,
      "4 * z - 0.5 * x",
      "-4 * x - 0.5 * z",
      1 / 16.25,
    ],
    ["rk4 of an oscillation: sqrt(8)", rk4, "z", "-x", Math.sqrt(8)],
    ["a stiff state beside one that grows by itself", forwardEuler, "0.01 * x + z", "-10 * z", 0.2],
    ["a stiff and a growing mode of coupled states", forwardEuler, "-5 * x + 6 * z", "6 * x - 5 * z", 2 / 11],
    ["exponential Euler of strong coupling", exponentialEuler, "-x + 3 * z", "-3 * x - z", Math.log(10 / 8)],
  ])("%s", (_, integrator, x, z, limit) => {
    const neuron = pair(x, z, integrator);
    expect(neuron.instabilities({ dt: 0.999 * limit })).toEqual([]);
    const [found] = neuron.instabilities({ dt: 1.001 * limit });
    expect(found!.varies).toEqual([]);
    expect(found!.integrator).toBe(integrator.name);
    expect(found!.largest).toBeLessThan(limit);
    expect(found!.largest).toBeGreaterThan(0.99 * limit);
    expect(neuron.instabilities({ dt: found!.largest })).toEqual([]);
  });

  it.each([0.01, 1, 1e6])("none for exactLinear, and none for one decay by exponentialEuler: dt %d ms", (dt) => {
    expect(pair("4 * z - 0.5 * x", "-4 * x - 0.5 * z", exactLinear).instabilities({ dt })).toEqual([]);
    expect(pair("-x", "x - 0.1 * z", exponentialEuler).instabilities({ dt })).toEqual([]);
  });

  it("none where the equations grow by themselves, oscillating or not", () => {
    for (const dt of [0.01, 1, 10]) {
      expect(pair("x", "0.5 * z", forwardEuler).instabilities({ dt })).toEqual([]);
      expect(pair("0.1 * x + 3 * z", "-3 * x + 0.1 * z", forwardEuler).instabilities({ dt })).toEqual([]);
    }
  });

  it("none for states that neither grow nor decay: an integral, and an integral of an integral", () => {
    expect(pair("I", "x", forwardEuler).instabilities({ dt: 5 })).toEqual([]);
    expect(pair("z - x", "x - z", forwardEuler).instabilities({ dt: 0.5 })).toEqual([]);
  });

  it("none for a decay that is slower than a million steps", () => {
    expect(pair("-1e-12 * x", "-1e-9 * z", forwardEuler).instabilities({ dt: 0.1 })).toEqual([]);
  });

  it("an undamped oscillation grows at any step of forward Euler that is more than 1e-9 a step", () => {
    for (const dt of [0.001, 0.1, 10]) {
      const [found] = pair("z", "-x", forwardEuler).instabilities({ dt });
      expect(found!.states).toEqual(["x", "z"]);
      expect(found!.largest).toBeCloseTo(Math.sqrt(2e-9), 6);
    }
  });

  it("agrees with simulated steps", () => {
    for (const [integrator, x, z] of [
      [forwardEuler, "-x + 2 * z", "-2 * x - 3 * z"],
      [rk4, "-x + 2 * z", "-2 * x - 3 * z"],
      [exponentialEuler, "-x + 3 * z", "-3 * x - z"],
      [semiImplicit, "-x + 2 * z", "-2 * x - 3 * z"],
    ] as const) {
      const neuron = pair(x, z, integrator);
      const { largest } = neuron.instabilities({ dt: 100 })[0]!;
      expect(sizeAfter(neuron, 0.95 * largest, 1500)).toBeLessThan(1e-3);
      expect(sizeAfter(neuron, 1.03 * largest, 1500)).toBeGreaterThan(1e3);
    }
  });

  it("a condition on an input or on a state of its own kind is decided both ways", () => {
    const held = defineNeuron({
      ...base,
      states: { v: { summary: "v" }, r: { summary: "time left" } },
      parameters: { tau: { value: "1 ms", summary: "tau" } },
      dynamics: { v: "r > 0 ? 0 * v / tau : (I - v) / tau" },
      update: { r: "max(r - 1, 0)" },
      output: "v",
      integrator: forwardEuler,
    });
    expect(held.instabilities({ dt: 3 })).toMatchObject([{ states: ["v"], largest: 1.99, varies: [] }]);
    expect(held.instabilities({ dt: 1.9 })).toEqual([]);
  });
});

describe("estimates of non-linear equations", () => {
  it("are those of the linear equations around the start", () => {
    const cubic = pair("-x^3", "-z", forwardEuler);
    expect(cubic.instabilities({ dt: 0.7 })).toMatchObject([{ states: ["x"], largest: 0.666, varies: ["x"] }]);
    expect(cubic.instabilities({ dt: 0.7, states: { x: 0.5 } })).toEqual([]);
    expect(cubic.instabilities({ dt: 0.01, states: { x: 10 } })[0]!.largest).toBe(0.00666);
  });

  it("depend on an input where the decay does", () => {
    const driven = pair("-(1 + I) * x", "-z", forwardEuler);
    expect(driven.instabilities({ dt: 0.5 })).toEqual([]);
    expect(driven.instabilities({ dt: 0.5, input: 9 })).toMatchObject([{ largest: 0.199, varies: ["input"] }]);
  });

  it("of Hodgkin and Huxley's axon by forward Euler: twice the fastest gate's time constant", () => {
    const [found] = ready.hodgkinHuxley().with({ integrator: forwardEuler }).instabilities({ dt: 1 });
    expect(found!.states).toEqual(["v", "m", "h", "n"]);
    expect(found!.largest).toBeGreaterThan(0.4);
    expect(found!.largest).toBeLessThan(0.48);
  });
});

const READY: Record<string, () => NeuronDefinition> = {
  ...ready.neurons,
  adex: ready.adex,
  cobaLif: ready.cobaLif,
  cubaLif: ready.cubaLif,
  hodgkinHuxley: ready.hodgkinHuxley,
  traubMiles: () => ready.hodgkinHuxley({ channels: "traubMiles" }),
  izhikevich: ready.izhikevich,
  refractory: () => ready.lif({ refractory: "2 ms" }),
};

describe.each(Object.entries(READY))("%s", (_, make) => {
  it("is stable by its own scheme at 0.1 ms and 1 ms", () => {
    for (const dt of [0.1, 1]) expect(make().instabilities({ dt })).toEqual([]);
  });

  it("is supported by every scheme that exactLinear suggests when it refuses it", () => {
    let message = "";
    try {
      make().with({ integrator: exactLinear });
      return;
    } catch (error) {
      expect(error).toBeInstanceOf(SpikevineError);
      message = (error as Error).message;
    }
    const named = [exponentialEuler, forwardEuler, rk4, semiImplicit].filter(({ name }) =>
      message.split("use the integrator")[1]!.includes(name),
    );
    expect(named.length).toBeGreaterThan(0);
    for (const integrator of named) {
      expect(make().with({ integrator }).kernel({ dt: 0.1 }).states).toEqual(Object.keys(make().states));
    }
  });
});
