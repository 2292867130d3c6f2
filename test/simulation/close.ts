import { expect } from "vitest";

/** Expects numbers to be equal up to a fraction of each; by default the rounding of many steps against that of their closed form. */
export function expectClose(actual: Float64Array, expected: Float64Array, relative = 1e-12): void {
  expect(actual).toHaveLength(expected.length);
  const far = actual.findIndex((value, k) => !(Math.abs(value - expected[k]!) <= relative * Math.abs(expected[k]!)));
  expect(far < 0 ? [] : [far, actual[far], expected[far]]).toEqual([]);
}
