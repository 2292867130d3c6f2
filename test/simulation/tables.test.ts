import { describe, expect, it } from "vitest";
import { dense } from "#spikevine/networks/index";
import { defineNeuron, forwardEuler, rk2, rk4, tanhDerivative } from "#spikevine/neurons/index";
import { functionTable, simulation, timedArray } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const VALUES = [1, 5, -2, 7.5, 3];

/**
 * Values of Brian2 2.5 in the steps 0 to 11: `stimulus(t)` and `stimulus(t - 0.7*ms)` of a TimedArray of `VALUES`, by the length
 * of a row and of a step in ms.
 */
const BRIAN2: readonly (readonly [row: number, step: number, now: string, before: string])[] = [
  [0.25, 0.1, "1 1 1 5 5 -2 -2 -2 7.5 7.5 3 3", "1 1 1 1 1 1 1 1 1 1 5 5"],
  [0.97, 1, "1 5 -2 7.5 3 3 3 3 3 3 3 3", "1 1 5 -2 7.5 3 3 3 3 3 3 3"],
  [0.05, 0.1, "1 -2 3 3 3 3 3 3 3 3 3 3", "1 1 1 1 1 1 1 1 -2 3 3 3"],
  [0.3, 0.1, "1 1 1 5 5 5 -2 -2 -2 7.5 7.5 7.5", "1 1 1 1 1 1 1 1 1 1 5 5"],
];

/**
 * Values of Brian2 2.5.1 at 0.75, 1, 1.25, 1.5, 1.75 and 2 ms: dv/dt = (stimulus(t) - v) / (5 ms), with rows 0, 20, 5 and -3 of
 * 1 ms and steps of 0.25 ms.
 */
const BRIAN2_SCHEMES = [
  [rk4, [0, 0.166666667, 1.1339497, 2.05405778, 2.92929166, 3.63683989]],
  [rk2, [0, 0, 0.975, 1.90246875, 2.7847234, 3.62396813]],
  [forwardEuler, [0, 0, 1, 1.95, 2.8525, 3.709875]],
] as const;

