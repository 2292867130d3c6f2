import { describe, expect, it } from "vitest";
import { chainGradient, defineOptimizer, type OptimizerSpec } from "#spikevine/src/equations/definitions/optimizer";
import { evaluate, freeSymbols } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";

const SGD: OptimizerSpec = {
  name: "sgd",
  summary: "test",
  source: "test",
  parameters: { learningRate: { value: 0.5, min: 0, exclusiveMin: true, summary: "step" } },
  weight: "weight - learningRate * gradient",
};

const ADAM: OptimizerSpec = {
  name: "adam",
  summary: "Adaptive moments.",
  source: "D. Kingma and J. Ba, ICLR 2015",
  states: { m: { initial: 0, summary: "mean of gradients" }, v: { initial: 0, summary: "mean of squares" } },
  parameters: {
    learningRate: { value: 0.001, min: 0, exclusiveMin: true, summary: "step" },
    beta1: { value: 0.9, min: 0, max: 1, exclusiveMax: true, summary: "memory of the mean" },
    beta2: { value: 0.999, min: 0, max: 1, exclusiveMax: true, summary: "memory of the squares" },
    epsilon: { value: 1e-8, min: 0, summary: "floor of the divisor" },
  },
  update: { m: "beta1 * m + (1 - beta1) * gradient", v: "beta2 * v + (1 - beta2) * gradient^2" },
  weight: "weight - learningRate * m / (1 - beta1^k) / (sqrt(v / (1 - beta2^k)) + epsilon)",
};

describe("rules", () => {
  it("updates by hand-computed numbers", () => {
    const { kernel, uniforms } = defineOptimizer(SGD).compile();
    expect(evaluate(kernel.formulas, { ...uniforms(1), weight: 2, gradient: 3 })).toEqual({ weight: 0.5 });
    expect(kernel).toMatchObject({ name: "sgd", states: [], usesFactor: false, uniforms: ["u0"] });
  });

  it("reads equations in order: the weight sees the updated states", () => {
    const rule = defineOptimizer({
      ...SGD,
      states: { a: { initial: 0, summary: "a" }, b: { initial: 1, summary: "b" } },
      update: { a: "a + gradient", b: "a * b" },
      weight: "weight + b",
    });
    const { kernel } = rule.compile();
    expect(evaluate(kernel.formulas, { weight: 10, gradient: 2, a: 3, b: 7 })).toEqual({ a: 5, b: 35, weight: 45 });
  });

  it("hoists everything that is the same for all synapses", () => {
    const { kernel, uniforms } = defineOptimizer(ADAM).compile();
    const symbols = freeSymbols(Object.values(kernel.formulas));
    expect(symbols.filter((name) => !kernel.uniforms.includes(name))).toEqual(["gradient", "m", "v", "weight"]);
    expect(Object.keys(uniforms(3)).sort()).toEqual([...kernel.uniforms].sort());
    const values = Object.values(uniforms(3));
    for (const expected of [0.9, 1 - 0.9, 1 - 0.9 ** 3, 1 - 0.999 ** 3]) {
      expect(values.some((value) => Math.abs(value - expected) < 1e-15)).toBe(true);
    }
  });

  it("follows Adam written by hand", () => {
    const { kernel, uniforms } = defineOptimizer(ADAM).compile();
    let state = { weight: 1, m: 0, v: 0 };
    let m = 0;
    let v = 0;
    let w = 1;
    for (let k = 1; k <= 5; k++) {
      const gradient = Math.sin(k);
      const learningRate = 0.01 / k;
      m = 0.9 * m + 0.1 * gradient;
      v = 0.999 * v + 0.001 * gradient ** 2;
      w -= (learningRate * m) / (1 - 0.9 ** k) / (Math.sqrt(v / (1 - 0.999 ** k)) + 1e-8);
      state = evaluate(kernel.formulas, { ...state, ...uniforms(k, { learningRate }), gradient }) as typeof state;
      expect(state.weight).toBeCloseTo(w, 13);
    }
  });

  it("accepts other parameters", () => {
    const { kernel, uniforms } = defineOptimizer(SGD).with({ learningRate: 2 }).compile();
    expect(evaluate(kernel.formulas, { ...uniforms(1), weight: 1, gradient: 1 })).toEqual({ weight: -1 });
  });

  it("does not let a uniform take the name of a state", () => {
    const rule = defineOptimizer({
      ...SGD,
      states: { u0: { initial: 0, summary: "u0" } },
      update: { u0: "u0 + learningRate" },
    });
    const { kernel, uniforms } = rule.compile();
    expect(kernel.uniforms).not.toContain("u0");
    expect(evaluate(kernel.formulas, { ...uniforms(1), weight: 1, gradient: 1, u0: 3 })).toEqual({
      u0: 3.5,
      weight: 0.5,
    });
  });

  it("describes itself", () => {
    const text = defineOptimizer(ADAM).describe();
    expect(text).toContain("v = beta2 * v + (1 - beta2) * gradient^2");
    expect(text).toContain("- `m` (from 0): mean of gradients");
    expect(text).toContain("| `beta1` | 0.9 | 1 | memory of the mean |");
  });
});

