import { describe, expect, it } from "vitest";
import { exponentialEuler, forwardEuler, semiImplicit, tanhDerivative } from "#spikevine/neurons/index";
import { defineNeuron, type NeuronSpec } from "#spikevine/src/equations/definitions/neuron";
import { evaluate, freeSymbols } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";

const LIF: NeuronSpec = {
  name: "mine",
  summary: "test",
  source: "test",
  input: { symbol: "current", unit: "pA" },
  states: { v: { unit: "mV", initial: "rest", summary: "potential" } },
  parameters: {
    rest: { value: "-65 mV", summary: "rest" },
    threshold: { value: "-50 mV", summary: "threshold" },
    g: { value: "10 nS", min: 0, exclusiveMin: true, summary: "leak" },
    C: { value: "200 pF", min: 0, exclusiveMin: true, summary: "capacitance" },
  },
  dynamics: { v: "(g * (rest - v) + current) / C" },
  spike: "v - threshold",
  reset: { v: "y > 0 ? rest : v" },
  surrogate: tanhDerivative(),
};

const define = (change: Partial<NeuronSpec>) => defineNeuron({ ...LIF, ...change });
/** The spec without some of its fields. */
const without = (...fields: (keyof NeuronSpec)[]): NeuronSpec =>
  Object.fromEntries(
    Object.entries(LIF).filter(([field]) => !fields.includes(field as keyof NeuronSpec)),
  ) as unknown as NeuronSpec;

const values = (neuron: ReturnType<typeof defineNeuron>) =>
  Object.fromEntries(Object.entries(neuron.parameters).map(([name, { value }]) => [name, value]));

describe("kernels", () => {
  it("steps a conductance-based membrane in internal units", () => {
    const neuron = define({});
    const { step, initial } = neuron.kernel({ dt: "1 ms" });
    expect(evaluate(initial, values(neuron))).toEqual({ v: -65 });
    // Time constant 200 pF / 10 nS = 20 ms; 300 pA / 10 nS = 30 mV.
    const { now__v } = evaluate(step, { ...values(neuron), v: -65, y: 0, input: 300 });
    expect(now__v).toBeCloseTo(-65 + 30 * (1 - Math.exp(-1 / 20)), 12);
  });

  it("names only symbols of the contract", () => {
    const kernel = define({}).kernel({ dt: 1 });
    expect(kernel.states).toEqual(["v"]);
    expect(kernel.parameters).toEqual(["rest", "threshold", "g", "C"]);
    expect(Object.keys(kernel.step)).toEqual(["now__v", "y__now"]);
    expect(Object.keys(kernel.carry)).toEqual(["v", "y"]);
    expect(Object.keys(kernel.adjoint)).toEqual([
      "d__input",
      "d__rest",
      "d__threshold",
      "d__g",
      "d__C",
      "d__v",
      "d__y",
    ]);
    expect(freeSymbols(Object.values(kernel.step))).toEqual(["C", "g", "input", "rest", "threshold", "v"].sort());
    expect(freeSymbols(Object.values(kernel.carry))).toEqual(["now__v", "rest", "threshold"]);
  });

  it("needs less to be stored when less is trained", () => {
    const neuron = define({});
    expect(neuron.kernel({ dt: 1 }).adjointNeeds).toEqual(["now__v", "input"]);
    expect(neuron.kernel({ dt: 1, trained: ["threshold"] }).adjointNeeds).toEqual(["now__v"]);
  });

  it("leaves out parameters that no equation uses, and states the adjoint does not need", () => {
    const kernel = defineNeuron({
      ...without("dynamics", "reset", "surrogate", "spike"),
      parameters: { spare: { value: 1, summary: "unused" }, a: { value: 0.5, summary: "decay" } },
      states: { v: { unit: "pA", summary: "trace" }, n: { summary: "counter" } },
      update: { v: "a * v + current", n: "n + 1" },
      output: "v",
    }).kernel({ dt: 1, trained: [] });
    expect(kernel.parameters).toEqual(["a"]);
    expect(kernel.adjointNeeds).toEqual([]);
    expect(kernel.output).toBe("values");
  });

  it("uses the stored value of a state instead of computing it again", () => {
    const relu: NeuronSpec = {
      ...without("dynamics", "reset", "spike", "surrogate", "input", "parameters"),
      states: { s: { summary: "state" } },
      update: { s: "sigmoid(I * 2 + tanh(s))" },
      output: "s^2",
    };
    expect(defineNeuron(relu).kernel({ dt: 1 }).adjointNeeds).toEqual(["now__s"]);
  });

  it("mixes difference and differential equations", () => {
    const neuron = define({
      states: { ...LIF.states, n: { summary: "spike counter" } },
      update: { n: "0.5 * n + y" },
      integrator: forwardEuler,
    });
    const next = evaluate(neuron.kernel({ dt: 2 }).step, { ...values(neuron), v: -60, n: 4, y: 1, input: 0 });
    expect(next).toEqual({ now__v: -60 + (2 * 10 * -5) / 200, now__n: 3, y__now: 0 });
  });

  it("replaces the spike by its smooth primitive on request, with the same adjoint", () => {
    const kernel = define({}).kernel({ dt: 1, smooth: true });
    expect(kernel.output).toBe("values");
    expect(evaluate(kernel.carry, { ...values(define({})), now__v: -49.5 }).y).toBeCloseTo(Math.tanh(0.5), 12);
    expect(kernel.adjoint.d__threshold).toBe(define({}).kernel({ dt: 1 }).adjoint.d__threshold);
  });

  it("refuses a step that is not a time, and an unknown trained parameter", () => {
    expect(() => define({}).kernel({ dt: "1 mV" })).toThrow(
      'neurons/mine: dt is 1 mV (in mV); give a time, e.g. "20 ms".',
    );
    expect(() => define({}).kernel({ dt: -1 })).toThrow("neurons/mine: dt is -1; give a time above 0 ms.");
    expect(() => define({}).kernel({ dt: 1, trained: ["treshold"] })).toThrow('did you mean "threshold"?');
  });
});

