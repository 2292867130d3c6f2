import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bioAdam, bioAdamDynamics, defineOptimizer } from "#spikevine/plasticity/index";
import {
  exponentialEuler,
  forwardEuler,
  type Integrator,
  rk4,
  type SystemIntegrator,
  semiImplicit,
} from "#spikevine/src/equations/integrators/index";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";

const exact = exponentialEuler;

/** The experiment of Figure 1: five slices of 20 s, every time constant 1 s, R = 1. */
const GRADIENTS = [0, 0.3, 0, -0.7, 0];
const gradientAt = (t: number): number => GRADIENTS[Math.min(4, Math.floor(t / 20_000))]!;
const figure1 = (integrator: Integrator, every = 1, dt = 1) =>
  simulateSynapses(bioAdamDynamics({ tauM: "1 s", tauRho: "1 s", rhoRest: 1, integrator }), {
    dt,
    duration: "100 s",
    signal: gradientAt,
    every,
  }).values;

const largestError = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
  Array.from(got).reduce((worst, value, i) => Math.max(worst, Math.abs(value - want[i]!)), 0);

describe("Figure 1", () => {
  it("the exact integrator meets the closed form at the end of every slice to 1e-6", () => {
    const { mPlus, mMinus, m, rho } = figure1(exact, 20_000);
    let [mWant, rhoWant] = [0, 1];
    GRADIENTS.forEach((g, slice) => {
      const L = 1 + Math.abs(g);
      rhoWant = 1 / L + (rhoWant - 1 / L) * Math.exp(-20 * L);
      mWant = g + (mWant - g) * Math.exp(-20);
      const i = slice + 1;
      for (const [got, want] of [
        [rho![i]!, rhoWant],
        [m![i]!, mWant],
        [mPlus![i]!, 1 - mWant],
        [mMinus![i]!, 1 + mWant],
      ] as const) {
        expect(Math.abs(got - want)).toBeLessThan(1e-6);
      }
    });
    const ends = [...rho!].slice(1).map((value) => Number(value.toFixed(4)));
    expect(ends).toEqual([1, 0.7692, 1, 0.5882, 1]);
  });

  it("largest errors of rho at 1 ms: 7.6e-5 for eq. 17, 1.3e-4 for forward Euler", () => {
    const want = figure1(exact).rho!;
    expect(largestError(figure1(semiImplicit).rho!, want)).toBeCloseTo(7.6e-5, 6);
    expect(largestError(figure1(forwardEuler).rho!, want)).toBeCloseTo(1.3e-4, 5);
  });

  it("rho differs from RMSprop's 1 / (sqrt(v) + eps) by 0.157 at most", () => {
    const { rho } = figure1(exact);
    let v = 0;
    let worst = 0;
    for (let k = 1; k < rho!.length; k++) {
      const square = gradientAt(k - 1) ** 2;
      v = square + (v - square) * Math.exp(-1e-3);
      worst = Math.max(worst, Math.abs(rho![k]! - 1 / (Math.sqrt(v) + 1)));
    }
    expect(worst).toBeCloseTo(0.157, 3);
  });
});

describe("steps that are long", () => {
  const end = (synapse: ReturnType<typeof bioAdamDynamics>, dt: string) => {
    const { m, rho } = simulateSynapses(synapse, { dt, duration: "3 s", signal: () => 0.3 }).values;
    return [m!.at(-1), rho!.at(-1)];
  };

  it.each(["1 ms", "20 ms", "30 ms", "1 s", "3 s"])("by default m and rho are exact at a step of %s", (dt) => {
    const [m, rho] = end(bioAdamDynamics({ rhoRest: 1 }), dt);
    expect(m).toBeCloseTo(0.3, 12);
    expect(rho).toBeCloseTo(1 / 1.3 + (1 - 1 / 1.3) * Math.exp(-3 * 1.3), 12);
  });

  it("eq. 17 is refused from twice a time constant on, also where only rho is too fast", () => {
    const semi = bioAdamDynamics({ rhoRest: 1, integrator: semiImplicit });
    const message =
      /dt is \d+ ms, and semiImplicit is stable up to 19\.9 ms for mPlus of .*or the integrator exponentialEuler\.$/;
    expect(() => end(semi, "20 ms")).toThrow(message);
    expect(() => end(semi, "30 ms")).toThrow(message);
    expect(end(semi, "18.75 ms")[0]).toBeCloseTo(0.3, 2);
    const fast = bioAdamDynamics({ rhoRest: 1, tauM: "1 s", tauRho: "10 ms", integrator: semiImplicit });
    expect(() => end(fast, "25 ms")).toThrow(/stable up to 19\.9 ms for rho of .* without a signal; use/);
  });
});

