import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bioAdam } from "#spikevine/plasticity/index";
import { evaluate } from "#spikevine/src/equations/language/expression";

/** Two synapses that get the same updates, m rho = -1 (potentiation) or 1: their gap after each update. */
function gaps(change: -1 | 1, updates: number, { learningRate = 0.1, temperature = 1 } = {}): number[] {
  // tau_m 1 and a large R make m rho the sign of the gradient.
  const rule = bioAdam({ learningRate, tauM: 1, tauRho: 1, rhoRest: 1e12, predisposition: { temperature } });
  const { kernel, uniforms } = rule.compile();
  let pair: Record<string, number>[] = [1, -1].map((weight) => ({ weight, m: 0, rho: 1 }));
  return Array.from({ length: updates }, (_, k) => {
    pair = pair.map((synapse) => evaluate(kernel.formulas, { ...synapse, gradient: change, ...uniforms(k + 1) }));
    return pair[0]!.weight! - pair[1]!.weight!;
  });
}

describe("predisposition", () => {
  it("by hand: p is 2 / (1 + exp(w / T)) for potentiation and 2 / (1 + exp(-w / T)) for depression", () => {
    const p = 2 / (1 + Math.exp(1 / 0.5));
    const step = 0.1;
    expect(gaps(-1, 1, { temperature: 0.5 })[0]).toBeCloseTo(2 + step * p - step * (2 - p), 9);
    expect(gaps(1, 1, { temperature: 0.5 })[0]).toBeCloseTo(2 - step * (2 - p) + step * p, 9);
  });

  it.each([
    [10, 1.26],
    [50, 0.415],
    [100, 0.216],
    [1000, 0.022],
  ])("Figure 2C: after %i potentiations the gap of +1 and -1 is %d", (updates, gap) => {
    const digits = gap > 1 ? 2 : 3;
    expect(Number(gaps(-1, updates).at(-1)!.toFixed(digits))).toBe(gap);
    expect(Number(gaps(1, updates).at(-1)!.toFixed(digits))).toBe(gap);
  });

  it("reduces the difference to exp(-sum |u| / (2T)) to first order: 0.368 predicted, 0.365 measured", () => {
    // Changes whose signs alternate, so that the weights stay where p is nearly linear in them.
    const { kernel, uniforms } = bioAdam({
      learningRate: 1e-3,
      tauM: 1,
      tauRho: 1,
      rhoRest: 1e12,
      predisposition: { temperature: 10 },
    }).compile();
    let pair: Record<string, number>[] = [1, -1].map((weight) => ({ weight, m: 0, rho: 1 }));
    for (let k = 1; k <= 20_000; k++) {
      const gradient = k % 2 === 0 ? 1 : -1;
      pair = pair.map((synapse) => evaluate(kernel.formulas, { ...synapse, gradient, ...uniforms(k) }));
    }
    const measured = (pair[0]!.weight! - pair[1]!.weight!) / 2;
    expect(Math.exp(-20_000 * (1e-3 / 20))).toBeCloseTo(0.368, 3);
    expect(Math.abs(measured - 0.368)).toBeLessThan(0.004);
  });

  it("never drives two synapses apart, whatever they get", () => {
    const gradients = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
    const weight = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        gradients,
        weight,
        weight,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (given, a, b, temperature) => {
          const { kernel, uniforms } = bioAdam({
            learningRate: 0.01,
            tauM: 2,
            tauRho: 10,
            rhoRest: 10,
            predisposition: { temperature },
          }).compile();
          let pair: Record<string, number>[] = [a, b].map((w) => ({ weight: w, m: 0, rho: 1 }));
          given.forEach((gradient, k) => {
            const before = Math.abs(pair[0]!.weight! - pair[1]!.weight!);
            pair = pair.map((synapse) => evaluate(kernel.formulas, { ...synapse, gradient, ...uniforms(k + 1) }));
            expect(Math.abs(pair[0]!.weight! - pair[1]!.weight!)).toBeLessThanOrEqual(before + 1e-12);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves thresholds and biases alone", () => {
    const rule = bioAdam({ learningRate: 0.1, tauM: 1, tauRho: 1, predisposition: { temperature: 0.1 } });
    const { kernel, uniforms } = rule.compile();
    const start = { weight: 1, m: 0, rho: 1, gradient: -1 };
    expect(evaluate(kernel.formulas, { ...start, ...uniforms(1, rule.offSynapses) }).weight).toBeCloseTo(1.1, 6);
    expect(evaluate(kernel.formulas, { ...start, ...uniforms(1) }).weight).toBeCloseTo(1, 4);
  });

  it("refuses a temperature of 0", () => {
    expect(() => bioAdam({ predisposition: { temperature: 0 } })).toThrow(/"temperature" is 0.*above 0/);
  });
});
