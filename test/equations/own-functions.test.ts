import { describe, expect, it } from "vitest";
import { defineNeuron, type NeuronDefinition, rk4 } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "../simulation/ways.js";

const neuron = (functions: Record<string, string>, v: string, more: object = {}): NeuronDefinition =>
  defineNeuron({ name: "test", functions, states: { v: {} }, update: { v }, output: "v", ...more });

/** The Jansen-Rit curve of rates, called twice with other inputs. */
const written = { update: undefined, states: { v: { unit: "mV" }, w: { unit: "mV" } }, output: "w" };
const dynamics = (rise: (x: string) => string) => ({
  v: `(10 mV * ${rise("w + 3 mV")} - v) / (4 ms)`,
  w: `(8 mV * ${rise("v")} - w) / (2 ms)`,
});

describe.each(WAYS)("functions of a definition, %s", (_, way) => {
  it("have the values of the same equations without them, to the bit", async () => {
    const ends = [];
    for (const own of [true, false]) {
      const rise = (x: string): string => (own ? `rise(${x})` : `1 / (1 + exp(-(${x}) / (5 mV)))`);
      const functions = own ? { "rise(x)": "1 / (1 + exp(-x / (5 mV)))" } : {};
      const { update: _update, ...spec } = written;
      const cell = defineNeuron({ name: "pair", functions, ...spec, dynamics: dynamics(rise), integrator: rk4 });
      const sim = simulation({ ...way, dt: "0.1 ms" });
      const cells = sim.population("cells", 1, cell);
      await sim.run("20 ms");
      ends.push(sim.state(cells, "w")[0]!);
    }
    expect(ends[0]).toBe(ends[1]);
    expect(ends[0]!).toBeGreaterThan(1);
  });

  it("call functions before them, read names of the equation, and draw for every call", async () => {
    const cell = neuron(
      { "twice(x)": "2 * x", "next(x, more)": "twice(x) + more * step(scale)", "draw()": "rand()" },
      "v",
      {
        parameters: { scale: { value: 3 } },
        states: { v: {}, d: {} },
        update: { v: "next(v, 1)", d: "draw() - draw()" },
      },
    );
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 1, cell);
    await sim.run("4 ms");
    expect(sim.state(cells, "v")[0]).toBe(15);
    expect(sim.state(cells, "d")[0]).not.toBe(0);
  });
});

describe("refusals of functions", () => {
  it.each<[string, Record<string, string>, string, string]>([
    ["a head without inputs", { f: "1" }, "v", 'neurons/test: the function "f" has no inputs; write e.g. "f(x, z)".'],
    ["a reserved name", { "exp(x)": "x" }, "v", 'neurons/test: the name "exp" is reserved; choose another.'],
    ["the same name twice", { "f(x)": "x", "f(x, z)": "x" }, "v", 'neurons/test: the name "f" is reserved'],
    ["the same input twice", { "f(x, x)": "x" }, "v", 'neurons/test: in f(x, x): the name "x" is reserved'],
    ["a function that calls itself", { "f(x)": "f(x) + 1" }, "v", "calls an unknown function"],
    ["a wrong number of inputs", { "f(x, z)": "x + z" }, "f(v)", '"f(v)" gives f 1 arguments instead of 2'],
    ["another unknown name", { "f(x)": "x + zz" }, "f(v)", 'unknown name "zz"'],
    ["units that do not fit", { "f(x)": "x + 1 mV" }, "f(v)", "neurons/test: in the update of v"],
    [
      "functions that double an equation again and again",
      Object.fromEntries(
        Array.from({ length: 30 }, (_, k) => [`f${k}(x)`, k === 0 ? "x + x" : `f${k - 1}(x) + f${k - 1}(x)`]),
      ),
      "v",
      "with its functions written out, the equation has more than 20000 operations",
    ],
    [
      "inputs that double again and again",
      { "f(x)": "x + x" },
      `${"f(".repeat(60)}v${")".repeat(60)}`,
      "with its functions written out, the equation has more than 20000 operations",
    ],
  ])("%s", (_, functions, v, message) => {
    expect(() => neuron(functions, v)).toThrow(message);
  });

  it("but not functions that nothing calls, nor an input with the name of a state", () => {
    expect(() => neuron({ "f(v)": "v * v" }, "f(v + 1)")).not.toThrow();
  });

  it.each([
    ["f(x)", "x * (1 mV + 2 ms)", 'in f(x) the term "2 ms" is in ms'],
    ["f(x)", "x + exp(tau)", '"tau", the argument of exp, is in ms'],
    ["f(x)", "fast + x + 1 mV", "in f(x) the term"],
    ["f()", "v + t", "in f() the term"],
    ["f(x)", "x > 0 ? tau : 1 mV", 'the term "1 mV" is in mV'],
    ["f(x)", "x + xi + 1 mV", "in f(x) the term"],
  ])("units of %s = %s, which nothing calls", (head, body, message) => {
    const parameters = { tau: { value: "5 ms" } };
    expect(() => neuron({ [head]: body }, "v", { parameters, derived: { fast: "tau / 2" } })).toThrow(message);
  });

  it("but not units that fit for some inputs", () => {
    const functions = {
      "f(x)": "x + 1 mV",
      "g(x, n)": "(10 mV)^n + x",
      "h(x)": "x * tau + 1 mV",
      "k(x)": "x^2 / exp(x)",
    };
    expect(() => neuron(functions, "v", { parameters: { tau: { value: "5 ms" } } })).not.toThrow();
  });

  it("units in functions of synapses that nothing calls, those of neurons when they are connected", () => {
    const synapse = (body: string) => defineSynapse({ name: "test", functions: { "f(x)": body } });
    expect(() => synapse("weight + 1 mV")).toThrow('plasticity/test: in f(x) the term "1 mV" is in mV');
    expect(() => synapse("v_post + 1 mV")).not.toThrow();
  });
});
