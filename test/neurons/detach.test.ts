import { describe, expect, it } from "vitest";
import {
  arctan,
  defineNeuron,
  integrator,
  leaky,
  lif,
  type NeuronDefinition,
  rLeaky,
  snu,
} from "#spikevine/neurons/index";
import { freeSymbols } from "#spikevine/src/equations/language/expression";
import { adjointScan, initialStart, scan } from "./scan.js";

/** snnTorch's atan(alpha=2) at v - 1. */
const slope = (v: number): number => 1 / (1 + (Math.PI * (v - 1)) ** 2);

/** Derivatives of 3 y1 + 5 y2 with respect to both currents and the parameters. */
function gradients(neuron: NeuronDefinition, currents: readonly number[]) {
  const kernel = neuron.kernel({ dt: 1 });
  const parameters = Object.fromEntries(kernel.parameters.map((p) => [p, neuron.parameters[p]!.value]));
  const start = initialStart(kernel, parameters);
  const record = scan(kernel, parameters, currents, start);
  return { ...adjointScan(kernel, parameters, record, start, [3, 5]), outputs: record.outputs };
}

/** Two steps by hand: v1 = 1.2 fires, v2 = 0.5 * 1.2 + 1 - 1 = 0.6 does not. */
const [v1, v2] = [1.2, 0.6];
const [first, second] = [3 * slope(v1), 5 * slope(v2)];

describe("a reset without gradient", () => {
  it("of leaky, two steps by hand", () => {
    const detached = gradients(leaky({ beta: 0.5 }), [1.2, 1]);
    expect(detached.outputs).toEqual([1, 0]);
    // dv2/dI1 = beta: the spike in v2 = beta v1 + I2 - threshold y1 is a constant.
    expect(detached.currents[0]).toBeCloseTo(first + 0.5 * second, 12);
    expect(detached.currents[1]).toBeCloseTo(second, 12);
    // Each v - threshold, and the reset's factor y1 = 1.
    expect(detached.parameters.threshold).toBeCloseTo(-first - 2 * second, 12);
    expect(detached.parameters.beta).toBeCloseTo(1.2 * second, 12);

    const attached = gradients(leaky({ beta: 0.5, detachReset: false }), [1.2, 1]);
    // dv2/dI1 = beta - threshold dy1/dv1
    expect(attached.currents[0]).toBeCloseTo(first + (0.5 - slope(v1)) * second, 12);
    expect(attached.parameters.threshold).toBeCloseTo(-first - 2 * second + slope(v1) * second, 12);
  });

  it("of lif, whose reset is an equation of its own, two steps by hand", () => {
    // dt = tau ln 2 halves the distance to the current: v1 = 1.2, then v2 = (1.2 - 1 + 1) / 2 with reset subtract.
    const make = (detachReset: boolean) =>
      lif({ tau: `${1 / Math.LN2} ms`, reset: "subtract", detachReset, surrogate: arctan() });
    for (const [detachReset, through] of [
      [true, 1],
      [false, 1 - slope(v1)],
    ] as const) {
      const { currents, outputs } = gradients(make(detachReset), [2.4, 1]);
      expect(outputs).toEqual([1, 0]);
      expect(currents[0]).toBeCloseTo((first + 0.5 * through * second) / 2, 12);
    }
  });

  it("of snu with reset zero, two steps by hand", () => {
    // s2 = I2 + 0.5 s1 (1 - y1) = 0.6: with the factor 1 - y1 = 0, only the spike connects the steps.
    const make = (detachReset: boolean) => snu({ decay: 0.5, detachReset, surrogate: arctan() });
    expect(gradients(make(true), [1.2, 0.6]).currents[0]).toBeCloseTo(first, 12);
    expect(gradients(make(false), [1.2, 0.6]).currents[0]).toBeCloseTo(first - 0.5 * 1.2 * slope(v1) * second, 12);
    expect(() => snu({ reset: "proportional", detachReset: true })).toThrow(
      "neurons/snu: detachReset is true, but the reset proportional is a function of the state",
    );
  });

  it("of rLeaky leaves the gradient of its recurrence", () => {
    // v2 = 0.5 * 1.2 + 0.6 + 0.4 y1 - y1
    const { currents, parameters } = gradients(rLeaky({ beta: 0.5, V: 0.4 }), [1.2, 0.6]);
    expect(currents[0]).toBeCloseTo(first + (0.5 + 0.4 * slope(v1)) * second, 12);
    expect(parameters.V).toBeCloseTo(second, 12);
  });

  it("of integrator: nothing of the first step reaches the second after a hard reset", () => {
    const detached = gradients(integrator({ detachReset: true }), [1.2, 0.6]);
    expect(detached.currents[0]).toBeCloseTo(first, 12);
    const attached = gradients(integrator(), [1.2, 0.6]);
    expect(attached.currents[0]).toBeCloseTo(first - 1.2 * slope(v1) * second, 12);
  });

  it("leaves the forward pass and the devices' formulas as they are", () => {
    for (const reset of ["subtract", "zero"] as const) {
      const [kernel, plain] = [true, false].map((detachReset) => leaky({ reset, detachReset }).kernel({ dt: 1 }));
      expect(kernel!.step).toEqual(plain!.step);
      expect(kernel!.carry).toEqual(plain!.carry);
      const names = freeSymbols([kernel!.step, kernel!.carry, kernel!.adjoint].flatMap((part) => Object.values(part)));
      expect(names.filter((name) => name.includes("detached"))).toEqual([]);
    }
  });
});

describe("detach", () => {
  const own = (equations: object) =>
    defineNeuron({
      name: "own",
      summary: "s",
      source: "s",
      states: { v: { summary: "v" } },
      update: { v: "0.5 * v + I" },
      spike: "v - 1",
      surrogate: arctan(),
      ...equations,
    });

  it("takes y in the update, the dynamics and the reset of a neuron", () => {
    const neuron = own({ update: { v: "0.5 * v * (1 - detach(y)) + I" }, reset: { v: "v - 0.1 * detach(y)" } });
    expect(neuron.describe()).toContain("v = 0.5 * v * (1 - detach(y)) + I");
    const moving = own({
      update: {},
      dynamics: { v: "(-v * detach(y) + I) / tau" },
      parameters: { tau: { value: "5 ms", summary: "t" } },
    });
    expect(moving.timeConstants()).toEqual({});
    expect(moving.instabilities({ dt: 1 })).toEqual([]);
  });

  it.each([
    [
      { update: { v: "detach(v) + I" } },
      'neurons/own: in the update of v: "detach(v)" has no meaning; detach takes y alone',
    ],
    [{ spike: "v - detach(y)" }, 'neurons/own: in spike: "detach(y)" has no meaning'],
    [{ update: { v: "detach(2 * y) + I" } }, '"detach(2 * y)" has no meaning'],
    [{ update: { v: "detach(y, 1) + I" } }, "gives detach 2 arguments instead of 1"],
    [{ parameters: { detach: { value: 1, summary: "d" } } }, 'the name "detach" is reserved'],
  ])("is refused elsewhere: %j", (equations, message) => {
    expect(() => own(equations)).toThrow(message);
  });
});
