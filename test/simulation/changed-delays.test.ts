import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { type QuantityLike, type SimulationOptions, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Adds up what arrives. */
const counter = defineNeuron({
  name: "counter",
  states: { v: { unit: "mV" } },
  dynamics: { v: "0 * v / (1 ms)" },
  integrator: forwardEuler,
  spike: "v - 1000 mV",
});
const learning = (change: string) =>
  defineSynapse({
    name: "any",
    summary: "A synapse of this test.",
    source: "this test",
    weight: { unit: "mV" },
    parameters: { tau: { value: "5 ms", summary: "time constant" } },
    states: { x: { initial: 0, summary: "a trace" } },
    dynamics: { x: change },
    onPre: { x: "x + 1", v_post: "v_post + weight" },
  });
const kinds = {
  fixed: { target: "v" },
  "from event to event": { synapse: learning("-x / tau") },
  "step by step": { synapse: learning("-x / tau + 1e-30 * v_post / (1 mV * tau)") },
} as const;
type Way = Pick<SimulationOptions, "precision" | "executor">;

/** A neuron that spikes at 1, 2 ... 8 ms drives two neurons. */
function network(way: Way, kind: keyof typeof kinds, delay: QuantityLike | QuantityLike[] = "4 ms") {
  const sim = simulation({ ...way, dt: "1 ms" });
  const spikes = Array.from({ length: 8 }, (_, k): [string, number] => [`${k + 1} ms`, 0]);
  const source = sim.source("source", 1, { spikes });
  const cells = sim.population("cells", 2, counter);
  const pattern = {
    pairs: [
      [0, 0],
      [0, 1],
    ] as [number, number][],
  };
  const projection = sim.connect(source, cells, { ...kinds[kind], pattern, weight: "1 mV", delay } as never) as never;
  const v = sim.monitor.state(cells, "v");
  /** What has arrived at each step. */
  const arrivals = (neuron: number): number[] =>
    Array.from({ length: v.values.length / 2 }, (_, k) => {
      const before = k === 0 ? 0 : v.values[2 * (k - 1) + neuron]!;
      return v.values[2 * k + neuron]! - before;
    });
  return { sim, projection, arrivals };
}

/** Delays of 4 ms, of 1 ms from 3 ms on, of 3 and 2 ms from 5 ms on, and of 2 ms from 7 ms on. */
async function runUntil7(way: Way, kind: keyof typeof kinds) {
  const made = network(way, kind);
  const { sim, projection } = made;
  await sim.run("3 ms");
  sim.set(projection, "delay", "1 ms");
  await sim.run("2 ms");
  sim.set(projection, "delay", ["3 ms", "2 ms"]);
  await sim.run("2 ms");
  sim.set(projection, "delay", "2 ms");
  return made;
}
// Spikes of 1, 2 | 3, 4 | 5, 6 | 7, 8 ms arrive at 5, 6 | 4, 5 | 8, 9 or 7, 8 | 9, 10 ms.
// Brian2 2.5.1 has the same figures with delays that are shorter by one step.
const expected = [
  [0, 0, 0, 0, 1, 2, 1, 0, 1, 2, 1, 0],
  [0, 0, 0, 0, 1, 2, 1, 1, 1, 1, 1, 0],
];

const cases = WAYS.flatMap(([name, way]) =>
  (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => [kind, name, way] as const),
);

describe.each(cases)("changed delays, %s, %s", (kind, _, way) => {
  it("let spikes on the way keep the time of their arrival", async () => {
    const { sim, projection, arrivals } = await runUntil7(way, kind);
    await sim.run("5 ms");
    expect([arrivals(0), arrivals(1)]).toEqual(expected);
    if (kind === "fixed") return;
    const decayed = expected.map((counts) =>
      counts.reduce((sum, count, k) => sum + count * Math.exp(-(12 - k) / 5), 0),
    );
    sim.synapseState(projection, "x").forEach((x, k) => {
      expect(x).toBeCloseTo(decayed[k]!, 12);
    });
  });

  it("are a part of a saved state while spikes are on the way", async () => {
    const { sim, arrivals } = await runUntil7(way, kind);
    const saved = sim.save({ monitors: true });
    await sim.run("1 ms");
    sim.restore(saved);
    await sim.run("5 ms");
    expect([arrivals(0), arrivals(1)]).toEqual(expected);
    const after = sim.save();
    const other = network(way, kind, "2 ms");
    other.sim.restore(saved);
    await other.sim.run("5 ms");
    expect([other.arrivals(0), other.arrivals(1)]).toEqual(expected);
    expect(other.sim.save()).toEqual(after);
    expect(() => network(way, kind).sim.restore(saved)).toThrow(/belongs to another model: .*projection "source"/);
  });

  it("count from the beginning after a reset, and replace those of the same step", async () => {
    const { sim, projection, arrivals } = await runUntil7(way, kind);
    sim.set(projection, "delay", ["1 ms", "5 ms"]);
    sim.set(projection, "delay", "delay + 1 ms + 1 ms * j");
    sim.reset();
    await sim.run("16 ms");
    const from = (first: number): number[] => Array.from({ length: 16 }, (_, k) => Number(k >= first && k < first + 8));
    expect([arrivals(0), arrivals(1)]).toEqual([from(3), from(8)]);
  });
});

describe.each(WAYS)("changed delays, %s", (_, way) => {
  it("keep the weights of spikes on the way up to date, and rest with their projection", async () => {
    const { sim, projection, arrivals } = network(way, "fixed");
    await sim.run("4 ms");
    sim.set(projection, "delay", "1 ms");
    sim.set(projection, "weight", "2 mV");
    await sim.run("2 ms");
    sim.setActive(projection, false);
    await sim.run("1 ms");
    sim.setActive(projection, true);
    await sim.run("3 ms");
    // Spikes of 1, 2, 3 ms arrive at 5, 6, 7 ms, later ones after 1 ms; at 6 ms nothing is sent or arrives.
    expect(arrivals(0)).toEqual([0, 0, 0, 0, 0, 4, 0, 2, 2, 2]);
  });

  it("of pathways have the pathway's name", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 1, counter);
    const source = sim.source("source", 1, { spikes: [1, 2, 3, 4].map((t) => [`${t} ms`, 0] as const) });
    const back = defineSynapse({
      name: "back",
      summary: "Counts postsynaptic spikes.",
      source: "this test",
      states: { x: { initial: 0, summary: "a number" } },
      onPost: { x: "x + 1" },
    });
    const options = { pattern: "all-to-all", weight: 1, synapse: back, pathwayDelays: { post: "3 ms" } } as const;
    const projection = sim.connect(cells, source, options);
    await sim.run("3 ms");
    sim.set(projection, "post.delay", "0 ms");
    const counts: number[] = [];
    for (let step = 3; step < 7; step++) {
      await sim.run("1 ms");
      counts.push(sim.synapseState(projection, "x")[0]!);
    }
    // Spikes of 1, 2, 3, 4 ms act at the end of the steps 4, 5, 3, 4.
    expect(counts).toEqual([1, 3, 4, 4]);
    expect(() => sim.set(projection, "pre.delay", "1 ms")).toThrow(/unknown pathway of .* "pre".*post/);
  });
});

