import { describe, expect, it } from "vitest";
import { dense } from "#spikevine/networks/index";
import { defineNeuron, lif } from "#spikevine/neurons/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const counter = defineNeuron({
  name: "counter",
  states: { n: {}, time: { unit: "ms" }, place: {} },
  derived: { double: "2 * n", next: { equation: "double / 2 + 1" } },
  update: { n: "next", time: "t + 0.5 dt".replace("0.5 dt", "0.5 * dt"), place: "i / N" },
  spike: "int(mod(n, 10) == 0) - 0.5",
});

describe.each(WAYS)("names of simulations, %s", (_, way) => {
  it("t, dt, i and N", async () => {
    const sim = simulation({ ...way, dt: "0.2 ms" });
    const cells = sim.population("cells", 5, counter);
    const spikes = sim.monitor.spikes(cells);
    await sim.run("6 ms");
    expect([...sim.state(cells, "n")]).toEqual(Array(5).fill(30));
    for (const time of sim.state(cells, "time")) expect(time).toBe(29 * 0.2 + 0.5 * 0.2);
    for (const [i, place] of sim.state(cells, "place").entries()) expect(place).toBeCloseTo(i / 5, 7);
    expect([...spikes.times].filter((_, k) => spikes.indices[k] === 3)).toEqual([1.8, 3.8, 5.8]);
  });

  it("rand and randn: another number per neuron, step and call, the same again after a reset", async () => {
    const drawer = defineNeuron({
      name: "drawer",
      states: { u: {}, w: {}, x: {}, same: {} },
      derived: { drawn: "randn()" },
      update: { u: "rand()", w: "rand()", x: "drawn", same: "drawn" },
      output: "u",
    });
    const sim = simulation({ ...way, seed: 3 });
    const cells = sim.population("cells", 20_000, drawer);
    const run = async () => {
      await sim.run("0.2 ms");
      return ["u", "w", "x", "same"].map((name) => sim.state(cells, name)) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
    };
    const [u, w, x, same] = await run();
    const mean = (f: (k: number) => number): number => u.reduce((sum, _, k) => sum + f(k), 0) / u.length;
    // Six standard deviations of each mean.
    expect(Math.abs(mean((k) => u[k]!) - 0.5)).toBeLessThan(6 * 0.289 * u.length ** -0.5);
    expect(Math.abs(mean((k) => u[k]! * w[k]!) - 0.25)).toBeLessThan(6 * 0.22 * u.length ** -0.5);
    expect(Math.abs(mean((k) => x[k]!))).toBeLessThan(6 * u.length ** -0.5);
    expect(Math.abs(mean((k) => x[k]! ** 2) - 1)).toBeLessThan(6 * Math.sqrt(2 / u.length));
    expect(Math.abs(mean((k) => x[k]! ** 4) - 3)).toBeLessThan(6 * Math.sqrt(96 / u.length));
    expect(same).toEqual(x);
    expect(Math.max(...x)).toBeGreaterThan(3.3);
    const other = (await run())[0]!;
    expect(other[0]).not.toBe(u[0]);
    sim.reset();
    expect((await run())[0]).toEqual(u);
    sim.reset({ trial: 1 });
    expect((await run())[0]).not.toEqual(u);
  });
});

it("draws are the same on all executors in double precision", async () => {
  const drawer = defineNeuron({ name: "drawer", states: { x: {} }, update: { x: "x + randn()" }, output: "x" });
  const results = [];
  for (const way of [{}, { executor: "javascript" }] as const) {
    const sim = simulation({ ...way, seed: 5 });
    const cells = sim.population("cells", 1001, drawer);
    await sim.run("3 ms");
    results.push(sim.state(cells, "x"));
  }
  expect(results[0]).toEqual(results[1]);
});

describe("a neuron that is only simulated", () => {
  const spec = { name: "plain", states: { v: {} }, update: { v: "v + I" }, spike: "v - 1" };

  it("needs no surrogate, summary or source, and is described without them", () => {
    const text = defineNeuron(spec).describe();
    expect(text).not.toContain("undefined");
    expect(text).not.toContain("Source");
  });

  it("gets a surrogate in a layer, and is refused there if it needs a clock", () => {
    expect(defineNeuron(spec).surrogate).toBeUndefined();
    expect(dense(3, defineNeuron(spec)).neuron?.surrogate?.name).toBe("arctan");
    const timed = defineNeuron({ ...spec, update: { v: "v + I * t / dt" }, surrogate: lif().surrogate! });
    expect(timed.simulatedOnly).toBe("t");
    expect(() => dense(3, timed)).toThrow("dense: neurons/plain uses t, which only simulations have");
  });
});

