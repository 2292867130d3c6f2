import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { defineNeuron, dormandPrince, type NeuronSpec, rk2, rk4, type Schemes } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { SpikevineError } from "#spikevine/src/errors";
import { functionTable, simulation } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { WAYS } from "./ways.js";

const neuron = (dynamics: Record<string, string>, more: Partial<NeuronSpec> = {}) =>
  defineNeuron({
    name: "test",
    states: Object.fromEntries(Object.keys(dynamics).map((state) => [state, { initial: 1 }])),
    dynamics,
    integrator: dormandPrince(),
    ...(more.spike === undefined ? { output: Object.keys(dynamics)[0]! } : {}),
    ...more,
  });

/** A stiff relaxation oscillation: van der Pol's equation. */
const relaxation = { x: "w / ms", w: "(mu * (1 - x * x) * w - x) / ms" };
const mu = { parameters: { mu: { value: 5 } } };

/** A tight reference: Runge and Kutta's scheme of order 4 with steps of 1 / `fine` ms, in plain code. */
function reference(f: (x: number[]) => number[], start: number[], duration: number, fine: number): number[] {
  const h = 1 / fine;
  let x = start;
  const ahead = (k: number[], by: number): number[] => x.map((value, i) => value + by * k[i]!);
  for (let step = 0; step < duration * fine; step++) {
    const k1 = f(x);
    const k2 = f(ahead(k1, h / 2));
    const k3 = f(ahead(k2, h / 2));
    const k4 = f(ahead(k3, h));
    x = x.map((value, i) => value + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
  }
  return x;
}

async function ends(definition: ReturnType<typeof neuron>, dt: string, duration: string, way = {}, current = [0]) {
  const sim = simulation({ dt, ...way });
  const cells = sim.population("cells", current.length, definition);
  sim.input(cells, { current });
  await sim.run(duration);
  return Object.keys(definition.states).map((state) => [...sim.state(cells, state)]);
}

describe.each(WAYS)("sub-steps, %s", (_, way) => {
  it("keep the tolerance at any step, and so follow a tight reference", async () => {
    const wanted = reference(([x, w]) => [w!, 5 * (1 - x! * x!) * w! - x!], [1, 1], 8, 4000);
    const errorAt = async (tolerance: number, dt: string): Promise<number> => {
      const definition = neuron(relaxation, { ...mu, integrator: dormandPrince({ tolerance }) });
      const [x, w] = await ends(definition, dt, "8 ms", way);
      return Math.max(Math.abs(x![0]! - wanted[0]!), Math.abs(w![0]! - wanted[1]!));
    };
    const [coarse, fine] = [await errorAt(1e-5, "2 ms"), await errorAt(1e-9, "2 ms")];
    expect(coarse).toBeLessThan(1e-2);
    expect(coarse).toBeGreaterThan(1e-7);
    expect(fine).toBeLessThan(1e-6);
    expect(await errorAt(1e-9, "0.5 ms")).toBeLessThan(1e-6);
  });

  it("differ between the neurons of a register, each of which has its own", async () => {
    const definition = neuron({ x: "(I - x) * (1 + 40 * x * x) / ms" });
    const currents = [0, 0.5, 1, 3, 10, -4, 2];
    const [together] = await ends(definition, "1 ms", "2 ms", way, currents);
    for (const [i, current] of currents.entries()) {
      const [[alone]] = (await ends(definition, "1 ms", "2 ms", way, [current])) as [[number]];
      expect(together![i]).toBe(alone);
    }
  });
});

it("the executors agree, with draws, resets, a part of another scheme and inputs", async () => {
  const firing = neuron(
    { v: "(v - v^3 / 3 - w + g + I) / ms", w: "0.2 * (v * v - w) / ms", g: "-g / (3 ms)" },
    { spike: "v - 1.5 - 0.1 * rand()", reset: { v: "y > 0 ? -1 : v", w: "w + 0.3 * y" }, integrator: { g: rk4 } },
  );
  const traces = [];
  for (const [, way] of WAYS) {
    const sim = simulation({ ...way, dt: "0.5 ms", seed: 3 });
    const integrator = { v: dormandPrince({ tolerance: 1e-8 }) };
    const cells = sim.population("cells", 5, firing, { integrator: { ...integrator, w: integrator.v } });
    sim.input(cells, { current: [0.5, 0.8, 1.1, 1.4, 1.7] });
    sim.input(cells, { poisson: { rate: "500 Hz", weight: 0.3, target: "g" } });
    const spikes = sim.monitor.spikes(cells);
    await sim.run("40 ms");
    traces.push({ v: [...sim.state(cells, "v")], spikes: spikes.trains(), schemes: cells.schemes });
  }
  const [single, double, plain] = traces;
  expect(plain!.schemes).toEqual({ v: "dormandPrince", w: "dormandPrince", g: "rk4" });
  expect(plain!.spikes.every((train) => train.length > 0)).toBe(true);
  expect(double!.spikes).toEqual(plain!.spikes);
  expect(single).toEqual(double);
  double!.v.forEach((v, i) => {
    expect(v).toBeCloseTo(plain!.v[i]!, 6);
  });
});

it("look up tables at the values of each sub-step", async () => {
  // dx/dt = table(x), linear between the entries -1 at 0 and 0 at 1: x = 1 - 0.5 exp(t) from 0.5 while x is above 0.
  const decline = functionTable([0, 1], [-1, 0]);
  const definition = neuron({ x: "decline(x) / ms" }, { functions: { decline } });
  for (const [, way] of WAYS) {
    const sim = simulation({ ...way, dt: "0.5 ms" });
    const cells = sim.population("cells", 3, definition, { initial: { x: [0.5, 0.75, 1] } });
    await sim.run("0.5 ms");
    const wanted = [0.5, 0.25, 0].map((gap) => 1 - gap * Math.exp(0.5));
    sim.state(cells, "x").forEach((x, i) => {
      expect(x).toBeCloseTo(wanted[i]!, 6);
    });
  }
});

describe("the order in the length of the sub-steps", () => {
  it("is 5: an error per sub-step of order 6 is allowed by its tolerance", async () => {
    // At tolerance T the number of sub-steps grows as T^(-1/5), and the error of the result falls in proportion to T.
    const errorAt = async (tolerance: number): Promise<number> => {
      const definition = neuron({ x: "-x * x / ms" }, { integrator: dormandPrince({ tolerance }) });
      const [[x]] = (await ends(definition, "5 ms", "5 ms", { executor: "javascript" })) as [[number]];
      return Math.abs(x - 1 / 6);
    };
    const slope = Math.log10((await errorAt(1e-4)) / (await errorAt(1e-10))) / 6;
    expect(slope).toBeGreaterThan(0.8);
    expect(slope).toBeLessThan(1.2);
  });

  it("a short step is one sub-step, the result of order 5", async () => {
    // dx/dt = -x cos(t) has x = exp(-sin t).
    const errorAt = async (steps: number): Promise<number> => {
      const definition = neuron({ x: "-x * cos(t / ms) / ms" }, { integrator: dormandPrince({ tolerance: 0.1 }) });
      const [[x]] = (await ends(definition, `${3 / steps} ms`, "3 ms", { executor: "javascript" })) as [[number]];
      return Math.abs(x - Math.exp(-Math.sin(3)));
    };
    expect(Math.log2((await errorAt(40)) / (await errorAt(80)))).toBeCloseTo(5, 0);
  });
});

describe("time in the equations moves within a step", () => {
  // dx/dt = t has x = 1 + t^2 / 2 exactly under schemes of order 2 and more.
  it.each<[string, Schemes, number]>([
    ["dormandPrince", dormandPrince(), 12],
    ["rk2", rk2, 12],
    ["rk4", rk4, 12],
  ])("%s", async (_, integrator, digits) => {
    const definition = neuron({ x: "t / ms^2" }, { integrator });
    for (const [, way] of WAYS) expect((await ends(definition, "1 ms", "3 ms", way))[0]![0]).toBeCloseTo(5.5, digits);
  });

  it("in synapses too", () => {
    const synapse = defineSynapse({
      name: "timed",
      summary: "For a test.",
      source: "this test",
      states: { x: { initial: 1, summary: "x" } },
      dynamics: { x: "t / (1 ms^2)" },
      integrator: rk2,
    });
    const { values } = simulateSynapses(synapse, { dt: 1, duration: 3 });
    expect(values.x!.at(-1)).toBeCloseTo(5.5, 12);
  });

  it("rk4 has order 4 with a sine of the time", async () => {
    const errorAt = async (steps: number): Promise<number> => {
      const definition = neuron({ x: "cos(2 * t / ms) / ms" }, { integrator: rk4 });
      const [[x]] = (await ends(definition, `${2 / steps} ms`, "2 ms", { executor: "javascript" })) as [[number]];
      return Math.abs(x - (1 + Math.sin(4) / 2));
    };
    expect(Math.log2((await errorAt(10)) / (await errorAt(20)))).toBeCloseTo(4, 0);
  });
});

describe("failures stop in words", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      "growth without limit",
      { x: "x * x / ms" },
      /"x" of neuron 0 of population "cells" needs sub-steps below 1e-7 ms in the step from 0\.9/,
    ],
    [
      "a division by 0",
      { x: "1 / (x - 1) / ms" },
      /needs sub-steps below 1e-7 ms in the step from 0 to 0\.1 ms; use a larger tol/,
    ],
    ["a value that is not a number", { x: "sqrt(-x) / ms" }, /needs sub-steps below/],
  ])("%s", async (_, dynamics, message) => {
    for (const [, way] of WAYS) {
      const run = ends(neuron(dynamics), "0.1 ms", "2 ms", way);
      await expect(run).rejects.toThrow(SpikevineError);
      await expect(run).rejects.toThrow(message);
    }
  });

  it("options and uses that do not exist", () => {
    expect(() => dormandPrince({ tolerance: 0 })).toThrow(
      /dormandPrince: tolerance is 0; give a number of at least 1e-13 and below 1/,
    );
    const trained = neuron({ x: "(I - x) / (1 ms)" });
    expect(() => network({ inputs: 1, layers: [dense(1, trained)], encoder: rate(), steps: 1 })).toThrow(
      /uses the integrator dormandPrince, which only simulations have/,
    );
  });
});