describe("order of convergence for a gradient that changes smoothly", () => {
  const run = (integrator: Integrator, dt: number) =>
    simulateSynapses(bioAdamDynamics({ tauM: "50 ms", tauRho: "80 ms", rhoRest: 5, integrator }), {
      dt,
      duration: 200,
      signal: (t) => Math.sin(t / 30),
      every: Math.round(8 / dt),
    }).values;
  const reference = run(exact, 1 / 64);

  it.each([forwardEuler, semiImplicit, exact])("$name: of order 1 in m and in rho", (integrator) => {
    for (const state of ["m", "rho"] as const) {
      const [coarse, fine] = [1, 0.5].map((dt) => largestError(run(integrator, dt)[state]!, reference[state]!));
      const order = Math.log2(coarse! / fine!);
      expect(order).toBeGreaterThan(0.9 * integrator.order);
      expect(order).toBeLessThan(1.15 * integrator.order);
    }
  });

  it("rk4: of order 4 where the gradient is constant", () => {
    const end = (integrator: Integrator | SystemIntegrator, dt: number) => {
      const synapse = bioAdamDynamics({ tauM: "50 ms", tauRho: "80 ms", rhoRest: 5 }).with({ integrator });
      return simulateSynapses(synapse, { dt, duration: 160, signal: () => 0.3, every: 160 / dt }).values.rho![1]!;
    };
    const [coarse, fine] = [20, 10].map((dt) => Math.abs(end(rk4, dt) - end(exact, dt)));
    expect(Math.log2(coarse! / fine!)).toBeGreaterThan(3.6);
    expect(Math.log2(coarse! / fine!)).toBeLessThan(4.6);
  });

  it("the exact solution does not depend on dt where the gradient is constant over a step", () => {
    const [coarse, fine] = [1000, 1].map((dt) => figure1(exact, 20_000 / dt, dt));
    for (const state of ["mPlus", "mMinus", "rho"] as const) {
      expect(largestError(coarse![state]!, fine![state]!)).toBeLessThan(1e-12);
    }
  });
});