describe("subexpressions", () => {
  const spec = {
    name: "sub",
    states: { v: { unit: "mV" } },
    parameters: { tau: { value: "10 ms" }, E: { value: "-60 mV" } },
    dynamics: { v: "drive / tau" },
    output: "v",
  } as const;

  it("may be in any order and have units", () => {
    const derived = { drive: { equation: "pull + 5 mV", unit: "mV" }, pull: "E - v" };
    const neuron = defineNeuron({ ...spec, derived });
    const plain = defineNeuron({ ...spec, dynamics: { v: "(E - v + 5 mV) / tau" } });
    expect(neuron.kernel({ dt: 0.1 }).step).toEqual(plain.kernel({ dt: 0.1 }).step);
  });

  it.each([
    [{ drive: "pull", pull: "drive - v" }, "it is defined by itself (drive, pull, drive); make it a state."],
    [{ drive: { equation: "E - v", unit: "pA" } }, 'the term "E" is in mV; every term must be in pA.'],
    [{ drive: "E - tau" }, 'the term "tau" is in ms'],
    [{ drive: "E - w" }, 'in drive: unknown name "w"'],
    [{ drive: "E - v", v: "3" }, 'the name "v" is reserved'],
    [{ drive: "E - v", "a b": "3" }, "cannot be a name"],
  ])("%j is refused", (derived, reason) => {
    expect(() => defineNeuron({ ...spec, derived: derived as Record<string, string> })).toThrow(reason);
  });

  it("an input is not known in a reset, not even through a subexpression", () => {
    const derived = { drive: "E - v", push: "I * 2" };
    expect(() => defineNeuron({ ...spec, derived, reset: { v: "v + push * 1 mV" } })).toThrow(
      'neurons/sub: in push: unknown name "I"',
    );
  });
});

it.each([
  ["xi", { v: "v + xi" }, '"xi" has no meaning here: it is noise; it belongs in the dynamics'],
  ["xi_1", { v: "v + xi_1" }, "it is noise"],
  ["notRefractory", { v: "v * notRefractory" }, "it needs the field refractory"],
  ["s", { v: "v / (10 * s)" }, 'unknown name "s"; a unit of one letter stands directly after its number, e.g. "10 s"'],
])("%s in a place without it is explained", (_, update, reason) => {
  expect(() => defineNeuron({ name: "x", states: { v: {} }, update, output: "v" })).toThrow(reason);
});

describe.each(WAYS)("refractoriness, %s", (_, way) => {
  const spec = {
    name: "driven",
    states: { v: {}, free: {} },
    parameters: { tref: { value: "2 ms" } },
    dynamics: { v: "1 / ms" },
    update: { free: "notRefractory" },
    spike: "v - 0.95",
    reset: { v: "y > 0 ? 0 : v" },
  };
  const run = async (neuron: ReturnType<typeof defineNeuron>, refractory?: string) => {
    const sim = simulation({ ...way, dt: "0.1 ms" });
    const cells = sim.population("cells", 3, neuron, refractory === undefined ? {} : { refractory });
    const spikes = sim.monitor.spikes(cells);
    const free = sim.monitor.state(cells, "free", { indices: [1] });
    const v = sim.monitor.state(cells, "v", { indices: [1] });
    await sim.run("8 ms");
    return { times: [...spikes.times].filter((_, k) => spikes.indices[k] === 1), free: free.values, v: v.values };
  };

  it("a time holds whole steps, in which listed states do not move", async () => {
    // Ten steps to the threshold, the spike in the tenth; then 20 held steps.
    const { times, free, v } = await run(defineNeuron({ ...spec, refractory: "tref", unlessRefractory: ["v"] }));
    expect(times).toEqual([0.9, 3.9, 6.9]);
    // A monitor reads a state before the step: `free` of step k is at k + 1.
    expect([...free].map((value, k) => (value === 0 ? k : -1)).filter((k) => k > 0)).toEqual([
      ...Array.from({ length: 20 }, (_, k) => 11 + k),
      ...Array.from({ length: 20 }, (_, k) => 41 + k),
      ...Array.from({ length: 10 }, (_, k) => 71 + k).filter((k) => k < 80),
    ]);
    expect([...v.subarray(10, 31)].every((value) => value === 0)).toBe(true);
    expect(v[31]).toBeCloseTo(0.1, 6);
  });

  it("without held states only the firing stops", async () => {
    const { times } = await run(defineNeuron({ ...spec, refractory: "2 ms" }));
    // v is above the threshold when the 20 steps are over.
    expect(times).toEqual([0.9, 3, 5.1, 7.2]);
  });

  it("the threshold and events know it too", async () => {
    const events = { high: { when: "v > 0.45 and notRefractory" }, low: { when: "v < 0.15 and not notRefractory" } };
    const neuron = defineNeuron({ ...spec, spike: "notRefractory ? v - 0.95 : 1", refractory: "2 ms", events });
    const sim = simulation({ ...way, dt: "0.1 ms" });
    const cells = sim.population("cells", 1, neuron);
    const [spikes, high, low] = [cells, sim.event(cells, "high"), sim.event(cells, "low")].map((of) =>
      sim.monitor.spikes(of),
    );
    await sim.run("4 ms");
    expect([...spikes!.times]).toEqual([0.9, 3]);
    // From the fifth step to the spike in the tenth, and in the first step after the 20 refractory ones, which spikes.
    expect([...high!.times]).toEqual([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 3]);
    // v is 0.1 in the first step after each reset.
    expect([...low!.times]).toEqual([1, 3.1]);
  });

  it("a condition lasts while it holds, and the population may choose", async () => {
    const { times } = await run(defineNeuron({ ...spec, refractory: "0 ms" }), "v < 0.45");
    // Refractory while v starts a step below 0.45; the threshold comes later.
    expect(times).toEqual([0.9, 1.9, 2.9, 3.9, 4.9, 5.9, 6.9, 7.9]);
    const waiting = await run(defineNeuron({ ...spec, refractory: "0 ms" }), "v < 1.45");
    // v starts a step at 1.5 in the sixteenth step after a reset.
    expect(waiting.times).toEqual([0.9, 2.5, 4.1, 5.7, 7.3]);
  });
});

