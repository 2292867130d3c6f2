import { describe, expect, it } from "vitest";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { evaluate, lookup, symbol } from "#spikevine/src/equations/language/expression";
import { packFormulas, unpackFormulas } from "#spikevine/src/equations/language/packed-formulas";
import { asSymbols, parseEquation } from "#spikevine/src/equations/language/parse";
import { SpikevineError } from "#spikevine/src/errors";
import { uniform } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { sweepSynapses } from "#spikevine/src/simulation/synapse-sweep";

const number = { summary: "a number" };

/** A synapse with everything that a run may have: noise, a signal, a neuron's voltage, spikes with and without delay. */
const rich = defineSynapse({
  name: "rich",
  summary: "For a test.",
  source: "this test",
  parameters: { tau: { value: "10 ms", min: 0, exclusiveMin: true, ...number }, gain: { value: 0.5, ...number } },
  signal: { symbol: "m", summary: "a modulator" },
  states: { x: number, c: number },
  derived: { excess: { equation: "relu(x - 0.1)", summary: "x above 0.1" } },
  dynamics: {
    x: "(c + m - x) / tau + 0.1 * xi / sqrt(tau)",
    c: "-c / tau + (v_post + 1) / (1000 * tau)",
    weight: "gain * excess / tau",
  },
  onPre: [{ name: "late", delay: "2 ms", changes: { c: "c + gain" } }],
  onPost: { weight: "weight + 0.01 * x" },
});
const common = {
  dt: 0.5,
  duration: 20,
  synapses: 3,
  weight: 0.1,
  seed: 5,
  initial: { x: uniform(0, 1) },
  pre: [[1], [2, 5], []],
  post: [[3], [], [4.5]],
  signal: (t: number, synapse: number) => Math.sin(t) + synapse,
  neurons: { v_post: (t: number, synapse: number) => t * synapse },
  every: 4,
};
const over = { tau: ["5 ms", "10 ms"], gain: [0.2, 0.4, 0.8] };

describe("a sweep of synapses", () => {
  const alone = over.tau.flatMap((tau) =>
    over.gain.map((gain) => ({
      parameters: { tau, gain },
      run: simulateSynapses(rich, { ...common, parameters: { tau, gain } }),
    })),
  );

  it.each([1, 3])(
    "on %d threads has the results of single runs, to the last bit",
    async (threads) => {
      expect(await sweepSynapses(rich, { ...common, over, threads })).toEqual(alone);
    },
    60_000,
  );

  it("draws noise and initial values that differ between synapses, and are the same at all points", () => {
    const [first, second] = alone;
    const start = first!.run.values.x!.slice(0, 3);
    expect(new Set(start).size).toBe(3);
    expect(second!.run.values.x!.slice(0, 3)).toEqual(start);
    expect(second!.run.values.x!.slice(3)).not.toEqual(first!.run.values.x!.slice(3));
  });

  it.each<[string, object, RegExp]>([
    [
      "an unknown parameter",
      { over: { tua: ["1 ms"] } },
      /unknown parameter of plasticity\/rich "tua": did you mean "tau"/,
    ],
    ["a value outside its range", { over: { tau: ["1 ms", "-1 ms"] } }, /plasticity\/rich: "tau" is -1 ms/],
    ["no values", { over: { tau: [] } }, /over.*tau/],
    [
      "a signal that is not finite",
      { signal: () => Number.NaN },
      /plasticity\/rich: signal is NaN at 0 ms for synapse 0/,
    ],
    [
      "signals that need too much memory",
      { synapses: 100_000, pre: undefined, post: undefined, duration: 1000 },
      /signal and neurons of a sweep are tables of 400200000 numbers/,
    ],
  ])("refuses %s in one sentence", async (_, changes, message) => {
    const run = sweepSynapses(rich, { ...common, over, threads: 2, ...changes } as Parameters<typeof sweepSynapses>[1]);
    await expect(run).rejects.toThrow(SpikevineError);
    await expect(run).rejects.toThrow(message);
  });

  it("names a value that becomes infinite as a single run does", async () => {
    const growing = defineSynapse({
      name: "growing",
      summary: "For a test.",
      source: "this test",
      parameters: { speed: { value: "1 kHz", ...number } },
      states: { x: { initial: 1, ...number } },
      dynamics: { x: "speed * x" },
    });
    const options = { dt: 1, duration: 2000, record: ["x"], every: 2000 };
    const run = sweepSynapses(growing, { ...options, over: { speed: ["0.1 kHz", "1 kHz"] }, threads: 2 });
    await expect(run).rejects.toThrow(SpikevineError);
    await expect(run).rejects.toThrow(/plasticity\/growing: "x" of synapse 0 is Infinity at 710 ms/);
  }, 60_000);
});

describe("packed formulas", () => {
  it("become the same expressions again, also after the way to another thread", () => {
    const names = asSymbols(["x", "k"]);
    const formulas = {
      a: parseEquation("exp(-x / 3) + x * k", names, "test"),
      b: parseEquation("x > 0 ? k : -0.0", names, "test"),
    };
    expect(unpackFormulas(structuredClone(packFormulas(formulas)))).toEqual(formulas);
    expect(unpackFormulas(packFormulas(formulas)).a).toBe(formulas.a);
  });

  it("take their tables along", () => {
    const table = Float64Array.of(3, 5, 8);
    const { y } = unpackFormulas(structuredClone(packFormulas({ y: lookup(table, symbol("x")) })));
    expect(evaluate({ y: y! }, { x: 2 })).toEqual({ y: 8 });
  });
});
