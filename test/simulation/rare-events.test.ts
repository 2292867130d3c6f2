import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/neurons/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Adds up its events. */
const counter = defineNeuron({
  name: "counter",
  summary: "counts",
  source: "test",
  states: { n: { summary: "events" } },
  update: { n: "n" },
  output: "n",
});

const UNITS = 200_000;
const STEPS = 100;

async function run(rate: string, way: (typeof WAYS)[number][1]) {
  const sim = simulation({ dt: "1 ms", seed: 3, ...way });
  const source = sim.source("source", UNITS, { poisson: rate });
  const counters = sim.population("counters", UNITS, counter);
  sim.input(counters, { poisson: { rate, weight: 1, target: "n" } });
  const spikes = sim.monitor.spikes(source);
  await sim.run(`${STEPS} ms`);
  return {
    spikes: [...spikes.times].map((t, k) => `${t}:${spikes.indices[k]}`),
    events: [...sim.state(counters, "n")],
  };
}

const within = (count: number, expected: number): void =>
  expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));

describe("Poisson events of small rates", () => {
  // In spikes per step: 1.4 of the 24th bit, 10 of it, and more than the limit for rare events.
  it.each([8.4e-8, 6e-6, 3e-4])("%d per step are the same on every executor, and right in the mean", async (p) => {
    const [first, ...others] = await Promise.all(WAYS.map(([, way]) => run(`${1000 * p} Hz`, way)));
    for (const other of others) expect(other).toEqual(first);
    const expected = p * UNITS * STEPS;
    within(first!.spikes.length, expected);
    within(
      first!.events.reduce((sum, n) => sum + n, 0),
      expected,
    );
  });

  it("of 1e-12 per step are none in a short run, and no error", async () => {
    for (const [, way] of WAYS) {
      const { spikes, events } = await run("1e-9 Hz", way);
      expect(spikes).toEqual([]);
      expect(events.some((n) => n !== 0)).toBe(false);
    }
  });
});
