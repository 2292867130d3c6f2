import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { simulation, timedArray, uniform } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const cell = defineNeuron({
  name: "cell",
  states: { v: { unit: "mV", initial: "level" }, w: { unit: "mV" } },
  parameters: { level: { value: "7 mV" }, scale: { value: 2 } },
  derived: { rest: "scale * level", gap: { equation: "rest - v", unit: "mV" }, hidden: "I + v" },
  input: { symbol: "I", unit: "mV" },
  dynamics: { v: "gap / (10 ms)", w: "0 mV / ms" },
  output: "v",
});

describe.each(WAYS)("values in expressions, %s", (_, way) => {
  it("subexpressions in initial values and in set", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 3, cell, {
      parameters: { scale: [1, 2, 3], level: "5 mV + i * 1 mV" },
      initial: { w: "rest", v: "rest / 2 + w" },
    });
    expect([...sim.state(cells, "w")]).toEqual([5, 12, 21]);
    expect([...sim.state(cells, "v")]).toEqual([7.5, 18, 31.5]);
    await sim.run("3 ms");
    const v = sim.state(cells, "v");
    sim.set(cells, "w", "gap");
    expect([...sim.state(cells, "w")]).toEqual([5, 12, 21].map((rest, i) => rest - v[i]!));
    sim.set(cells.slice(1, 3), "w", "2 * gap + rest");
    expect(sim.state(cells, "w")[2]).toBeCloseTo(2 * (21 - v[2]!) + 21, 12);
    expect(() => sim.set(cells, "w", "hidden")).toThrow(/"hidden".*unknown name "I"|unknown name "I"/);
    expect(() => sim.set(cells, "scale", "gap")).toThrow(/mV|unit/);
  });

  it("linked parameters have the values of the start, in every trial", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const source = sim.population("source", 2, cell, { initial: { v: uniform("1 mV", "2 mV") } });
    const reader = sim.population("reader", 4, cell, {
      linked: { level: { population: source, variable: "v", neurons: [1, 1, 0, 0] } },
      initial: { w: "10 * level" },
    });
    const check = () => {
      const [a, b] = sim.state(source, "v");
      expect([...sim.state(reader, "v")]).toEqual([b, b, a, a]);
      expect([...sim.state(reader, "w")]).toEqual([b, b, a, a].map((value) => 10 * value!));
      return a;
    };
    const first = check();
    await sim.run("2 ms");
    sim.reset({ trial: 1 });
    expect(check()).not.toBe(first);
  });

  it("parameters that are linked to parameters follow them", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const source = sim.population("source", 2, cell, { parameters: { level: ["3 mV", "4 mV"] } });
    const reader = sim.population("reader", 3, cell, {
      linked: { level: { population: source, variable: "level", neurons: "mod(i, 2)" } },
    });
    const level = sim.monitor.state(reader, "level");
    expect([...sim.state(reader, "v")]).toEqual([3, 4, 3]);
    await sim.run("1 ms");
    sim.set(source, "level", ["5 mV", "6 mV"]);
    await sim.run("1 ms");
    sim.set(source, "level", "8 mV");
    await sim.run("1 ms");
    expect([...level.values]).toEqual([3, 4, 3, 5, 6, 5, 8, 8, 8]);
    expect(() => sim.set(reader, "level", "1 mV")).toThrow(/linked to a variable of other neurons; set that variable/);
    const sum = defineSynapse({ name: "sum", summed: { level_post: "v_pre" } });
    expect(() => sim.connect(reader, source, { pattern: "all-to-all", synapse: sum })).toThrow(
      /parameters of other neurons are linked to "level_post"/,
    );
  });

  it("a timed array of a running population is replaced", async () => {
    const driven = defineNeuron({
      name: "driven",
      states: { x: {} },
      functions: { stimulus: timedArray([1, 2], { dt: "1 ms" }) },
      update: { x: "x + stimulus(t)" },
      output: "x",
    });
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 2, driven);
    await sim.run("3 ms");
    expect(sim.state(cells, "x")[0]).toBe(5);
    const saved = sim.save();
    sim.set(cells, "stimulus", timedArray([0, 0, 0, 10, 20], { dt: "1 ms" }));
    await sim.run("2 ms");
    expect([...sim.state(cells, "x")]).toEqual([35, 35]);
    sim.restore(saved);
    await sim.run("1 ms");
    expect(sim.state(cells, "x")[0]).toBe(15);
    expect(() => sim.set(cells, "stimulis", timedArray([1], { dt: "1 ms" }))).toThrow(/did you mean "stimulus"/);
    expect(() => sim.set(cells.slice(0, 1), "stimulus", timedArray([1], { dt: "1 ms" }))).toThrow(
      /give the whole population/,
    );
    expect(() => sim.set(cells, "stimulus", timedArray([1], { dt: "1 ms", unit: "mV" }))).toThrow(/mV|unit/);
    await sim.run("1 ms");
    expect(sim.state(cells, "x")[0]).toBe(35);
  });
});

it("links with another unit or an unknown name are refused", () => {
  const sim = simulation();
  const source = sim.population("source", 2, cell);
  const linked = (variable: string) => () =>
    sim.population("reader", 2, cell, { linked: { level: { population: source, variable } } });
  expect(linked("scale")).toThrow(/linked level has .*and "scale" has .*link a variable of the same unit/);
  expect(linked("lvel")).toThrow(/did you mean "level"/);
});
