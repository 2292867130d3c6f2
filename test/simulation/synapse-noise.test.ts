import { describe, expect, it } from "vitest";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import {
  automatic,
  eulerMaruyama,
  exactLinear,
  forwardEuler,
  heun,
  milstein,
  rk4,
} from "#spikevine/src/equations/integrators/index";
import { SpikevineError } from "#spikevine/src/errors";
import { rowKey } from "#spikevine/src/random/counter";
import { drawNormal } from "#spikevine/src/random/normal";
import { simulation } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { WAYS } from "./ways.js";

const about = { name: "noisy", summary: "For a test.", source: "this test" };
const number = { summary: "a number" };
const tau = { tau: { value: "5 ms", ...number }, sigma: { value: 2, ...number } };

/** An Ornstein-Uhlenbeck process with the standard deviation sigma. */
const wandering = defineSynapse({
  ...about,
  parameters: tau,
  states: { x: number },
  dynamics: { x: "-x / tau + sigma * sqrt(2 / tau) * xi" },
});

/** Geometric Brownian motion. */
const multiplicative = (changes: Partial<Parameters<typeof defineSynapse>[0]> = {}) =>
  defineSynapse({
    ...about,
    states: { x: { initial: 1, ...number } },
    dynamics: { x: "0.5 / ms * x + 0.8 / (1 ms)^0.5 * x * xi" },
    ...changes,
  });

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe.each(WAYS.slice(1))("noise in synapses, %s", (_, way) => {
  const build = (synapses: number, options: { trial?: number } = {}) => {
    const sim = simulation({ seed: 7, dt: "0.5 ms", ...way });
    const pre = sim.source("pre", synapses, { spikes: [] });
    const post = sim.source("post", 1, { spikes: [] });
    const projection = sim.connect(pre, post, { pattern: "all-to-all", weight: 1, synapse: wandering });
    sim.reset(options);
    return { sim, projection };
  };

  it("has the variance of the scheme's stationary state, and is independent between synapses", async () => {
    const count = 4000;
    const { sim, projection } = build(count);
    await sim.run("40 ms");
    const x = sim.synapseState(projection, "x");
    const decay = Math.exp(-0.5 / 5);
    // x' = decay x + sigma sqrt(2 dt / tau) N.
    const variance = (4 * 2 * 0.5) / 5 / (1 - decay ** 2);
    expect(Math.abs(mean(x))).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(Math.abs(mean(x.map((v) => v * v)) - variance)).toBeLessThan(4 * variance * Math.sqrt(2 / count));
    const neighbors = x.slice(1).map((v, s) => v * x[s]!);
    expect(Math.abs(mean(neighbors))).toBeLessThan((4 * variance) / Math.sqrt(count));
  });

  it("repeats in the same trial, after a saved state too, and differs in another; simulateSynapses draws the same", async () => {
    const first = build(3);
    await first.sim.run("10 ms");
    const saved = first.sim.save();
    await first.sim.run("10 ms");
    const second = build(3);
    second.sim.restore(saved);
    await second.sim.run("10 ms");
    const x = first.sim.synapseState(first.projection, "x");
    expect(second.sim.synapseState(second.projection, "x")).toEqual(x);
    const other = build(3, { trial: 1 });
    await other.sim.run("20 ms");
    expect(other.sim.synapseState(other.projection, "x")).not.toEqual(x);
    const alone = simulateSynapses(wandering, { dt: "0.5 ms", duration: "20 ms", synapses: 3, weight: 1, seed: 7 });
    expect(alone.values.x!.slice(-3)).toEqual(x);
  });
});

