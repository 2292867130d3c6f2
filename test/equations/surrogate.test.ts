import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { surrogates } from "#spikevine/neurons/index";
import { defineSurrogate } from "#spikevine/src/equations/definitions/surrogate";
import { evaluate, symbol } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";

const Z = symbol("z");

describe.each(Object.entries(surrogates))("%s", (name, make) => {
  const surrogate = make();
  const slope = (z: number) => evaluate({ r: surrogate.derivative(Z) }, { z }).r!;
  const smooth = (z: number) => evaluate({ r: surrogate.smooth(Z) }, { z }).r!;

  it("is finite for every number, not negative, and largest at the threshold", () => {
    const peak = slope(0);
    expect(peak).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (z) => {
        expect(slope(z)).toBeGreaterThanOrEqual(0);
        expect(slope(z)).toBeLessThanOrEqual(peak);
        expect(smooth(z)).not.toBeNaN();
        expect(slope(z)).toBe(slope(-z));
      }),
    );
    expect(slope(Number.POSITIVE_INFINITY)).toBe(0);
    expect(slope(Number.NEGATIVE_INFINITY)).toBe(0);
  });

  it("is the slope of its smooth primitive", () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (z) => {
        // Corners of the bounded ones, and of |z|.
        fc.pre([0, 0.5, 1].every((corner) => Math.abs(Math.abs(z) - corner) > 1e-3));
        expect(Math.abs((smooth(z + 1e-5) - smooth(z - 1e-5)) / 2e-5 - slope(z))).toBeLessThan(1e-6);
      }),
    );
  });

  if (name === "triangle" || name === "boxcar") {
    it("is exactly 0 outside its support", () => {
      const { width } = surrogate.parameters;
      expect(slope(width!.value)).toBe(0);
      expect(slope(-1.0001 * width!.value)).toBe(0);
      expect(slope(0.999 * width!.value)).toBeGreaterThan(0);
      expect(evaluate({ r: surrogate.with({ width: 3 }).derivative(Z) }, { z: 2.9 }).r).toBeGreaterThan(0);
    });
  }
});

describe("values from the papers", () => {
  const at = (name: string, z: number, parameters = {}) =>
    evaluate({ r: surrogates[name]!(parameters).derivative(Z) }, { z }).r;

  it.each([
    ["tanhDerivative", 0.5, 1 - Math.tanh(0.5) ** 2],
    ["fastSigmoid", 0.1, 0.25],
    ["arctan", 1, 1 / (1 + Math.PI ** 2)],
    ["triangle", 0.5, 0.15],
    ["boxcar", 0.4, 1],
  ])("%s(%d) is %d", (name, z, expected) => expect(at(name, z)).toBeCloseTo(expected, 12));

  it("take parameters", () => expect(at("fastSigmoid", 0.1, { slope: 40 })).toBeCloseTo(0.04, 12));
});

describe("errors in a surrogate's specification", () => {
  const spec = { name: "mine", summary: "test", source: "test" };

  it.each([
    ["abs(z) < 1 ? 1 : 0", "z / (1 + abs(z))", "smooth is NaN at z = Infinity"],
    ["exp(z)", "exp(z)", "derivative is Infinity"],
    ["1 - tanh(z)^2", "atan(z)", "but smooth has the slope"],
    ["1 - tanh(x)^2", "tanh(z)", 'unknown name "x"'],
  ])("%s with %s", (derivative, smooth, message) => {
    const define = () => defineSurrogate({ ...spec, derivative, smooth });
    expect(define).toThrow(SpikevineError);
    expect(define).toThrow(message);
  });
});