describe.each(WAYS)("timed arrays in equations, %s", (_, way) => {
  it.each(BRIAN2_SCHEMES)(
    "are read at the times at which $name evaluates the equations",
    async (integrator, wanted) => {
      const neuron = defineNeuron({
        name: "listener",
        functions: { stimulus: timedArray([0, 20, 5, -3], { dt: "1 ms" }) },
        states: { v: {}, shifted: {}, column: {} },
        dynamics: {
          v: "(stimulus(t) - v) / (5 ms)",
          shifted: "(stimulus(t + 0 ms) - shifted) / (5 ms)",
          column: "(stimulus(t, i) - column) / (5 ms)",
        },
        integrator,
        output: "v",
      });
      const sim = simulation({ ...way, dt: "0.25 ms" });
      const cells = sim.population("cells", 1, neuron);
      const monitors = Object.keys(neuron.states).map((state) => sim.monitor.state(cells, state));
      await sim.run("3 ms");
      for (const monitor of monitors) {
        const found = [...monitor.trace(0)].slice(3, 9);
        for (const [k, value] of wanted.entries()) expect(found[k]).toBeCloseTo(value, 7);
      }
    },
  );

  it.each(BRIAN2)("rows of %d ms and steps of %d ms, as in Brian2", async (row, dt, now, before) => {
    const neuron = defineNeuron({
      name: "listener",
      functions: { stimulus: timedArray(VALUES, { dt: `${row} ms` }) },
      states: { now: {}, before: {} },
      update: { now: "stimulus(t)", before: "stimulus(t - 0.7 ms)" },
      output: "now",
    });
    const sim = simulation({ ...way, dt: `${dt} ms` });
    const cells = sim.population("cells", 1, neuron);
    const monitors = ["now", "before"].map((name) => sim.monitor.state(cells, name));
    await sim.run(`${13 * dt} ms`);
    // A step's update is seen at the start of the next step.
    expect(monitors.map((monitor) => [...monitor.values.slice(1)].join(" "))).toEqual([now, before]);
  });

  it("units, columns per neuron, conditions, and other arrays per population and in a restored run", async () => {
    const neuron = defineNeuron({
      name: "driven",
      functions: {
        stimulus: timedArray(
          [
            [10, 20, 30],
            [-1, 0, 1],
          ],
          { dt: "1 ms", unit: "mV" },
        ),
        gate: timedArray([0, 1, 0], { dt: "0.5 ms" }),
      },
      parameters: { place: { value: 0 } },
      states: { v: { unit: "mV" }, other: { unit: "mV" }, open: {} },
      dynamics: { v: "stimulus(t, i) / (1 ms)" },
      update: { other: "stimulus(t + dt, 2 - i)", open: "gate(t) > 0 ? 1 + stimulus(t, place) / (1 mV) : 0" },
      integrator: forwardEuler,
      spike: "v - 20.5 mV",
      reset: { v: "y > 0 ? v - stimulus(t, i) : v" },
    });
    const sim = simulation({ ...way, dt: "0.5 ms" });
    const cells = sim.population("cells", 3, neuron, { parameters: { place: "2 - i" } });
    const half = { stimulus: timedArray([[5, 10, 15]], { dt: "2 ms", unit: "mV" }) };
    const others = sim.population("others", 3, neuron, { functions: half });
    await sim.run("1 ms");
    const saved = sim.save();
    const read = () => ["v", "other", "open"].map((name) => [...sim.state(cells, name)]);
    // v: two steps of 0.5 ms; the third neuron fires at 30 mV and loses 30.
    expect(read()).toEqual([
      [10, 20, 0],
      [1, 0, -1],
      [31, 21, 11],
    ]);
    expect([...sim.state(others, "v")]).toEqual([5, 10, 15]);
    await sim.run("1 ms");
    const after = read();
    expect(after[0]).toEqual([9, 20, 1]);
    sim.restore(saved);
    await sim.run("1 ms");
    expect(read()).toEqual(after);
  });

  it("runRegularly and set have the time and the functions", async () => {
    const neuron = defineNeuron({
      name: "held",
      functions: { stimulus: timedArray(VALUES, { dt: "1 ms" }), "twice(x)": "2 * x" },
      states: { v: {}, at: { unit: "ms" } },
      dynamics: { v: "0 / (1 ms)", at: "0" },
      output: "v",
    });
    const sim = simulation({ ...way, dt: "0.5 ms" });
    const cells = sim.population("cells", 2, neuron);
    sim.runRegularly(cells, { v: "twice(stimulus(t)) + i", at: "t" }, { every: "1 ms" });
    await sim.run("2.5 ms");
    expect([...sim.state(cells, "v"), ...sim.state(cells, "at")]).toEqual([-4, -3, 2, 2]);
    sim.set(cells, "v", "stimulus(t + 1 ms)");
    expect([...sim.state(cells, "v")]).toEqual([7.5, 7.5]);
  });

  it("tables: lines and steps, against an independent search", async () => {
    const points = [-3, -1, 0.5, 2, 7];
    const values = [4, -2, 0, 1, 10];
    const neuron = defineNeuron({
      name: "tabled",
      functions: {
        line: functionTable(points, values, { argument: "mV" }),
        stairs: functionTable(points, values, { argument: "mV", between: "steps" }),
      },
      parameters: { x: { value: "0 mV" } },
      states: { line: {}, stairs: {} },
      update: { line: "line(x)", stairs: "stairs(x)" },
      output: "line",
    });
    const xs = Array.from({ length: 61 }, (_, k) => -5 + 0.25 * k);
    const sim = simulation({ ...way });
    const cells = sim.population("cells", xs.length, neuron, { parameters: { x: { values: xs, unit: "mV" } } });
    await sim.run("0.1 ms");
    for (const [k, x] of xs.entries()) {
      const after = points.findIndex((point) => point > x);
      const line =
        after === 0
          ? values[0]!
          : after < 0
            ? values.at(-1)!
            : values[after - 1]! +
              ((x - points[after - 1]!) / (points[after]! - points[after - 1]!)) *
                (values[after]! - values[after - 1]!);
      expect(sim.state(cells, "line")[k]).toBeCloseTo(line, 12);
      expect(sim.state(cells, "stairs")[k]).toBe(after < 0 ? values.at(-1) : values[Math.max(0, after - 1)]);
    }
  });

  it("a network in a loop, which single precision computes four neurons at a time", async () => {
    const neuron = defineNeuron({
      name: "looped",
      functions: {
        drive: timedArray([20, 40, 10], { dt: "2.5 ms", unit: "mV" }),
        leak: functionTable([0, 10, 40], [0, 10, 100], { argument: "mV", unit: "mV" }),
      },
      states: { v: { unit: "mV" } },
      dynamics: { v: "(drive(t) - leak(v)) / (10 ms)" },
      integrator: rk4,
      spike: "v - 9 mV",
      reset: { v: "y > 0 ? 0 mV : v" },
    });
    const run = async (options: object) => {
      const sim = simulation(options);
      const cells = sim.population("cells", 6, neuron, { initial: { v: "i * 1 mV" } });
      sim.connect(cells, cells, { pattern: "all-to-all", target: "v", weight: "0.05 mV" });
      const spikes = sim.monitor.spikes(cells);
      await sim.run("10 ms");
      return { v: [...sim.state(cells, "v")], spikes: [...spikes.times] };
    };
    const wanted = await run({ executor: "javascript" });
    const { v, spikes } = await run(way);
    expect(wanted.spikes.length).toBeGreaterThan(5);
    expect(spikes).toEqual(wanted.spikes);
    for (const [k, value] of v.entries()) expect(value).toBeCloseTo(wanted.v[k]!, 4);
  });
});