describe("noise in simulateSynapses", () => {
  const run = (definition: ReturnType<typeof defineSynapse>, record = ["x"]) =>
    simulateSynapses(definition, { dt: 0.25, duration: 1, synapses: 2, seed: 3, record }).values;

  it("adds the amplitude at the beginning of the step times sqrt(dt) and a normal number of the synapse and the step", () => {
    const synapse = defineSynapse({
      ...about,
      parameters: tau,
      states: { x: { initial: 1, ...number } },
      dynamics: { x: "-x / tau + sigma * x / sqrt(tau) * xi" },
      calculus: "ito",
      integrator: forwardEuler,
    });
    const { x } = run(synapse);
    for (let s = 0; s < 2; s++) {
      let value = 1;
      for (let step = 0; step < 4; step++) {
        const draw = drawNormal(rowKey(45, 3, 0, 0, 0, step), s);
        value += (-value / 5) * 0.25 + ((2 * value) / Math.sqrt(5)) * 0.5 * draw;
        expect(x![2 * (step + 1) + s]).toBeCloseTo(value, 12);
      }
    }
  });

  it("draws xi_1 independently of xi, the same name the same number, and xi_shared the same for all synapses", () => {
    const synapse = defineSynapse({
      ...about,
      parameters: tau,
      states: { x: number, w: number, z: number, u: number },
      dynamics: { x: "xi / sqrt(tau)", w: "xi / sqrt(tau)", z: "xi_1 / sqrt(tau)", u: "xi_shared / sqrt(tau)" },
    });
    const { x, w, z, u } = run(synapse, ["x", "w", "z", "u"]);
    expect(w).toEqual(x);
    expect([z![2], z![3], u![2]].some((value) => value === x![2] || value === x![3])).toBe(false);
    expect([u![2], u![4], u![8]]).toEqual([u![3], u![5], u![9]]);
    expect(x![2]).not.toBe(x![3]);
  });

  it.each([{}, { integrator: eulerMaruyama }, { integrator: rk4 }])(
    "acts on the weight too, whose drift reads the states after the step, scheme %#",
    (weightScheme) => {
      const synapse = defineSynapse({
        ...about,
        parameters: tau,
        states: { x: number },
        dynamics: { x: "xi / sqrt(tau)", weight: "x^2 / tau + sigma * xi / sqrt(tau)" },
        weight: weightScheme,
      });
      const { x, weight } = run(synapse, ["x", "weight"]);
      expect(weight![2]).toBeCloseTo((x![2]! ** 2 * 0.25) / 5 + 2 * x![2]!, 12);
    },
  );

  it("is left out of the stability limit of a weight whose decay is a noisy state", async () => {
    const synapse = defineSynapse({
      ...about,
      parameters: tau,
      states: { x: { initial: 1, ...number } },
      dynamics: { x: "xi / sqrt(tau)", weight: "-x * weight / tau" },
    });
    const sim = simulation({ seed: 3, dt: "0.25 ms" });
    const [pre, post] = ["pre", "post"].map((name) => sim.source(name, 1, { spikes: [] }));
    const projection = sim.connect(pre!, post!, { pattern: "all-to-all", weight: 1, synapse });
    await sim.run("0.25 ms");
    const x = sim.synapseState(projection, "x")[0]!;
    expect(sim.synapseState(projection, "weight")[0]).toBeCloseTo(1 - (0.25 / 5) * x, 12);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a unit",
      () => defineSynapse({ ...about, states: { x: number }, parameters: tau, dynamics: { x: "xi / tau" } }),
      /in dx\/dt the term "xi \/ tau"/,
    ],
    [
      "two noises as a product",
      () => defineSynapse({ ...about, states: { x: number }, dynamics: { x: "xi * xi_1" } }),
      /dx\/dt is not linear in "xi_1"; make the noise a factor of a term/,
    ],
    [
      "noise in another sense than its scheme's",
      () => multiplicative({ integrator: forwardEuler }),
      /the noise is multiplied by a variable that it drives, and forwardEuler adds it in the sense of Ito; use heun or mil/,
    ],
    [
      "heun for the integral of Ito",
      () => multiplicative({ integrator: heun, calculus: "ito" }),
      /heun does not converge to the integral of Ito; use the integrator eulerMaruyama or milstein/,
    ],
    [
      "a factor that another scheme moves",
      () =>
        defineSynapse({
          ...about,
          states: { x: number, z: number },
          dynamics: { x: "z / (1 ms)^0.5 * xi", z: "xi / (1 ms)^0.5" },
          integrator: { x: heun, z: milstein },
        }),
      /the factor of xi in dx\/dt depends on "z", which xi drives and another scheme integrates; use heun for both/,
    ],
    [
      "outside of dynamics",
      () => defineSynapse({ ...about, states: { x: number }, onPre: { x: "xi" } }),
      /in onPre of x.*"xi"/,
    ],
  ])("refuses %s in one sentence", (_, make, message) => {
    expect(make).toThrow(SpikevineError);
    expect(make).toThrow(message);
  });
});

