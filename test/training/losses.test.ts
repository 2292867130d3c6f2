import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lossByName, losses } from "#spikevine/src/training/losses/index";

const finite = fc.double({ min: -20, max: 20, noNaN: true });
const pair = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(fc.array(finite, { minLength: n, maxLength: n }), fc.array(finite, { minLength: n, maxLength: n })),
  );

describe.each(Object.keys(losses))("loss %s", (name) => {
  const loss = lossByName(name);

  test("its gradient is the derivative of its value", () => {
    fc.assert(
      fc.property(pair, ([output, target]) => {
        const gradient = new Float64Array(output.length);
        const ignored = new Float64Array(output.length);
        const value = loss(output, target, gradient);
        for (let n = 0; n < output.length; n++) {
          const h = 1e-4;
          const at = (shift: number) =>
            loss(
              output.map((y, i) => (i === n ? y + shift : y)),
              target,
              ignored,
            );
          const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
          expect(Math.abs(numeric - gradient[n]!)).toBeLessThan(1e-7 * Math.max(1, Math.abs(value)));
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([Number.NaN, Infinity, -Infinity])("an output of %s makes the value not finite", (bad) => {
    const gradient = new Float64Array(3);
    for (const at of [0, 1, 2]) {
      const output = [0.5, 0.25, -1];
      output[at] = bad;
      expect(loss(output, [0, 1, 0], gradient)).not.toSatisfy(Number.isFinite);
    }
  });
});

test("mean-squared-error has no factor one half", () => {
  const gradient = new Float64Array(2);
  expect(lossByName("mean-squared-error")([3, 1], [1, 2], gradient)).toBe(5);
  expect([...gradient]).toEqual([4, -2]);
});

test("cross-entropy of equal outputs is the logarithm of their number", () => {
  const gradient = new Float64Array(4);
  expect(lossByName("cross-entropy")([7, 7, 7, 7], [0, 0, 1, 0], gradient)).toBeCloseTo(Math.log(4), 14);
  expect([...gradient]).toEqual([0.25, 0.25, -0.75, 0.25]);
});

test("cross-entropy stays finite for outputs whose exponentials overflow", () => {
  const gradient = new Float64Array(2);
  expect(lossByName("cross-entropy")([2000, -2000], [0, 1], gradient)).toBe(4000);
  expect([...gradient]).toEqual([1, -1]);
});

test("an unknown loss is refused with the nearest name", () => {
  expect(() => lossByName("cross-entropie")).toThrow('name is "cross-entropie"; did you mean "cross-entropy"?');
  expect(() => lossByName("toString")).toThrow('name is "toString"; give "cross-entropy"');
});
