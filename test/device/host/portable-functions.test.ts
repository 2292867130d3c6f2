import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PORTABLE } from "#spikevine/src/device/host/portable-functions";

const single = fc.float().filter((x) => !Number.isNaN(x));

/** Within 1e-11 of the right result. */
const close = (found: number, right: number): boolean =>
  Object.is(found, right) ||
  (Number.isNaN(found) && Number.isNaN(right)) ||
  Math.abs(found - right) <= 1e-11 * Math.abs(right) + 1e-25 ||
  // Neither can be represented in single precision.
  (Math.abs(found) > 1e300 && Math.abs(right) > 1e300 && found > 0 === right > 0);

describe("functions of numbers in single precision are Math's to eleven digits", () => {
  test.each(["exp", "log", "sin", "cos", "tanh", "atan"] as const)("%s", (name) => {
    const special = [0, 1, -1, 2 ** -149, 2 ** 20, -1e6, 1e22, 3.4e38, Infinity, -Infinity, NaN].map(Math.fround);
    for (const x of special) expect([x, PORTABLE[name](x)]).toSatisfy(([, y]) => close(y, Math[name](x)));
    fc.assert(
      fc.property(fc.oneof(single, fc.float({ min: -100, max: 100, noNaN: true })), (x) =>
        close(PORTABLE[name](x), Math[name](x)),
      ),
      { seed: 1, numRuns: 3000 },
    );
  });

  test("pow", () => {
    const special = [0, -0, 1, -1, 0.5, 3, -3, 2001, 2000, -2001, Infinity, -Infinity, NaN];
    for (const x of special) {
      for (const y of special) expect([x, y, PORTABLE.pow(x, y)]).toSatisfy(([, , z]) => close(z, x ** y));
    }
    const base = fc.float({ min: -50, max: 50, noNaN: true });
    const exponent = fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(base, exponent, (x, y) => close(PORTABLE.pow(x, y), x ** y)),
      { seed: 1, numRuns: 3000 },
    );
  });
});

test("powers that single precision can represent are exact", () => {
  for (let n = -149; n <= 127; n++) expect(Math.fround(PORTABLE.pow(2, n))).toBe(2 ** n);
  for (let x = 1; x < 4096; x++) expect(Math.fround(PORTABLE.pow(x, 2))).toBe(Math.fround(x * x));
  for (let x = 1; x < 256; x++) expect(Math.fround(PORTABLE.pow(x, 3))).toBe(x * x * x);
});

test("large angles keep all their digits", () => {
  // Of all numbers in single precision the closest to a multiple of pi / 2 (J.-M. Muller, Elementary Functions).
  const x = 16_367_173 * 2 ** 72;
  expect(Math.abs(PORTABLE.cos(x))).toBeLessThan(1e-8);
  for (const name of ["sin", "cos"] as const)
    expect(PORTABLE[name](x)).toSatisfy((y: number) => close(y, Math[name](x)));
});