describe("errors in a neuron's specification", () => {
  it.each<[Partial<NeuronSpec>, string]>([
    [
      { dynamics: { v: "(rest - v) / C + current / C" } },
      'neurons/mine: in dv/dt the term "(rest - v) / C" is in mV/pF; every term must be in mV/ms.',
    ],
    [
      { dynamics: { v: "(g * (rst - v) + current) / C" } },
      'neurons/mine: in dv/dt: unknown name "rst": did you mean "rest"?',
    ],
    [{ dynamics: { v: "(g * (rest - v) + I) / C" } }, 'neurons/mine: in dv/dt: unknown name "I"'],
    [{ dynamics: { v: "g * v * v / C / rest" }, integrator: semiImplicit }, 'neurons/mine: dv/dt is not linear in "v"'],
    [{ integrator: { w: exponentialEuler } }, 'unknown state in integrator of neurons/mine "w": did you mean "v"?'],
    [{ reset: { v: "0.5" } }, 'neurons/mine: in the reset of v the term "0.5" has no unit; every term must be in mV.'],
    [{ reset: { v: "rest + current / g" } }, 'neurons/mine: in the reset of v: unknown name "current"'],
    [
      { reset: { v: "rest" } },
      'neurons/mine: the reset of v, "rest", does not depend on y and would act in every step; write "y > 0 ? rest : v".',
    ],
    [{ reset: { v: "v - 1 mV" } }, 'write "y > 0 ? v - 1 mV : v".'],
    [{ reset: { w: "rest" } }, 'neurons/mine: reset has "w", which is not in states (v).'],
    [
      { update: { v: "v" } },
      'neurons/mine: state "v" has both an update and a dynamics; give one: update or dynamics.',
    ],
    [{ output: "v" }, "neurons/mine has both spike and output"],
    [{ spike: "v - threshold * y" }, 'neurons/mine: in spike: unknown name "y"'],
    [{ spike: "v - current" }, 'neurons/mine: in spike the term "current" is in pA; every term must be in mV.'],
    [
      { states: { v: { unit: "mV", initial: "-65 ms", summary: "v" } } },
      "neurons/mine: initial value of v is -65 ms (in ms); give a voltage",
    ],
    [
      { states: { v: { unit: "mV", initial: "rest / g", summary: "v" } } },
      'initial value of v: the term "rest / g" is in',
    ],
    [
      { states: { v: { unit: "mV", initial: -65, summary: "v" } } },
      "initial value of v is -65 (no unit); give a voltage",
    ],
    [{ states: { v: { unit: "mw", summary: "v" } } }, 'neurons/mine: state "v": unknown unit "mw"'],
    [
      { states: { ...LIF.states, y: { summary: "y" } }, update: { y: "0" } },
      'neurons/mine: the name "y" is reserved; choose another.',
    ],
    [{ states: { ...LIF.states, a__b: { summary: "y" } }, update: { a__b: "0" } }, '"a__b" cannot be a name'],
    [{ states: { ...LIF.states, g: { summary: "y" } }, update: { g: "0" } }, 'the name "g" is reserved'],
    [{ input: { symbol: "exp" } }, 'the name "exp" is reserved'],
    [{ input: { symbol: "g" } }, 'the name "g" is reserved'],
    [{ parameters: { ...LIF.parameters, proto__x: { value: 1, summary: "x" } } }, "cannot be a name"],
    [
      { parameters: { ...LIF.parameters, C: { value: "200 pF", min: 300, summary: "x" } } },
      '"C" is 200 pF; give a value of at least 300 pF.',
    ],
    [
      { parameters: { ...LIF.parameters, C: { value: 200, unit: "pF", summary: "x" } } },
      '"C" is 200 (no unit); give a capacitance, e.g. "200 pF".',
    ],
  ])("case %#: %o", (change, message) => {
    expect(() => define(change)).toThrow(SpikevineError);
    expect(() => define(change)).toThrow(message);
  });

  it("gives neither spike nor output", () => {
    expect(() => defineNeuron(without("spike"))).toThrow("neurons/mine has neither spike nor output; give one");
  });

  it("checks changed values as it checks defaults", () => {
    expect(() => define({}).with({ parameters: { C: "-1 pF" } })).toThrow('"C" is -1 pF; give a value above 0 pF.');
    expect(() => define({}).with({ parameters: { c: "1 pF" } })).toThrow(
      'neurons/mine: unknown parameter "c"; did you mean "C"?',
    );
    expect(define({}).with({ parameters: { C: "0.1 nF" } }).parameters.C).toMatchObject({
      value: 100,
      shown: "0.1 nF",
      unit: "pF",
    });
  });
});
