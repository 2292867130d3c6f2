import { describe, expect, it } from "vitest";
import { defineNeuron, eulerMaruyama, exponentialEuler, heun, milstein, rk4 } from "#spikevine/neurons/index";
import { compileFormulas } from "#spikevine/src/device/host/formulas";

const PATHS = 400;
/** Fine steps of a path; a path lasts 1 ms. */
const FINE = 512;

/** Uniform numbers of a linear congruence, and normal ones by Box and Muller. */
function* normals() {
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  for (;;) yield Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const source = normals();
/** Increments of Brownian motion, per path. */
const increments = Array.from({ length: PATHS }, () =>
  Float64Array.from({ length: FINE }, () => source.next().value! / Math.sqrt(FINE)),
);

type Scheme = typeof eulerMaruyama | typeof exponentialEuler;

const gbm = (integrator: Scheme, calculus: "ito" | "stratonovich") =>
  defineNeuron({
    name: "gbm",
    states: { x: { initial: 1 } },
    dynamics: { x: "0.5 / ms * x + 0.8 / ms^0.5 * x * xi" },
    integrator,
    calculus,
    output: "x",
  });
const ou = (integrator: Scheme) =>
  defineNeuron({
    name: "ou",
    states: { x: { initial: 1 } },
    dynamics: { x: "-2 / ms * x + 0.7 / ms^0.5 * xi" },
    integrator,
    output: "x",
  });

/** Ends of all paths, by steps that each cover some of the fine ones. */
function ends(neuron: ReturnType<typeof gbm>, steps: number): number[] {
  const dt = 1 / steps;
  const { step } = neuron.kernel({ dt, numbers: true });
  const compiled = compileFormulas(step, ["x", "draw__xi"], ["now__x"], "double");
  return increments.map((path) => {
    const state = [1];
    for (let k = 0; k < steps; k++) {
      let sum = 0;
      for (let j = (k * FINE) / steps; j < ((k + 1) * FINE) / steps; j++) sum += path[j]!;
      compiled([state[0]!, sum / Math.sqrt(dt)], state);
    }
    return state[0]!;
  });
}

const brownian = increments.map((path) => path.reduce((sum, part) => sum + part, 0));
const exact = {
  ito: brownian.map((w) => Math.exp(0.5 - 0.32 + 0.8 * w)),
  stratonovich: brownian.map((w) => Math.exp(0.5 + 0.8 * w)),
};
const meanError = (found: readonly number[], wanted: readonly number[]): number =>
  found.reduce((sum, x, k) => sum + Math.abs(x - wanted[k]!), 0) / found.length;
/** Slope of the error against the step on logarithmic scales. */
const order = (neuron: ReturnType<typeof gbm>, wanted: readonly number[], coarse = 8, fine = 128): number =>
  Math.log(meanError(ends(neuron, coarse), wanted) / meanError(ends(neuron, fine), wanted)) / Math.log(fine / coarse);

describe("strong order on fixed Brownian paths", () => {
  it.each([
    ["eulerMaruyama", eulerMaruyama, "ito", 0.5],
    ["milstein, Ito", milstein, "ito", 1],
    ["milstein, Stratonovich", milstein, "stratonovich", 1],
    ["heun", heun, "stratonovich", 1],
  ] as const)("%s on geometric Brownian motion", (_, integrator, calculus, expected) => {
    expect(order(gbm(integrator, calculus), exact[calculus])).toBeCloseTo(expected, 0);
    expect(Math.abs(order(gbm(integrator, calculus), exact[calculus]) - expected)).toBeLessThan(0.15);
  });

  it.each([
    ["eulerMaruyama", eulerMaruyama],
    ["milstein", milstein],
    ["heun", heun],
    ["exponentialEuler", exponentialEuler],
    ["rk4", rk4],
  ] as const)("%s with additive noise: 1", (_, integrator) => {
    // The Ornstein-Uhlenbeck process on the finest steps: x' = exp(-2 h) x + 0.7 integral of exp(-2 (h - s)) dW.
    const h = 1 / FINE;
    const reference = increments.map((path) =>
      path.reduce((x, dw) => Math.exp(-2 * h) * x + 0.7 * Math.exp(-h) * dw, 1),
    );
    expect(Math.abs(order(ou(integrator), reference, 4, 32) - 1)).toBeLessThan(0.2);
  });
});

describe("weak order", () => {
  /** Mean over the two-point noise of every step, which has the moments that weak convergence of order 1 needs. */
  const mean = (neuron: ReturnType<typeof gbm>, steps: number): number => {
    const { step } = neuron.kernel({ dt: 1 / steps, numbers: true });
    const compiled = compileFormulas(step, ["x", "draw__xi"], ["now__x"], "double");
    const factor = [1, -1].map((noise) => {
      const state = [1];
      compiled([1, noise], state);
      return state[0]!;
    });
    // The equation is linear, so the mean of the product is the product of the means.
    return ((factor[0]! + factor[1]!) / 2) ** steps;
  };
  it.each([
    ["eulerMaruyama", eulerMaruyama, "ito"],
    ["milstein", milstein, "ito"],
    ["milstein", milstein, "stratonovich"],
    ["heun", heun, "stratonovich"],
  ] as const)("%s, %o, %s: the mean of geometric Brownian motion at order 1", (_, integrator, calculus) => {
    const wanted = Math.exp(calculus === "ito" ? 0.5 : 0.5 + 0.32);
    const errors = [32, 64, 128].map((steps) => Math.abs(mean(gbm(integrator, calculus), steps) - wanted));
    expect(errors[0]! / errors[1]!).toBeGreaterThan(1.8);
    expect(errors[1]! / errors[2]!).toBeGreaterThan(1.8);
  });
});

describe("a scheme that converges to another integral is refused", () => {
  const two = (dynamics: Record<string, string>, integrator?: Scheme) =>
    defineNeuron({
      name: "two",
      states: { x: {}, z: {} },
      dynamics,
      output: "x",
      ...(integrator === undefined ? {} : { integrator }),
    });

  it.each([
    [
      () => gbm(eulerMaruyama, "stratonovich"),
      "does not converge to the integral of Stratonovich; use the integrator heun",
    ],
    [() => gbm(rk4, "stratonovich"), "use the integrator heun or milstein"],
    [() => gbm(exponentialEuler, "ito"), "use the integrator eulerMaruyama or milstein."],
    [() => gbm(heun, "ito"), "does not converge to the integral of Ito"],
    [
      () => two({ x: "z * xi_1 / ms^0.5", z: "0.1 / ms^0.5 * xi_2 - z / ms" }, milstein),
      "milstein needs integrals of both; use the integrator heun.",
    ],
    [() => two({ x: "xi_1^2", z: "0 / ms" }), 'dx/dt is not linear in "xi_1"'],
    [() => two({ x: "xi_1 * xi_2 * x", z: "0 / ms" }), 'dx/dt is not linear in "xi_'],
    [() => two({ x: "(xi > 0) / ms", z: "0 / ms" }), 'dx/dt is not linear in "xi"'],
  ])("%s", (define, reason) => expect(define).toThrow(reason));

  it("the scheme of a neuron without one follows from its noise", () => {
    expect(two({ x: "-x / ms", z: "-z / ms" }).integrator.name).toBe("exponentialEuler");
    expect(two({ x: "-x / ms + xi / ms^0.5", z: "-z / ms" }).integrator.name).toBe("eulerMaruyama");
    expect(two({ x: "-x / ms + z * xi / ms^0.5", z: "-z / ms" }).integrator.name).toBe("eulerMaruyama");
    expect(two({ x: "-x / ms + x * xi / ms^0.5", z: "-z / ms" }).integrator.name).toBe("milstein");
  });
});
