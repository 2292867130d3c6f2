import { describe, expect, it } from "vitest";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { forwardEuler } from "#spikevine/src/equations/integrators/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";

const text = { summary: "for a test" };

describe("the calcium-based rule of Graupner and Brunel without noise", () => {
  // Figures of Brian2 2.5.1 with its Heun scheme: spikes of 0.1 s act at the end of the step from 100.1 ms.
  it.each([
    [-20, 80.2, { peak: 2, after1: [0.0201408, 0.973644], after5: [0.0913114, 0.880454] }],
    [0, 100.2, { peak: 2.00645, after1: [0.0355644, 0.964493], after5: [0.153675, 0.846573] }],
    [20, 120.1, { peak: 2.73288, after1: [0.0308602, 0.97393], after5: [0.137126, 0.884199] }],
  ])("has Brian2's efficacies after pairs with a difference of %s ms", (_, first, wanted) => {
    const synapse = defineSynapse({
      ...{ name: "graupner-brunel", source: "M. Graupner and N. Brunel, PNAS 109 (2012) 3991-3996", ...text },
      parameters: { tau: { value: "150 s", ...text }, tauCa: { value: "20 ms", ...text } },
      states: { rho: text, c: text },
      derived: { up: { equation: "step(c - 1.3)", ...text }, down: { equation: "step(c - 1)", ...text } },
      dynamics: {
        rho: "(-rho * (1 - rho) * (0.5 - rho) + 321.808 * (1 - rho) * up - 200 * rho * down) / tau",
        c: "-c / tauCa",
      },
      integrator: forwardEuler,
      onPre: [{ name: "calcium", delay: "13.7 ms", changes: { c: "c + 1" } }],
      onPost: { c: "c + 2" },
    });
    const every = (start: number) => Array.from({ length: 5 }, (_, k) => start + 1000 * k);
    const { values } = simulateSynapses(synapse, {
      ...{ dt: 0.1, duration: 5000, synapses: 2, initial: { rho: [0, 1] } },
      pre: [every(100.2), every(100.2)],
      post: [every(first), every(first)],
      record: ["rho", "c"],
    });
    expect(Math.max(...values.c!.subarray(0, 20_000))).toBeCloseTo(wanted.peak, 2);
    for (let s = 0; s < 2; s++) {
      expect(Math.abs(values.rho![2 * 10_000 + s]! - wanted.after1[s]!)).toBeLessThan(3e-4);
      expect(Math.abs(values.rho![2 * 50_000 + s]! - wanted.after5[s]!)).toBeLessThan(1e-3);
    }
  });
});
