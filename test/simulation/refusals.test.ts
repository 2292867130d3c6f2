import { describe, expect, it } from "vitest";
import { adex, cobaLif, cubaLif, defineNeuron, hodgkinHuxley, lif, tanhDerivative } from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";
import {
  type ConnectionPattern,
  type Population,
  type Simulation,
  simulation,
  uniform,
} from "#spikevine/src/simulation/index";

/** One sentence: no line break, ends with a full stop, names the fix. */
function refuses(make: () => unknown, message: RegExp): void {
  let error: unknown;
  try {
    make();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(SpikevineError);
  const text = (error as Error).message;
  expect(text).toMatch(message);
  expect(text).not.toContain("\n");
  expect(text.length).toBeLessThan(250);
}

function withCells(size = 10): { sim: Simulation; cells: Population } {
  const sim = simulation({ seed: 1 });
  return { sim, cells: sim.population("cells", size, cobaLif()) };
}

describe("a simulation refuses", () => {
  it("time constants below 0 or in a wrong unit", () => {
    refuses(() => cobaLif({ tauE: "-5 ms" }), /neurons\/coba-lif: "tauE" is -5 ms; give a time above 0/);
    refuses(() => cubaLif({ tauI: "10 mV" }), /"tauI" is 10 mV \(in mV\); give a time/);
    refuses(() => adex({ tauW: "0 ms" }), /"tauW" is 0 ms/);
    refuses(() => hodgkinHuxley({ leak: "3 ms" }), /"leak" is 3 ms \(in ms\); give a conductance/);
  });

  it("undefined names in an equation, with the nearest one", () => {
    const spec = {
      name: "mine",
      summary: "Mine.",
      source: "none",
      states: { v: { unit: "mV", summary: "v" } },
      parameters: { tau: { value: "20 ms", summary: "tau" } },
      spike: "v",
      surrogate: tanhDerivative(),
    };
    refuses(() => defineNeuron({ ...spec, dynamics: { v: "-v / tua" } }), /unknown name "tua": did you mean "tau"\?/);
  });

  it("features of Brian2 that are missing or have another form, by their names", () => {
    const define = (update: string) => () =>
      defineNeuron({ name: "x", states: { v: {} }, update: { v: update }, output: "v" });
    refuses(define("v + lastspike"), /"lastspike" has no meaning here: the time of the last spike is a state/);
    refuses(define("v * not_refractory"), /it is called notRefractory/);
    refuses(define("v_pre"), /"v_pre" has no meaning here: variables of the neurons on both sides/);
  });

  it("invalid steps and seeds", () => {
    refuses(() => simulation({ dt: "0 ms" }), /"dt" is 0 ms; give a time above 0/);
    refuses(() => simulation({ dt: "1 mV" }), /"dt" is 1 mV/);
    refuses(() => simulation({ seed: 0.5 }), /seed is 0.5; give a whole number/);
    refuses(() => simulation({ precision: "half" as "single" }), /precision is "half"; give "single" or "double"/);
    refuses(() => simulation({ executor: "gpu" as "wasm" }), /executor is "gpu"; give "wasm" or "javascript"/);
    refuses(() => simulation({ executor: "javascript", precision: "single" }), /has double precision only/);
  });

  it("sizes and names of populations", () => {
    const { sim } = withCells();
    refuses(() => sim.population("none", 0, cobaLif()), /population "none": size is 0/);
    refuses(() => sim.population("cells", 3, cobaLif()), /population "cells": the name is taken/);
    refuses(
      () => sim.population("x", 3, cobaLif(), { initial: { u: "1 mV" } }),
      /unknown variable of population "x" "u"/,
    );
    refuses(() => sim.population("y", 3, cobaLif(), { initial: { v: "1 ms" } }), /initial v is 1 ms/);
    refuses(() => sim.population("z", 3, cobaLif(), { initial: { v: ["1 mV"] } }), /has 1 values; give 3/);
  });

  it.each<ConnectionPattern>(["all-to-all", { probability: 0.5 }, { inDegree: 50_000 }])(
    "more synapses than fit, with the pattern %j",
    (pattern) => {
      const sim = simulation();
      const source = sim.source("many", 100_000, { poisson: "1 Hz" });
      const cells = sim.population("as many", 100_000, cobaLif());
      refuses(
        () => sim.connect(source, cells, { pattern, target: "ge", weight: "1 nS" }),
        /a projection of about \d+ synapses is beyond the 1073741824 that fit; connect fewer/,
      );
    },
  );

  it.each<[ConnectionPattern, RegExp]>([
    [{ probability: 1.2 }, /pattern.probability is 1.2; give a number from 0 to 1/],
    [{ probability: -0.1 }, /pattern.probability is -0.1/],
    [{ probability: Number.NaN }, /pattern.probability is NaN/],
    [{ inDegree: 11 }, /the in-degree is 11; give a whole number from 0 to 10/],
    [{ inDegree: 2.5 }, /pattern.inDegree is 2.5/],
    [{ pairs: [[0, 10]] }, /pair 0 names neuron 10 of "cells"; its neurons are 0 to 9/],
    [
      "some" as ConnectionPattern,
      /pattern is "some"; give "all-to-all" or "one-to-one" or { condition, probability\? } or { probability } or/,
    ],
  ])("the pattern %j", (pattern, message) => {
    const { sim, cells } = withCells();
    refuses(() => sim.connect(cells, cells, { pattern, target: "ge", weight: "1 nS" }), message);
  });

  it("projections with invalid parts", () => {
    const { sim, cells } = withCells();
    const other = sim.population("other", 3, cobaLif());
    const source = sim.source("source", 3, { poisson: "1 Hz" });
    const ok = { pattern: "all-to-all", target: "ge", weight: "1 nS" } as const;
    refuses(
      () => sim.connect(cells, cells, { ...ok, delay: "0.01 ms" }),
      /delay is 0.01 ms, below dt; give at least 0.1 ms/,
    );
    refuses(() => sim.connect(cells, cells, { ...ok, delay: uniform("0 ms", "1 ms") }), /below dt/);
    refuses(() => sim.connect(cells, cells, { ...ok, delay: "-1 ms" }), /below dt/);
    refuses(() => sim.connect(cells, cells, { ...ok, target: "gee" }), /unknown target .* "gee": did you mean "ge"\?/);
    refuses(() => sim.connect(cells, cells, { ...ok, weight: "1 pA" }), /weight is 1 pA \(in pA\); give a conductance/);
    refuses(() => sim.connect(cells, cells, { ...ok, weight: ["1 nS"] }), /list, which requires the pattern/);
    refuses(() => sim.connect(cells, other, { ...ok, pattern: "one-to-one" }), /two populations of one size/);
    refuses(() => sim.connect(cells, source, ok), /"source" is a source of spikes/);
    const stranger = simulation().population("stranger", 3, cobaLif());
    refuses(() => sim.connect(stranger, cells, ok), /unknown population of this simulation "stranger"/);
  });

  it("inputs that do not fit", () => {
    const { sim, cells } = withCells();
    refuses(() => sim.input(cells, { current: "1 nS" }), /current is 1 nS/);
    refuses(() => sim.input(cells, { current: ["1 pA"] }), /has 1 values; give 10/);
    refuses(() => sim.input(cells, { array: [1, 2, 3], dt: "0.25 ms" }), /whole multiple of the simulation's 0.1 ms/);
    refuses(() => sim.input(cells, { array: [1, 2], dt: "1 ms", perNeuron: true }), /has 2 values; give rows of 10/);
    refuses(() => sim.input(cells, { array: [Number.NaN], dt: "1 ms" }), /array\[0\] is NaN; give finite numbers\.$/);
    const poisson = { weight: "1 nS", target: "ge" };
    refuses(() => sim.input(cells, { poisson: { ...poisson, rate: "-1 Hz" } }), /give a rate from 0 to/);
    refuses(() => sim.input(cells, { poisson: { ...poisson, rate: "1 MHz" } }), /events per step/);
    refuses(() => sim.input(cells, { poisson: { ...poisson, rate: "1 ms" } }), /rate is 1 ms/);
    refuses(() => sim.input(cells, { spikes: [["1 ms", 10]], ...poisson }), /spike 0 names neuron 10/);
    refuses(() => sim.input(cells, { spikes: [["-1 ms", 0]], ...poisson }), /time of spike 0 is -1 ms/);
    for (const [time, unit] of [
      [Symbol("one"), 0],
      [Object.create(null), 0],
      ["1 ms", Symbol("one")],
      ["1 ms", {}],
    ]) {
      refuses(
        () => sim.source("odd", 1, { spikes: [[time as string, unit as number]] }),
        /spike 0 (is|names neuron) \S/,
      );
    }
    refuses(() => sim.source("fast", 1, { poisson: "20 kHz" }), /a rate of 20 kHz is 2 spikes per step/);
    const twice = [["1 ms", 0] as const, ["1.01 ms", 0] as const];
    refuses(() => sim.source("twice", 1, { spikes: twice }), /neuron 0 spikes twice in the step at 1 ms/);
  });

  it("monitors of missing things", () => {
    const { sim, cells } = withCells();
    refuses(
      () => sim.monitor.state(cells, "vv"),
      /unknown variable in monitor of population "cells" "vv": did you mean "v"\?/,
    );
    refuses(() => sim.monitor.state(cells, "v", { indices: [10] }), /there is no neuron 10; the neurons are 0 to 9/);
    refuses(() => sim.monitor.state(cells, "v", { every: 0 }), /every is 0/);
    refuses(() => sim.monitor.rate(cells, { bin: "0.01 ms" }), /bin is 0.01 ms, below dt/);
    refuses(() => sim.state(cells, "w"), /unknown variable in state of population "cells" "w"/);
    const source = sim.source("source", 1, { poisson: "1 Hz" });
    refuses(() => sim.monitor.state(source, "v"), /source of spikes/);
  });

  it("two runs at a time", async () => {
    const { sim } = withCells();
    await expect(simulation().run("1 ms")).rejects.toThrow(/there is no population/);
    const stop = new AbortController();
    const running = sim.run("10000 s", { signal: stop.signal });
    await expect(sim.run("1 ms")).rejects.toThrow(/a run is in progress/);
    refuses(() => sim.save(), /save while a run is in progress/);
    stop.abort();
    await running;
    refuses(() => sim.population("cells", 1, cobaLif()), /the name is taken/);
    await expect(sim.run("-1 ms")).rejects.toThrow(/the duration is -1 ms/);
    await expect(sim.run("1 mV")).rejects.toThrow(SpikevineError);
  });
});

describe("a step that is too long", () => {
  it("gives a warning with a suitable step", () => {
    const warnings: string[] = [];
    const sim = simulation({ dt: "8 ms", onWarning: (message) => warnings.push(message) });
    sim.population("cells", 1, cobaLif());
    sim.population("slow", 1, lif({ threshold: "-50 mV", tau: "30 ms" }));
    expect(warnings).toEqual([
      "dt is 8 ms, longer than the fastest time constant of neurons/coba-lif (ge: 5 ms); 1 ms would do.",
    ]);
  });

  it("is detected if the time constant depends on the state", () => {
    const warnings: string[] = [];
    const sim = simulation({ dt: "0.5 ms", onWarning: (message) => warnings.push(message) });
    sim.population("cells", 1, hodgkinHuxley());
    expect(warnings.join()).toMatch(/neurons\/hodgkin-huxley \(m: 0.24 ms\); 0.05 ms would do/);
  });
});
