import { describe, expect, it } from "vitest";
import {
  defineNeuron,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  heun,
  rk2,
  rk4,
  semiImplicit,
  systemIntegrators,
  tanhDerivative,
} from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";
import { runNeuron } from "../simulation/single-neuron.js";

const base = {
  name: "test",
  summary: "A test.",
  source: "none",
  spike: "v - 1000",
  surrogate: tanhDerivative(),
} as const;

/** Two equations that drive each other, each linear in its own variable. */
const coupled = defineNeuron({
  ...base,
  states: { v: { initial: 1, summary: "v" }, w: { initial: 0.5, summary: "w" } },
  parameters: { tau: { value: "1 ms", min: 0, summary: "tau" } },
  dynamics: { v: "(-v * (0.3 + w) + 1) / tau", w: "(v * v - w) / tau" },
});

/** A chain of three linear equations and an oscillation. */
const linear = defineNeuron({
  ...base,
  states: { v: { summary: "v" }, a: { initial: 2, summary: "a" }, b: { initial: 1, summary: "b" } },
  parameters: { tau: { value: "4 ms", min: 0, summary: "tau" }, fast: { value: "1 ms", min: 0, summary: "fast" } },
  dynamics: { v: "(a - v + I) / tau", a: "(b - a) / fast", b: "-b / fast" },
});

describe("orders of convergence on two coupled equations", () => {
  it.each([
    [forwardEuler, 1],
    [semiImplicit, 1],
    [exponentialEuler, 1],
    [rk2, 2],
    [heun, 2],
    [rk4, 4],
  ])("%o", async (integrator, order) => {
    const at = async (steps: number) =>
      (await runNeuron(coupled, { current: 0 }, "2 ms", { dt: `${2 / steps} ms`, integrator })).end;
    const [coarse, middle, fine] = [await at(20), await at(40), await at(80)];
    expect(integrator.order).toBe(order);
    // Differences between step lengths fall by 2^order, without need of the exact solution.
    expect(Math.log2((coarse - middle) / (middle - fine))).toBeCloseTo(order, order > 1 ? 0 : 0.5);
  });
});

describe("exactLinear", () => {
  const closed = (t: number, current: number): number => {
    // a = (2 + t) exp(-t), driving v over 4 ms; by variation of constants.
    const homogeneous = (s: number) => Math.exp(-s / 4);
    const steps = 20000;
    let sum = 0;
    for (let k = 0; k < steps; k++) {
      const s = ((k + 0.5) * t) / steps;
      sum += homogeneous(t - s) * ((2 + s) * Math.exp(-s) + current) * (t / steps / 4);
    }
    return sum;
  };

  it.each(["0.1 ms", "1 ms", "5 ms"])("is exact at a step of %s", async (dt) => {
    const { end } = await runNeuron(linear, { current: 0.7 }, "5 ms", { dt, integrator: exactLinear });
    expect(end).toBeCloseTo(closed(5, 0.7), 7);
  });

  it("gives the same whatever the step, to the last digits", async () => {
    const once = await runNeuron(linear, { current: 0.7 }, "5 ms", { dt: "5 ms", integrator: exactLinear });
    const often = await runNeuron(linear, { current: 0.7 }, "5 ms", { dt: "0.05 ms", integrator: exactLinear });
    expect(often.end).toBeCloseTo(once.end, 13);
  });

  it("decides a condition at the beginning of the step for all equations", async () => {
    const held = defineNeuron({
      ...base,
      states: { v: { initial: 1, summary: "v" }, a: { initial: 1, summary: "a" } },
      parameters: { tau: { value: "1 ms", summary: "tau" } },
      dynamics: { v: "I > 0 ? 0 : (a - v) / tau", a: "-a / tau" },
      integrator: exactLinear,
    });
    expect((await runNeuron(held, { current: 1 }, "2 ms")).end).toBe(1);
    const free = await runNeuron(held, { current: 0 }, "2 ms");
    expect(free.end).toBeCloseTo((1 + 2) * Math.exp(-2), 12);
  });

  it("refuses equations that are not linear when the neuron is defined", () => {
    expect(() => coupled.with({ integrator: exactLinear })).toThrow(SpikevineError);
    expect(() => coupled.with({ integrator: exactLinear })).toThrow(
      /neurons\/test: d[vw]\/dt is not linear in "[vw]".*rk4/,
    );
  });

  it("lets no parameter be trained, since it works with their values", () => {
    const neuron = linear.with({ integrator: exactLinear });
    expect(neuron.kernel({ dt: 1 }).parameters).toEqual([]);
    expect(() => neuron.kernel({ dt: 1, trained: ["tau"] })).toThrow(/"tau" cannot be trained/);
  });
});

describe("system integrators", () => {
  it.each(Object.entries(systemIntegrators))("%s is registered under its name", (name, integrator) => {
    expect(integrator.name).toBe(name);
  });
});

describe("time constants", () => {
  it("are the relaxation times of the states at the start", () => {
    expect(linear.timeConstants()).toEqual({ v: 4, a: 1, b: 1 });
  });
});