describe("changed delays", () => {
  it("are those of synapses()", () => {
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const { sim, projection } = network({}, kind);
      sim.set(projection, "delay", "delay + 2 ms * j");
      const shown = [...(projection as { synapses(): Iterable<{ delay: number }> }).synapses()];
      expect(shown.map(({ delay }) => delay)).toEqual([4, 6]);
    }
  });

  it("are refused with a reason", () => {
    const { sim, projection } = network({}, "fixed");
    expect(() => sim.set(projection, "delay", "0 ms")).toThrow(
      /projection "source" to "cells": delay is 0 ms, below dt/,
    );
    expect(() => sim.set(projection, "delay", "1 mV")).toThrow(/delay is 1 mV.*time/);
    expect(() => sim.set(projection, "delay", ["1 ms"])).toThrow(/has 1 values; give 2/);
    expect(() => sim.set(projection, "pre.delay", "1 ms")).toThrow(/unknown variable of a projection.*"pre.delay"/);
    const plastic = network({}, "from event to event");
    expect(() => plastic.sim.set(plastic.projection, "delay", "0.2 ms")).toThrow(/delay is 0.2 ms, below dt/);
  });

  it("may differ in many ways for synapses that have run from event to event", async () => {
    const weights = async (executor: "wasm" | "javascript") => {
      const sim = simulation({ executor, seed: 3 });
      const source = sim.source("source", 512, { poisson: "100 Hz" });
      const cells = sim.population("cells", 128, counter);
      const { synapse } = kinds["from event to event"];
      const projection = sim.connect(source, cells, { pattern: "all-to-all", weight: "1 mV", synapse, delay: "2 ms" });
      await sim.run("5 ms");
      sim.set(projection, "delay", "min(128 * i + j + 1, 65535) * 0.1 ms");
      await sim.run("10 ms");
      return [...sim.synapseState(projection, "weight"), ...sim.state(cells, Object.keys(counter.states)[0]!)];
    };
    const [here, expected] = [await weights("wasm"), await weights("javascript")];
    here.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k]!, 9);
    });
  });
});
