import { describe, expect, it } from "vitest";
import { density, excessKurtosis, middles, momentsOf } from "#spikevine/examples/grapes/distribution";

/** Quantiles of a distribution at the middles of `count` equal shares of probability. */
const sample = (quantile: (p: number) => number, count = 200_000): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count));

describe("excessKurtosis", () => {
  it("distinguishes light, normal and heavy tails by the known values of their distributions", () => {
    expect(excessKurtosis(sample((p) => 3 * p - 7))).toBeCloseTo(-1.2, 3);
    const laplace = (p: number): number => (p < 0.5 ? Math.log(2 * p) : -Math.log(2 - 2 * p));
    expect(excessKurtosis(sample(laplace))).toBeCloseTo(3, 1);
    expect(excessKurtosis([-1, 1])).toBe(-2);
  });
});

describe("momentsOf", () => {
  it("is the mean and the deviation of the population", () => {
    expect(momentsOf([1, 3])).toEqual({ mean: 2, deviation: 1 });
  });
});

describe("density", () => {
  const bins = { from: -1, to: 1, count: 4 };

  it("integrates to the fraction of values inside, both ends included", () => {
    const found = density([-1, -0.6, 0.2, 1, 5], bins);
    expect(found).toEqual([2, 0, 1, 1].map((count) => count / (5 * 0.5)));
    expect(found.reduce((sum, d) => sum + d * 0.5, 0)).toBeCloseTo(4 / 5, 12);
  });

  it("has its bins about their middles", () => {
    expect(middles(bins)).toEqual([-0.75, -0.25, 0.25, 0.75]);
  });
});
