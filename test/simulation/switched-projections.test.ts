import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const counter = defineNeuron({ name: "counter", states: { v: {} }, spike: "-1" });
const SPIKES = [0, 1, 2, 4, 6, 7, 8, 11, 12, 13, 17, 19];
/** Steps from which the projection is off, and is on again. */
const RESTS: readonly (readonly [number, number])[] = [
  [3, 5],
  [9, 10],
  [14, 18],
];
const END = 30;

const delivering = (rate: string) =>
  defineSynapse({
    name: "delivering",
    states: { x: {} },
    dynamics: { x: rate },
    onPre: { x: "x + 1", v_post: "v_post + weight" },
  });

const KINDS = {
  "fixed weights": { target: "v" },
  "synapses computed at events": { synapse: delivering("-x / (5 ms)") },
  "synapses computed at every step": { synapse: delivering("-x * abs(x) / (5 ms)") },
};
const DELAYS: readonly (readonly [string, string, readonly number[]])[] = [
  ["one delay", "3 ms", [3, 3]],
  ["different delays", "3 ms + 2 ms * j", [3, 5]],
];

const isOff = (step: number, rests = RESTS): boolean => rests.some(([off, on]) => off <= step && step < on);

/** Spikes that have an effect before the end: neither sent nor arrived while the projection is off. */
const effective = (delay: number, rests = RESTS, from = 0): number =>
  SPIKES.filter((t) => !isOff(t, rests) && !isOff(t + delay, rests) && t + delay >= from && t + delay < END).length;

function network(way: object, kind: keyof typeof KINDS, delay: string) {
  const sim = simulation({ dt: "1 ms", ...way });
  const source = sim.source("source", 1, { spikes: SPIKES.map((t) => [`${t} ms`, 0] as const) });
  const cells = sim.population("cells", 2, counter);
  const projection = sim.connect(source, cells, { pattern: "all-to-all", weight: 1, delay, ...KINDS[kind] });
  const values = (): number[] => [...sim.state(cells, "v")];
  const runWithRests = async (rests = RESTS): Promise<void> => {
    for (const [off, on] of rests) {
      await sim.run(`${off - sim.time} ms`);
      sim.setActive(projection, false);
      await sim.run(`${on - off} ms`);
      sim.setActive(projection, true);
    }
    await sim.run(`${END - sim.time} ms`);
  };
  return { sim, projection, values, runWithRests };
}

describe.each(WAYS)("switching a projection off and on, %s", (_, way) => {
  describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])("%s", (kind) => {
    it.each(DELAYS)("with %s: a spike that is sent or arrives meanwhile has no effect", async (_, delay, steps) => {
      const { sim, values, runWithRests } = network(way, kind, delay);
      await runWithRests();
      expect(values()).toEqual(steps.map((d) => effective(d)));
      sim.reset();
      await sim.run(`${END} ms`);
      expect(values()).toEqual(steps.map((d) => effective(d, [])));
      sim.reset();
      await runWithRests();
      expect(values()).toEqual(steps.map((d) => effective(d)));
    });

    it.each(DELAYS)("with %s: a state saved in a rest resumes as if the switch came then", async (_, delay, steps) => {
      const { sim, projection, values } = network(way, kind, delay);
      await sim.run("3 ms");
      sim.setActive(projection, false);
      await sim.run("2 ms");
      const saved = sim.save();
      const rest = async (switches: () => void): Promise<number[]> => {
        switches();
        await sim.run(`${END - sim.time} ms`);
        return values();
      };
      const expected = steps.map((d) => effective(d, [[3, 5]]));
      expect(await rest(() => sim.setActive(projection, true))).toEqual(expected);
      sim.restore(saved);
      expect(await rest(() => undefined)).toEqual(expected);
      sim.setActive(projection, false);
      sim.restore(saved);
      expect(await rest(() => undefined)).toEqual([0, 0]);
      sim.restore(saved);
      expect(await rest(() => sim.setActive(projection, true))).toEqual(expected);
    });

    it.each(DELAYS)("with %s: a state saved before a rest restores into one", async (_, delay, steps) => {
      const { sim, projection, values } = network(way, kind, delay);
      await sim.run("4 ms");
      const saved = sim.save();
      sim.setActive(projection, false);
      await sim.run("2 ms");
      sim.restore(saved);
      await sim.run("3 ms");
      sim.setActive(projection, true);
      await sim.run(`${END - sim.time} ms`);
      expect(values()).toEqual(steps.map((d) => effective(d, [[4, 7]])));
    });
  });
});
