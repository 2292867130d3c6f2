import { describe, expect, test } from "vitest";
import { fittedExponent, median, quantile, summarize } from "#spikevine/bench/statistics";

describe("medians and quartiles", () => {
  test("of an odd and of an even number of values, in any order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test("interpolate between neighbors", () => {
    expect(summarize([1, 2, 3, 4, 5])).toEqual({ median: 3, lower: 2, upper: 4, count: 5 });
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  test("an outlier moves no median", () => {
    expect(median([1, 1, 1, 1, 1000])).toBe(1);
  });

  test("nothing has no median", () => {
    expect(() => median([])).toThrow("no values");
  });

  test("the values stay in their order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("fitted exponents", () => {
  const x = [1, 2, 4, 8];

  test("of pure powers", () => {
    expect(fittedExponent(x, [5, 10, 20, 40])).toBeCloseTo(1);
    expect(fittedExponent(x, [3, 12, 48, 192])).toBeCloseTo(2);
    expect(fittedExponent(x, [2, 2, 2, 2])).toBeCloseTo(0);
  });

  test("fixed costs bring them below 1", () => {
    const exponent = fittedExponent(
      x,
      x.map((value) => value + 3),
    );
    expect(exponent).toBeGreaterThan(0.3);
    expect(exponent).toBeLessThan(1);
  });

  test("need two points", () => {
    expect(() => fittedExponent([1], [1])).toThrow("two points");
    expect(() => fittedExponent([1, 2], [1])).toThrow("two points");
  });
});