describe("schemes for noise in synapses", () => {
  /** One step of 0.25 ms from 1 with the normal number of synapse 0: drift 0.125, dW = 0.5 N. */
  const dw = 0.5 * drawNormal(rowKey(45, 3, 0, 0, 0, 0), 0);
  const once = (synapse: ReturnType<typeof defineSynapse>): number =>
    simulateSynapses(synapse, { dt: 0.25, duration: 0.25, seed: 3, record: ["x"] }).values.x![1]!;
  const euler = 1 + 0.125 + 0.8 * dw;
  it.each<[string, Parameters<typeof multiplicative>[0], number]>([
    ["eulerMaruyama", { integrator: eulerMaruyama, calculus: "ito" }, euler],
    ["milstein, Ito", { integrator: milstein, calculus: "ito" }, euler + 0.32 * (dw * dw - 0.25)],
    ["milstein, Stratonovich, also by default", {}, euler + 0.32 * dw * dw],
    ["the choice of automatic", { integrator: automatic }, euler + 0.32 * dw * dw],
    ["heun", { integrator: heun }, 1 + ((0.125 + 0.8 * dw) * (1 + euler)) / 2],
  ])("%s", (_, changes, wanted) => {
    expect(once(multiplicative(changes))).toBeCloseTo(wanted, 13);
  });

  it("other schemes take additive noise as constant during the step", () => {
    const additive = (integrator: typeof rk4) =>
      defineSynapse({
        ...about,
        states: { x: number },
        dynamics: { x: "-x / ms + 0.8 / (1 ms)^0.5 * xi" },
        integrator,
      });
    const [h, force] = [0.25, (0.8 * dw) / 0.25];
    expect(once(additive(rk4))).toBeCloseTo(force * h * (1 - h / 2 + h ** 2 / 6 - h ** 3 / 24), 13);
    expect(once(additive(exactLinear))).toBeCloseTo(force * (1 - Math.exp(-h)), 13);
  });

  it("the weight has a scheme of its own, with its states after the step", () => {
    const weighing = (integrator?: typeof heun) =>
      defineSynapse({
        ...about,
        weight: integrator && { integrator },
        dynamics: { weight: "0.5 / ms * weight + 0.8 / (1 ms)^0.5 * weight * xi" },
      } as Parameters<typeof defineSynapse>[0]);
    const run = (synapse: ReturnType<typeof defineSynapse>): number =>
      simulateSynapses(synapse, { dt: 0.25, duration: 0.25, seed: 3, weight: 1 }).values.weight![1]!;
    expect(run(weighing(heun))).toBeCloseTo(1 + ((0.125 + 0.8 * dw) * (1 + euler)) / 2, 13);
    expect(run(weighing())).toBeCloseTo(euler + 0.32 * dw * dw, 13);
    expect(weighing().schemes).toEqual({ weight: "milstein" });
  });

  const ends = (synapse: ReturnType<typeof defineSynapse>, steps: number, synapses: number): Float64Array => {
    const { values } = simulateSynapses(synapse, { dt: 1 / steps, duration: 1, synapses, seed: 9, every: steps });
    return values.x!.slice(-synapses);
  };
  it.each<[string, Parameters<typeof multiplicative>[0], number]>([
    ["milstein, Ito", { integrator: milstein, calculus: "ito" }, 0.5],
    ["heun", { integrator: heun }, 0.5 + 0.32],
  ])("weak convergence: %s has the mean of the integral that the equations mean", (_, changes, rate) => {
    const count = 4000;
    const found = mean(ends(multiplicative(changes), 32, count));
    // The variance of geometric Brownian motion is mean^2 (exp(0.64) - 1); the scheme's own error is some 1 %.
    const spread = Math.exp(rate) * Math.sqrt(Math.expm1(0.64) / count);
    expect(Math.abs(found - Math.exp(rate))).toBeLessThan(4 * spread + 0.02 * Math.exp(rate));
    const other = Math.exp(rate === 0.5 ? 0.82 : 0.5);
    expect(Math.abs(found - other)).toBeGreaterThan(8 * spread);
  });
});

it("normal numbers have the moments of a normal distribution", () => {
  const count = 200_000;
  const key = rowKey(1, 2);
  const values = Float64Array.from({ length: count }, (_, k) => drawNormal(key, k));
  expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(count));
  expect(Math.abs(mean(values.map((v) => v ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
});
