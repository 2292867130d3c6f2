import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grapes, importanceFactors, sgd, weightDecay } from "#spikevine/plasticity/index";
import { optimizerChain } from "#spikevine/plasticity/optimizer";

const place = { seed: 1, update: 3, layer: 0 };
const importances = fc
  .array(fc.float({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  .map((values) => Float32Array.from(values));

describe("GRAPES, eq. 2", () => {
  it("by hand: m = clip(2 i / max i, 1, 2)", () => {
    expect([...importanceFactors(Float32Array.of(4, 3, 1, 0))]).toEqual([2, 1.5, 1, 1]);
  });

  it("keeps every factor in [1, 2], and the most important unit at 2", () => {
    fc.assert(
      fc.property(importances, (importance) => {
        const factors = importanceFactors(importance);
        for (const m of factors) {
          expect(m).toBeGreaterThanOrEqual(1);
          expect(m).toBeLessThanOrEqual(2);
        }
        const largest = importance.reduce((a, b) => Math.max(a, b), 0);
        expect(factors[importance.indexOf(largest)]).toBe(largest === 0 ? 1 : 2);
      }),
    );
  });

  it("names the unit whose importance is not finite", () => {
    expect(() => importanceFactors(Float32Array.of(1, Number.POSITIVE_INFINITY), 1)).toThrow(/unit 1 of layer 2/);
  });
});

describe("controls", () => {
  it("uniform: every unit has the layer's mean factor", () => {
    const factors = grapes({ control: "uniform" }).factors(Float32Array.of(4, 3, 1, 0), place);
    for (const m of factors) expect(m).toBeCloseTo(5.5 / 4, 6);
  });

  it("shuffled: the same factors on other units, re-drawn at every update, reproducibly", () => {
    fc.assert(
      fc.property(importances, fc.nat(1000), (importance, update) => {
        const at = { ...place, update };
        const shuffled = grapes({ control: "shuffled" }).factors(importance, at);
        expect([...shuffled].sort()).toEqual([...importanceFactors(importance)].sort());
        expect(grapes({ control: "shuffled" }).factors(importance, at)).toEqual(shuffled);
      }),
    );
    const many = Float32Array.from({ length: 64 }, (_, i) => 32 + i / 2);
    const { factors } = grapes({ control: "shuffled" });
    expect(factors(many, { ...place, update: 1 })).not.toEqual(factors(many, { ...place, update: 2 }));
  });

  it("unknown names are refused with the nearest one", () => {
    expect(() => grapes({ version: "propagate" as "local" })).toThrow(/did you mean "propagating"/);
    expect(() => grapes({ control: "shufled" as "shuffled" })).toThrow(/did you mean "shuffled"/);
  });
});

describe("chains", () => {
  it("are split into their elements", () => {
    const parts = optimizerChain([weightDecay(1e-4), grapes(), sgd()]);
    expect(parts.optimizer.name).toBe("sgd");
    expect(parts.modulation?.name).toBe("grapes-propagating");
    expect(parts.transforms.map((t) => t.name)).toEqual(["weight-decay"]);
  });

  it("must end in their only optimizer", () => {
    expect(() => optimizerChain([sgd(), grapes()])).toThrow(/must end in its only optimizer/);
    expect(() => optimizerChain([sgd(), sgd()])).toThrow(/must end in its only optimizer/);
    expect(() => optimizerChain([grapes(), grapes(), sgd()])).toThrow(/2 modulations/);
  });
});
