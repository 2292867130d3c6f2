import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const counter = defineNeuron({ name: "counter", states: { v: {} }, update: { v: "v" }, spike: "-1" });

function network(way: object, delay: string) {
  const sim = simulation({ dt: "1 ms", ...way });
  const spikes = [0, 2, 4, 5, 9].map((time, k) => [`${time} ms`, k % 2] as const);
  const source = sim.source("source", 2, { spikes });
  const cells = sim.population("cells", 2, counter);
  const weight = "1 + i + 0.5 * j";
  const projection = sim.connect(source, cells, { pattern: "all-to-all", target: "v", weight, delay });
  return { sim, cells, projection };
}

describe.each(WAYS)("changed weights and spikes on the way, %s", (_, way) => {
  it("with different delays: the values of Brian2", async () => {
    // Delays are longer by a step here than in Brian2, whose events of a step change the values of the next one.
    const { sim, cells, projection } = network(way, "(3 + 3 * i + 2 * j) * 1 ms");
    const found: number[][] = [];
    // A run of Brian2 ends with the events of its last step, which arrive at the start of the next one here.
    sim.every("1 ms", (time) => {
      if (![4, 7, 9].includes(time)) return;
      found.push([...sim.state(cells, "v")]);
      sim.set(projection, "weight", { 4: "weight * 3", 7: "weight + 0.25 * j", 9: "0.5 * weight" }[time]!);
    });
    await sim.run("20 ms");
    expect(found).toEqual([
      [1, 0],
      [1, 4.5],
      [10, 4.5],
    ]);
    expect([...sim.state(cells, "v")]).toEqual([14.5, 17]);
  });

  it.each([
    ["one delay", "5 ms"],
    ["different delays", "5 ms + 0 ms * i + (i > 5) * 1 ms"],
  ])("with %s: the weight at the arrival, also after rests and changes of the delays", async (_, delay) => {
    const { sim, cells, projection } = network(way, delay);
    await sim.run("3 ms");
    sim.set(projection, "weight", "2 * weight");
    await sim.run("2 ms");
    const saved = sim.save();
    const rest = async () => {
      sim.set(projection, "weight", "weight + 1");
      await sim.run("15 ms");
      return [...sim.state(cells, "v")];
    };
    const first = await rest();
    expect(first).toEqual([3 + 5 + 3 + 5 + 3, 4 + 6 + 4 + 6 + 4]);
    sim.set(projection, "weight", "weight - 1");
    sim.restore(saved);
    expect(await rest()).toEqual(first);
  });

  it("with different delays: spikes that are sent or arrive in a rest have no effect", async () => {
    const { sim, cells, projection } = network(way, "5 ms + 0 ms * i + (i > 5) * 1 ms");
    await sim.run("3 ms");
    sim.setActive(projection, false);
    await sim.run("2 ms");
    sim.set(projection, "weight", "10 * weight");
    sim.setActive(projection, true);
    await sim.run("2 ms");
    sim.set(projection, "weight", "10 * weight");
    await sim.run("15 ms");
    // The spikes of 0 and 2 ms were sent before the rest, that of 4 ms in it, those of 5 and 9 ms after it.
    expect([...sim.state(cells, "v")]).toEqual([10 + 200 + 200 + 100, 15 + 250 + 250 + 150]);
  });
});

it("spikes on the way that are no longer known are refused, and nothing has changed", async () => {
  const sim = simulation({ dt: "0.1 ms" });
  const source = sim.source("source", 2 ** 16, { poisson: "1 Hz" });
  const cells = sim.population("cells", 2, counter);
  const pattern = { pre: [0, 1], post: [0, 1] };
  const projection = sim.connect(source, cells, { pattern, target: "v", weight: 1, delay: ["1 ms", "100 ms"] });
  sim.set(projection, "weight", 2);
  await sim.run("1 ms");
  expect(() => sim.set(projection, "weight", 3)).toThrow(
    /its delays are too long .*before the first run, or give shorter/,
  );
  expect([...projection.synapses()][0]!.weight).toBe(2);
});
