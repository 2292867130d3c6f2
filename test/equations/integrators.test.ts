import { describe, expect, it } from "vitest";
import {
  exponentialEuler,
  forwardEuler,
  type Integrator,
  integrators,
} from "#spikevine/src/equations/integrators/index";
import { constant, evaluate, symbol } from "#spikevine/src/equations/language/expression";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";

/** Integrates dx/dt = rate from x = 1 at t = 0 up to `end`; t advances beside it. */
function integrate(integrator: Integrator, rate: string, end: number, steps: number): number {
  const dt = end / steps;
  const next = integrator.step({
    rate: parseEquation(rate, asSymbols(["x", "t", "k"]), "test"),
    variable: symbol("x"),
    dt: constant(dt),
    isConstant: () => false,
    where: "neurons/test: dx/dt",
  });
  let x = 1;
  for (let i = 0; i < steps; i++) x = evaluate({ x: next }, { x, t: i * dt, k: 0 }).x!;
  return x;
}

/** One step from x. */
const evaluateOnce = (rate: string, x: number, dt: number): number =>
  evaluate(
    {
      x: exponentialEuler.step({
        rate: parseEquation(rate, asSymbols(["x"]), "test"),
        variable: symbol("x"),
        dt: constant(dt),
        isConstant: () => false,
        where: "test",
      }),
    },
    { x },
  ).x!;

/** dx/dt = -x cos(t) has x = exp(-sin t); its rate changes within a step, so no scheme here is exact. */
const exact = Math.exp(-Math.sin(2));

describe.each(Object.entries(integrators))("%s", (name, integrator) => {
  it("is registered under its name", () => expect(integrator.name).toBe(name));

  it("converges with its order", () => {
    const errorAt = (steps: number) => Math.abs(integrate(integrator, "-x * cos(t)", 2, steps) - exact);
    const order = Math.log2(errorAt(400) / errorAt(800));
    expect(order).toBeCloseTo(integrator.order, 1);
  });
});

describe("exponentialEuler", () => {
  it("is exact for a linear equation at any step", () => {
    expect(integrate(exponentialEuler, "(3 - x) / 0.1", 1, 2)).toBeCloseTo(3 - 2 * Math.exp(-10), 12);
  });

  it("is stable where forward Euler is not", () => {
    expect(Math.abs(integrate(forwardEuler, "-x / 0.1", 10, 10))).toBeGreaterThan(1e6);
    expect(Math.abs(integrate(exponentialEuler, "-x / 0.1", 10, 10))).toBeLessThan(1e-9);
  });

  it("is forward Euler where the rate does not depend on x", () => {
    expect(integrate(exponentialEuler, "t", 1, 4)).toBe(integrate(forwardEuler, "t", 1, 4));
  });

  it("is forward Euler where the coefficient happens to be 0", () => {
    expect(integrate(exponentialEuler, "k * x + 2", 1, 4)).toBeCloseTo(3, 12);
  });

  it("differentiates each branch of a condition separately", () => {
    expect(integrate(exponentialEuler, "t < 0.5 ? 0 : -x", 1, 2)).toBeCloseTo(Math.exp(-0.5), 12);
  });

  it("linearizes an equation that is not linear in its variable: order 2 for a single equation", () => {
    // dx/dt = -x^2 from 1 has x = 1 / (1 + t).
    const errorAt = (steps: number) => Math.abs(integrate(exponentialEuler, "-x * x", 2, steps) - 1 / 3);
    expect(Math.log2(errorAt(100) / errorAt(200))).toBeCloseTo(2, 1);
    // x' = x + f(x) (exp(a h) - 1) / a with f = x - x^3 and a = 1 - 3 x^2, by hand at x = 1, h = 0.5: f = 0.
    expect(integrate(exponentialEuler, "x - x^3", 1, 2)).toBe(1);
    const f = 2 - 8 - 1;
    expect(evaluateOnce("x - x^3 - 1", 2, 0.5)).toBeCloseTo(2 + (f * Math.expm1(-11 * 0.5)) / -11, 14);
  });

  it("keeps all digits where the coefficient passes through 0", () => {
    // f = x^2 + 1 and a = 2 x: at x = 1e-9 forward Euler differs by h^2 x.
    expect(evaluateOnce("x^2 + 1", 1e-9, 0.5)).toBeCloseTo(0.5 + 1e-9 + 0.25e-9, 17);
  });

  it("is stable for a stiff equation that is not linear", () => {
    expect(Math.abs(integrate(exponentialEuler, "-100 * x * x * x - 50 * x", 10, 10))).toBeLessThan(1e-9);
  });
});