it.each([
  [{ refractory: "5" }, 'refractory is "5", neither a time nor a condition; give e.g. "5 ms"'],
  [{ refractory: "5 mV" }, "neither a time nor a condition"],
  [{ unlessRefractory: ["v"] }, 'no refractory; give it, e.g. refractory: "5 ms"'],
  [{ refractory: "5 ms", unlessRefractory: ["w"] }, 'unknown state in unlessRefractory of neurons/r "w"'],
  [{ refractory: "5 ms", derived: { notRefractory: "v" } }, 'the name "notRefractory" is reserved'],
])("refractoriness %j is refused", (fields, reason) => {
  const spec = { name: "r", states: { v: {} }, update: { v: "v + I" }, spike: "v - 1" };
  expect(() => defineNeuron({ ...spec, ...fields } as Parameters<typeof defineNeuron>[0])).toThrow(reason);
});

describe.each(WAYS)("noise, %s", (_, way) => {
  it("has the variance of the process, independent or shared", async () => {
    const noisy = defineNeuron({
      name: "noisy",
      states: { x: {}, y1: {}, all: {} },
      parameters: { tau: { value: "5 ms" } },
      dynamics: {
        x: "-x / tau + xi_1 * (2 / tau)^0.5",
        y1: "-y1 / tau + (2 / tau)^0.5 * xi_2",
        all: "-all / tau + (2 / tau)^0.5 * xi_shared",
      },
      output: "x",
    });
    const sim = simulation({ ...way, dt: "0.1 ms", seed: 2 });
    const cells = sim.population("cells", 4000, noisy);
    await sim.run("25 ms");
    const [x, y1, all] = ["x", "y1", "all"].map((name) => sim.state(cells, name)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const mean = (f: (k: number) => number): number => x.reduce((sum, _, k) => sum + f(k), 0) / x.length;
    // Euler-Maruyama: 1 / (1 - dt / (2 tau)), approached by exp(-2 t / tau).
    const variance = (1 - (1 - 0.1 / 5) ** (2 * 250)) / (1 - 0.1 / 10);
    for (const state of [x, y1]) {
      expect(Math.abs(mean((k) => state[k]! ** 2) - variance)).toBeLessThan(6 * Math.sqrt(2 / x.length));
    }
    expect(Math.abs(mean((k) => x[k]! * y1[k]!))).toBeLessThan(6 * x.length ** -0.5);
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toBe(0);
  });
});

it.each(WAYS)("a state without an equation changes by events, resets and the user only, %s", async (_, way) => {
  const counting = defineNeuron({
    name: "counting",
    states: { v: {}, spikes: {}, arrived: { initial: 2 } },
    dynamics: { v: "1 / (10 ms)" },
    spike: "v - 0.45",
    reset: { v: "y > 0 ? 0 : v", spikes: "spikes + y" },
  });
  const sim = simulation({ ...way, dt: "1 ms" });
  const source = sim.source("source", 1, {
    spikes: [
      ["3 ms", 0],
      ["8 ms", 0],
    ],
  });
  const cells = sim.population("cells", 3, counting);
  sim.connect(source, cells, { pattern: "all-to-all", target: "arrived", weight: 0.5 });
  await sim.run("23 ms");
  expect([...sim.state(cells, "spikes")]).toEqual([4, 4, 4]);
  expect([...sim.state(cells, "arrived")]).toEqual([3, 3, 3]);
  sim.set(cells, "arrived", "10 + i");
  await sim.run("5 ms");
  expect([...sim.state(cells, "arrived")]).toEqual([10, 11, 12]);
});