describe("properties, for any gradients and time constants", () => {
  const setting = fc.record({
    gradients: fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 }),
    tauM: fc.double({ min: 1, max: 1e3, noNaN: true }),
    tauRho: fc.double({ min: 1, max: 1e4, noNaN: true }),
    rhoRest: fc.double({ min: 1, max: 1e8, noNaN: true }),
  });
  const schemes = fc.constantFrom(semiImplicit, exact);

  it("m+ + m- stays constant, rho in (0, R], and |m| below the largest gradient", () => {
    fc.assert(
      fc.property(setting, schemes, ({ gradients, tauM, tauRho, rhoRest }, integrator) => {
        const synapse = bioAdamDynamics({ tauM: `${tauM} ms`, tauRho: `${tauRho} ms`, rhoRest, integrator });
        const { values } = simulateSynapses(synapse, {
          dt: 1,
          duration: gradients.length,
          signal: (t) => gradients[Math.floor(t)]!,
        });
        const largest = Math.max(...gradients.map(Math.abs));
        values.rho!.forEach((rho, k) => {
          expect(values.mPlus![k]! + values.mMinus![k]!).toBeCloseTo(2, 9);
          expect(rho).toBeGreaterThan(0);
          expect(rho).toBeLessThanOrEqual(rhoRest * (1 + 1e-12));
          expect(Math.abs(values.m![k]!)).toBeLessThanOrEqual(largest * (1 + 1e-9) + 1e-12);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("rho settles at 1 / (|g| + 1/R), and m at g", () => {
    const g = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(g, fc.double({ min: 1, max: 1e6, noNaN: true }), schemes, (gradient, rhoRest, integrator) => {
        const synapse = bioAdamDynamics({ tauM: "5 ms", tauRho: "10 ms", rhoRest, integrator });
        const { values } = simulateSynapses(synapse, { dt: 1, duration: 400, signal: () => gradient, every: 400 });
        expect(values.rho![1]! * (Math.abs(gradient) + 1 / rhoRest)).toBeCloseTo(1, 9);
        expect(values.m![1]!).toBeCloseTo(gradient, 9);
      }),
      { numRuns: 60 },
    );
  });
});

describe("at the paper's setting, tau_rho 1000 updates and R 1e8", () => {
  const oneStep = (integrator: Integrator, g: number, rho: number): number => {
    const { step } = bioAdamDynamics({ integrator }).kernel({ dt: 1 });
    return evaluate(step, { mPlus: 1, mMinus: 1, rho, weight: 0, signal: g }).rho!;
  };

  it("the first step from rho 1 at g 1e-3: exact 999.99, eq. 17 990.1, forward Euler 99901", () => {
    expect(oneStep(exact, 1e-3, 1)).toBeCloseTo(999.99, 2);
    expect(oneStep(semiImplicit, 1e-3, 1)).toBeCloseTo(990.1, 1);
    expect(oneStep(forwardEuler, 1e-3, 1)).toBeCloseTo(99901, 0);
  });

  it.each([
    [1e-8, 0.998, 0.998, 0.998],
    [1e-5, 0.368, 0.5, -0.001],
    [1e-4, 4.5e-5, 0.091, -9],
    [1e-3, 4e-44, 0.0099, -99],
  ])("at |g| = %d a step leaves of a distance from rest: exact %d, eq. 17 %d, forward Euler %d", (g, ...want) => {
    const decays = [exact, semiImplicit, forwardEuler].map((scheme) => {
      const rest = 1 / (g + 1e-8);
      // From rest up by a thousand times rest, so that the distance is not lost in rounding.
      return (oneStep(scheme, g, 1001 * rest) - rest) / (1000 * rest);
    });
    decays.forEach((decay, i) => {
      expect(Math.abs(decay - want[i]!)).toBeLessThan(
        Math.max(0.02 * Math.abs(want[i]!), 1e-12) + (i === 2 ? 0.002 : 0),
      );
    });
  });

  it("forward Euler reports the steps for which it is stable", () => {
    const run = (g: number) =>
      simulateSynapses(bioAdamDynamics({ integrator: forwardEuler }), { dt: 1, duration: 50, signal: () => g });
    expect(() => run(1e-3)).toThrow(
      /signal 0.001 makes forwardEuler unstable in rho with dt 1 ms; use dt up to 0.0199 ms, or the integrator semiImplicit or exponentialEuler/,
    );
    expect(() => run(2.1e-5)).toThrow(/unstable/);
    expect(run(1.9e-5).values.rho!.at(-1)).toBeGreaterThan(0);
  });
});

describe("beyond the paper", () => {
  /** 20,000 gradients of a normal distribution with deviation 1e-3, each kept with some probability; the first 5,000 settle. */
  const gradients = (kept: number): number[] => {
    const [size, angle, keep] = [rowKey(1, 0), rowKey(2, 0), rowKey(3, 0)];
    return Array.from({ length: 20_000 }, (_, k) => {
      if (drawUniform(keep, k) >= kept) return 0;
      const radius = Math.sqrt(-2 * Math.log(1 - drawUniform(size, k)));
      return 1e-3 * radius * Math.cos(2 * Math.PI * drawUniform(angle, k));
    });
  };
  const observe = (rhoRest: number, kept: number) => {
    const given = gradients(kept);
    const { values } = simulateSynapses(bioAdamDynamics({ rhoRest }), {
      dt: 1,
      duration: given.length,
      signal: (t) => given[Math.round(t)]!,
    });
    const rho = values.rho!.slice(5000);
    const mean = rho.reduce((a, b) => a + b, 0) / rho.length;
    const product = (lag: number) => rho.slice(lag).reduce((sum, r, i) => sum + (r - mean) * (rho[i]! - mean), 0);
    return {
      memory: product(1) / product(0),
      largest: rho.reduce((most, r, k) => Math.max(most, Math.abs(r * values.m![5000 + k]!)), 0),
    };
  };
  const adamsLargest = (kept: number): number => {
    let [m, v, largest] = [0, 0, 0];
    gradients(kept).forEach((g, k) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      if (k >= 5000) largest = Math.max(largest, Math.abs(m) / (Math.sqrt(v) + 1e-8));
    });
    return largest;
  };

  it("at R 1e8 rho has hardly any memory: its lag-1 correlation is about 0.05; at R 1e5 it is above 0.9", () => {
    expect(Math.abs(observe(1e8, 1).memory)).toBeLessThan(0.1);
    expect(observe(1e5, 1).memory).toBeGreaterThan(0.9);
  });

  it.each([
    [1, 30],
    [0.1, 30],
  ])("updates are heavy-tailed, with a share of %d of the gradients kept", (kept, times) => {
    const ours = observe(1e8, kept).largest;
    expect(ours).toBeGreaterThan(times * adamsLargest(kept));
    expect(observe(1e5, kept).largest).toBeLessThan(5 * adamsLargest(kept));
  });
});

describe("the optimizer is one discretisation", () => {
  it.each([
    ["semi-implicit", semiImplicit],
    ["exact", exact],
    ["forward-euler", forwardEuler],
  ] as const)("%s: an update is a step of the dynamics", (name, integrator) => {
    const gradients = [0.3, -0.1, 0, 0.02, -0.7];
    const options = { tauM: 5, tauRho: 20, rhoRest: 10, interval: 0.5 };
    const predisposition = { temperature: 0.2 };
    const { kernel, uniforms } = bioAdam({
      ...options,
      learningRate: 0.05,
      integrator: name,
      predisposition,
    }).compile();
    const synapse = bioAdamDynamics({
      tauM: "5 ms",
      tauRho: "20 ms",
      rhoRest: 10,
      learningRate: "100 Hz",
      predisposition,
      integrator,
    });
    const { values } = simulateSynapses(synapse, {
      dt: 0.5,
      duration: 0.5 * gradients.length,
      weight: 0.4,
      signal: (t) => gradients[Math.round(2 * t)]!,
    });
    let now: Record<string, number> = { weight: 0.4, m: 0, rho: 1 };
    gradients.forEach((gradient, i) => {
      now = evaluate(kernel.formulas, { ...now, gradient, ...uniforms(i + 1) });
      for (const variable of ["weight", "m", "rho"] as const) {
        expect(now[variable]).toBeCloseTo(values[variable]![i + 1]!, 12);
      }
    });
  });

  it("exact: two updates half an interval long are one, where the gradient is the same", () => {
    const run = (interval: number): Record<string, number> => {
      const { kernel, uniforms } = bioAdam({
        integrator: "exact",
        interval,
        tauM: 3,
        tauRho: 7,
        rhoRest: 50,
      }).compile();
      let now: Record<string, number> = { weight: 0, m: 0.2, rho: 1 };
      for (let k = 1; k <= 4 / interval; k++)
        now = evaluate(kernel.formulas, { ...now, gradient: 0.3, ...uniforms(k) });
      return now;
    };
    for (const variable of ["m", "rho"]) expect(run(2)[variable]).toBeCloseTo(run(1)[variable]!, 12);
  });

  it("refuses an interval longer than a time constant, and an unknown integrator", () => {
    expect(() => bioAdam({ interval: 20 })).toThrow(/"interval" is 20, longer than a time constant \(10\).*"exact"/);
    expect(bioAdam({ interval: 20, integrator: "exact" }).parameters.interval!.value).toBe(20);
    expect(() => bioAdam({ integrator: "exakt" as "exact" })).toThrow(/did you mean "exact"/);
  });
});

describe("rules with dynamics", () => {
  const spec = {
    name: "leaky",
    summary: "",
    source: "test",
    parameters: { interval: { value: 0.5, summary: "" }, tau: { value: 2, summary: "" } },
    states: { x: { initial: 0, summary: "" }, n: { initial: 0, summary: "" } },
    dynamics: { rates: { x: "(gradient - x) / tau" }, integrator: forwardEuler, interval: "interval" },
    update: { n: "n + x" },
    weight: "weight - x",
  };

  it("integrate states first; updates and the weight use the new values", () => {
    const { kernel, uniforms } = defineOptimizer(spec).compile();
    const after = evaluate(kernel.formulas, { weight: 1, gradient: 2, x: 1, n: 3, ...uniforms(1) });
    expect(after).toEqual({ x: 1.25, n: 4.25, weight: -0.25 });
  });

  it.each([
    [{ update: { n: "n", x: "x" } }, /state "x" needs one equation, in update or in dynamics/],
    [{ update: {} }, /state "n" needs one equation/],
    [{ dynamics: { ...spec.dynamics, interval: "intervall" } }, /interval: unknown name "intervall".*"interval"/],
    [{ dynamics: { ...spec.dynamics, rates: { ...spec.dynamics.rates, z: "1" } } }, /"z" is not in states/],
  ])("refuse %j", (wrong, message) => {
    expect(() => defineOptimizer({ ...spec, ...wrong } as Parameters<typeof defineOptimizer>[0])).toThrow(message);
  });
});