describe("composing a gradient", () => {
  it("puts weight decay, a scale and a factor in front of a rule", () => {
    const rule = chainGradient(defineOptimizer(SGD), "scale * factor * gradient + decay * weight", ["scale", "decay"]);
    const { kernel, uniforms } = rule.compile();
    expect(kernel.usesFactor).toBe(true);
    const values = { ...uniforms(1, { scale: 2, decay: 0.25 }), weight: 4, gradient: 3, factor: 1.5 };
    expect(evaluate(kernel.formulas, values).weight).toBe(4 - 0.5 * (2 * 1.5 * 3 + 0.25 * 4));
    expect(rule.describe()).toContain("gradient = scale * factor * gradient + decay * weight");
    expect(rule.with({ learningRate: 1 }).extras).toEqual(["scale", "decay"]);
  });

  it("applies a later transform first", () => {
    const once = chainGradient(defineOptimizer(SGD), "scale * gradient", ["scale"]);
    const twice = chainGradient(once, "gradient + decay * weight", ["decay"]);
    const { kernel, uniforms } = twice.compile();
    const values = { ...uniforms(1, { scale: 2, decay: 0.25 }), weight: 4, gradient: 3 };
    expect(evaluate(kernel.formulas, values).weight).toBe(4 - 0.5 * 2 * (3 + 1));
  });

  it("refuses unknown and taken names", () => {
    const rule = defineOptimizer(ADAM);
    expect(() => chainGradient(rule, "gradient * scle", ["scale"])).toThrow('did you mean "scale"');
    expect(() => chainGradient(rule, "gradient * m", ["m"])).toThrow('the name "m" is reserved');
    expect(() => chainGradient(rule, "gradient * m")).toThrow('unknown name "m"');
  });
});

describe("errors in an optimizer's specification", () => {
  it.each<[Partial<OptimizerSpec>, string]>([
    [{ weight: "weight - learningrate * gradient" }, 'unknown name "learningrate": did you mean "learningRate"?'],
    [{ update: { m: "m" } }, 'update of "m", which is not in states'],
    [{ states: { m: { initial: 0, summary: "m" } } }, 'state "m" needs one equation'],
    [{ states: { weight: { initial: 0, summary: "m" } }, update: { weight: "1" } }, 'the name "weight" is reserved'],
    [{ states: { learningRate: { initial: 0, summary: "m" } } }, "reserved"],
    [
      { states: { m: { initial: Number.NaN, summary: "m" } }, update: { m: "m" } },
      "states.m.initial is NaN; give a number",
    ],
    [{ parameters: { learningRate: { value: "1 ms", summary: "x" } } }, "plain numbers"],
    [
      { parameters: { learningRate: { value: -1, min: 0, summary: "x" } } },
      '"learningRate" is -1; give a number of at least 0.',
    ],
    [{ parameters: { k: { value: 1, summary: "x" } } }, 'the name "k" is reserved'],
    [{ weight: "" }, "plasticity/sgd: weight is empty"],
  ])("case %#", (change, message) => {
    const define = () => defineOptimizer({ ...SGD, ...change });
    expect(define).toThrow(SpikevineError);
    expect(define).toThrow(message);
  });
});