describe("tables of functions", () => {
  const spec = { name: "cell", states: { v: { unit: "mV" } }, spike: "v - 1 mV" };
  const stimulus = timedArray([1, 2], { dt: "1 ms", unit: "mV" });
  const rise = functionTable([0, 1], [2, 3], { argument: "mV" });

  it("linear tables have their slopes as derivatives, for the schemes", () => {
    const decay = functionTable([0, 10, 20], [0, 5, 25], { argument: "mV", unit: "mV/ms" });
    const neuron = defineNeuron({
      ...spec,
      functions: { decay },
      states: { v: { unit: "mV", initial: "15 mV" } },
      dynamics: { v: "-decay(v)" },
      integrator: rk4,
    });
    // d(v)/dt = -(5 mV + 2 (v - 10 mV)) / ms around 15 mV.
    expect(neuron.timeConstants()).toEqual({ v: 0.5 });
  });

  it.each([
    [
      { dynamics: { v: "stimulus(i) / (1 ms)" }, functions: { stimulus } },
      /dv\/dt "i", the argument of stimulus, has no unit; give a quantity in ms/,
    ],
    [
      { dynamics: { v: "stimulus(t)" }, functions: { stimulus } },
      /"stimulus\(t\)" is in mV; every term must be in mV\/ms/,
    ],
    [{ dynamics: { v: "rise(v) * v / (1 ms)" }, functions: { stimulus } }, /calls an unknown function/],
    [{ dynamics: { v: "rise(v, v) * v / (1 ms)" }, functions: { rise } }, /gives rise 2 arguments instead of 1/],
    [
      { dynamics: { v: "stimulus(t, i, i) / (1 ms)" }, functions: { stimulus } },
      /gives stimulus 3 arguments instead of 1 or 2/,
    ],
    [{ dynamics: { v: "-v / (1 ms)" }, functions: { "rise(v)": rise } }, /"rise\(v\)" cannot be a name/],
    [{ dynamics: { v: "-v / (1 ms)" }, functions: { exp: rise } }, /"exp" is reserved/],
  ])("refuses %o", (given, message) => {
    expect(() => defineNeuron({ ...spec, ...given } as Parameters<typeof defineNeuron>[0])).toThrow(message);
  });

  it("refuses training, rows of another length, and names that are not tables", () => {
    const neuron = defineNeuron({
      ...spec,
      functions: { stimulus, rise, "twice(x)": "2 * x" },
      surrogate: tanhDerivative(),
      dynamics: { v: "stimulus(t, i) / (1 ms)" },
    });
    expect(() => dense(3, neuron)).toThrow(/neurons\/cell uses the timed array stimulus, which only simulations/);
    const tabled = defineNeuron({
      ...spec,
      functions: { rise },
      dynamics: { v: "-rise(v) * v / (1 ms)" },
      integrator: rk4,
      surrogate: tanhDerivative(),
    });
    expect(() => dense(3, tabled)).toThrow(/neurons\/cell uses the table rise, which only simulations/);
    const sim = simulation();
    sim.population("cells", 3, neuron);
    expect(() => sim.state(sim.population("more", 2, neuron), "v")).toThrow(
      /population "cells": stimulus\(t, i\): the timed array has rows of 1; give 3 values per row/,
    );
    expect(() => simulation().population("cells", 3, neuron, { functions: { twice: rise } })).toThrow(/"twice"/);
  });

  it.each([
    [() => functionTable([0], [1]), /1 points and 1 values; give at least two/],
    [() => functionTable([0, 1], [1]), /2 points and 1 values/],
    [() => functionTable([0, 0], [1, 2]), /points\[1\] is 0 after 0; give points that ascend/],
    [() => functionTable([0, 1], [1, Number.NaN]), /values\[1\] is NaN; give finite numbers/],
    [() => functionTable([0, 1], [1, 2], { argument: "furlong" }), /functionTable: argument: unknown unit "furlong"/],
  ])("refuses %s", (make, message) => {
    expect(make).toThrow(message);
  });

  it("a column that does not exist stops the run", async () => {
    const neuron = defineNeuron({
      ...spec,
      functions: { two: timedArray([[1, 2]], { dt: "1 ms", unit: "mV" }) },
      dynamics: { v: "two(t, i + 1) / (1 ms)" },
    });
    const sim = simulation();
    const cells = sim.population("cells", 2, neuron);
    sim.monitor.state(cells, "v");
    await expect(sim.run("1 ms")).rejects.toThrow(/neuron 1.*NaN|NaN.*neuron 1/);
  });
});
