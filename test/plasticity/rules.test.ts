import { describe, expect, it } from "vitest";
import {
  adam,
  adamW,
  bioAdam,
  momentum,
  nesterov,
  type OptimizerDefinition,
  optimizers,
  rmsprop,
  sgd,
  weightDecay,
} from "#spikevine/plasticity/index";
import { evaluate } from "#spikevine/src/equations/language/expression";

/** Applies a rule to one synapse for a list of gradients; returns the weight after each update. */
function trace(rule: OptimizerDefinition, gradients: readonly number[], weight = 1): number[] {
  const { kernel, uniforms } = rule.compile();
  let now: Record<string, number> = { weight };
  for (const [name, { initial }] of Object.entries(rule.states)) now[name] = initial;
  return gradients.map((gradient, i) => {
    now = evaluate(kernel.formulas, { ...now, ...uniforms(i + 1), gradient });
    return now.weight!;
  });
}

const closeTo = (got: number[], want: number[]): void => {
  expect(got).toHaveLength(want.length);
  for (const [i, w] of want.entries()) expect(got[i]).toBeCloseTo(w, 12);
};

describe("optimizers, by hand", () => {
  it("sgd", () => closeTo(trace(sgd({ learningRate: 0.5 }), [1, -2]), [0.5, 1.5]));

  it("momentum: v = 0.5 v + g", () => {
    closeTo(trace(momentum({ learningRate: 0.1, momentum: 0.5 }), [1, 1, 0]), [0.9, 0.75, 0.675]);
  });

  it("nesterov: w -= lr (g + mu v)", () => {
    closeTo(trace(nesterov({ learningRate: 0.1, momentum: 0.5 }), [1, 1]), [0.85, 0.675]);
  });

  it("rmsprop: g / (sqrt(v) + eps)", () => {
    const v1 = 0.1;
    const v2 = 0.9 * v1 + 0.1 * 4;
    const w1 = 1 - 0.01 / (Math.sqrt(v1) + 1e-8);
    closeTo(trace(rmsprop({ learningRate: 0.01 }), [1, 2]), [w1, w1 - 0.02 / (Math.sqrt(v2) + 1e-8)]);
  });

  it("adam moves by the learning rate at first, whatever the size of the gradient", () => {
    for (const g of [1e-3, 1, 1e3]) expect(trace(adam({ learningRate: 0.01 }), [g])[0]).toBeCloseTo(0.99, 6);
  });

  it("adam, two updates against the algorithm as printed", () => {
    let [m, v, w] = [0, 0, 1];
    const want = [0.3, -0.7].map((g, i) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      w -= (0.01 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      return w;
    });
    closeTo(trace(adam({ learningRate: 0.01 }), [0.3, -0.7]), want);
  });

  it("adam without bias correction", () => {
    const w = 1 - (0.01 * 0.03) / (Math.sqrt(0.001 * 0.09) + 1e-8);
    closeTo(trace(adam({ learningRate: 0.01, biasCorrection: false }), [0.3]), [w]);
  });

  it("adam-w, two updates against the algorithm as PyTorch documents it", () => {
    let [m, v, w] = [0, 0, 1];
    const want = [0.3, -0.7].map((g, i) => {
      w -= 0.01 * 0.5 * w;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      w -= (0.01 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      return w;
    });
    closeTo(trace(adamW({ learningRate: 0.01, weightDecay: 0.5 }), [0.3, -0.7]), want);
    // Without a gradient, only the decay is left: 1 - 0.1 * 0.2 of the weight per update.
    closeTo(trace(adamW({ learningRate: 0.1, weightDecay: 0.2 }), [0, 0]), [0.98, 0.9604]);
  });

  it("bio-adam: the first step from rho = 1 at |g| = 1e-3 gives rho 990.1 (eq. 17)", () => {
    const { kernel, uniforms } = bioAdam({ rhoRest: 1e8 }).compile();
    const after = evaluate(kernel.formulas, { weight: 0, m: 0, rho: 1, gradient: 1e-3, ...uniforms(1) });
    expect(after.rho).toBeCloseTo(990.1, 1);
    expect(after.m).toBeCloseTo(1e-4, 15);
    expect(after.weight).toBeCloseTo(-1e-4 * 1e-4 * after.rho!, 12);
  });

  it("bio-adam: rho settles at 1 / (|g| + 1/R) and stays in (0, R]", () => {
    for (const g of [0, 1e-9, 1e-4, 1, 1e6]) {
      const { kernel, uniforms } = bioAdam({ tauRho: 10, rhoRest: 1e6 }).compile();
      let now: Record<string, number> = { weight: 0, m: 0, rho: 1 };
      for (let k = 1; k <= 400; k++) {
        now = evaluate(kernel.formulas, { ...now, gradient: g, ...uniforms(k) });
        expect(now.rho).toBeGreaterThan(0);
        expect(now.rho).toBeLessThanOrEqual(1e6 * (1 + 1e-12));
      }
      const settled = 1 / (g + 1e-6);
      expect(Math.abs(now.rho! / settled - 1)).toBeLessThan(1e-9);
    }
  });

  it("bio-adam's cap bounds |m rho|", () => {
    const [capped] = trace(bioAdam({ learningRate: 1, cap: 2, rhoRest: 1e8, tauRho: 1 }), [1e-9], 0);
    const [free] = trace(bioAdam({ learningRate: 1, rhoRest: 1e8, tauRho: 1, tauM: 1 }), [1], 0);
    expect(Math.abs(capped!)).toBeLessThanOrEqual(2);
    expect(free).toBeCloseTo(-1, 6);
    const [cappedHard] = trace(bioAdam({ learningRate: 1, cap: 0.5, rhoRest: 1e8, tauRho: 1, tauM: 1 }), [1], 0);
    expect(cappedHard).toBeCloseTo(-0.5, 12);
  });

  it("are all in the registry under their names", () => {
    for (const [name, rule] of Object.entries(optimizers)) expect(rule.name).toBe(name);
  });
});

describe("options", () => {
  it("are refused outside their range, with the fix", () => {
    expect(() => sgd({ learningRate: -1 })).toThrow(/sgd.*learningRate.*-1.*at least 0/);
    expect(() => momentum({ momentum: 1 })).toThrow(/momentum.*below 1/);
    expect(() => adam({ beta2: Number.NaN })).toThrow(/beta2/);
    expect(() => adamW({ weightDecay: -1 })).toThrow(/weightDecay.*-1.*at least 0/);
    expect(() => bioAdam({ rhoRest: 0 })).toThrow(/rhoRest.*above 0/);
    expect(() => weightDecay(-1)).toThrow(/decay is -1/);
  });
});
