import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import {
  type Distribution,
  exponential,
  gamma,
  lognormal,
  normal,
  simulation,
  uniform,
} from "#spikevine/src/simulation/index";

const COUNT = 40_000;

/** Initial conductances in nS, drawn from the distribution. */
function draw(distribution: Distribution, seed = 1): Float64Array {
  const sim = simulation({ seed });
  return sim.state(sim.population("cells", COUNT, cobaLif(), { initial: { ge: distribution } }), "ge");
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function moments(values: Float64Array) {
  const center = mean(values);
  const central = (power: number) => mean(values.map((value) => (value - center) ** power));
  return { mean: center, variance: central(2), skewness: central(3) / central(2) ** 1.5, fourth: central(4) };
}

describe("a distribution has its moments", () => {
  // Mean, variance and skewness by the textbook.
  it.each<[string, Distribution, number, number, number]>([
    ["uniform", uniform("2 nS", "6 nS"), 4, 16 / 12, 0],
    ["normal", normal("20 nS", "2 nS"), 20, 4, 0],
    [
      "lognormal",
      lognormal("3 nS", 0.4),
      3 * Math.exp(0.08),
      9 * (Math.exp(0.16) - 1) * Math.exp(0.16),
      (Math.exp(0.16) + 2) * Math.sqrt(Math.exp(0.16) - 1),
    ],
    ["exponential", exponential("5 nS"), 5, 25, 2],
    ["gamma of shape 3", gamma(3, "2 nS"), 6, 12, 2 / Math.sqrt(3)],
    ["gamma of shape 0.5", gamma(0.5, "2 nS"), 1, 2, 2 / Math.sqrt(0.5)],
  ])("%s", (_, distribution, expectedMean, variance, skewness) => {
    const found = moments(draw(distribution));
    expect(Math.abs(found.mean - expectedMean)).toBeLessThan(4 * Math.sqrt(variance / COUNT));
    // Standard error of a variance: the square root of (fourth moment - variance^2) / n.
    expect(Math.abs(found.variance - variance)).toBeLessThan(4 * Math.sqrt((found.fourth - variance ** 2) / COUNT));
    expect(Math.abs(found.skewness - skewness)).toBeLessThan(0.15 + 0.1 * skewness);
  });

  it("moves values to the limits", () => {
    for (const distribution of [
      exponential("5 nS", { min: "1 nS", max: "6 nS" }),
      lognormal("3 nS", 0.8, { min: "1 nS", max: "6 nS" }),
      gamma(2, "2 nS", { min: "1 nS", max: "6 nS" }),
    ]) {
      const values = draw(distribution);
      expect(values.reduce((least, value) => Math.min(least, value), 9)).toBe(1);
      expect(values.reduce((most, value) => Math.max(most, value), 0)).toBe(6);
    }
  });

  it("repeats with the same seed only", () => {
    expect(draw(gamma(0.7, "1 nS"), 1)).toEqual(draw(gamma(0.7, "1 nS"), 1));
    expect(draw(gamma(0.7, "1 nS"), 1)).not.toEqual(draw(gamma(0.7, "1 nS"), 2));
  });
});

describe("a distribution refuses", () => {
  it.each<[() => unknown, RegExp]>([
    [() => gamma(0, "1 nS"), /shape is 0; give a number above 0/],
    [() => lognormal("1 nS", -1), /sigma is -1; give a number of at least 0/],
    [() => draw(exponential("-5 nS")), /initial ge: mean is -5 nS; give at least 0/],
    [() => draw(exponential("5 mV")), /initial ge: mean is 5 mV .*give a conductance/],
    [() => draw(gamma(2, "1 nS", { min: "3 nS", max: "2 nS" })), /min is 3 nS, above max 2 nS/],
    [() => draw({ kind: "beta" } as unknown as Distribution), /kind is "beta"; give the result of uniform\(\)/],
  ])("%s", (make, message) => {
    expect(make).toThrow(message);
  });
});
