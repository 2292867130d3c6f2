import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { type QuantityLike, type SimulationOptions, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Conductance of the receiver over time, for one source neuron that spikes at the given times. */
async function conductance(
  way: Pick<SimulationOptions, "precision" | "executor">,
  delays: readonly QuantityLike[],
  times: readonly QuantityLike[],
): Promise<Float64Array> {
  const sim = simulation(way);
  const source = sim.source("source", 1, { spikes: times.map((time) => [time, 0] as const) });
  // Without decay every arrival remains visible.
  const cell = sim.population("cell", 1, cobaLif({ tauE: "1e12 ms" }));
  const same = delays.every((delay) => delay === delays[0]);
  sim.connect(source, cell, {
    pattern: { pairs: delays.map(() => [0, 0] as const) },
    target: "ge",
    weight: delays.map((_, k) => `${10 ** k} nS`),
    delay: same ? delays[0]! : delays,
  });
  const ge = sim.monitor.state(cell, "ge");
  await sim.run("6 ms");
  return ge.values.map((value) => Math.round(value * 1000) / 1000);
}

describe.each(WAYS)("delays, %s", (_, way) => {
  it("bring a spike of step k to its target at step k + d", async () => {
    const values = await conductance(way, ["1.5 ms"], ["2 ms", "2.1 ms"]);
    expect(values[34]).toBe(0);
    expect(values[35]).toBe(1);
    expect(values[36]).toBe(2);
    expect(values[59]).toBe(2);
  });

  it("are one step at least, and by default", async () => {
    const values = await conductance(way, ["0.1 ms"], ["0 ms", "1 ms"]);
    expect([...values.slice(0, 12)]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  });

  it("may differ from synapse to synapse of one neuron", async () => {
    const values = await conductance(way, ["0.1 ms", "0.4 ms", "3.2 ms"], ["1 ms", "1.3 ms"]);
    // Weights 1, 10 and 100: arrivals at steps 11, 14; 14, 17; 42, 45.
    expect([10, 11, 13, 14, 16, 17, 41, 42, 44, 45].map((k) => values[k])).toEqual([
      0, 1, 1, 12, 12, 22, 22, 122, 122, 222,
    ]);
  });

  it("carry over to the next run", async () => {
    const sim = simulation(way);
    const source = sim.source("source", 1, { spikes: [["0.4 ms", 0]] });
    const cell = sim.population("cell", 1, cobaLif({ tauE: "1e12 ms" }));
    const options = { pattern: "all-to-all", target: "ge", weight: "1 nS" } as const;
    sim.connect(source, cell, { ...options, delay: "1 ms" });
    await sim.run("0.9 ms");
    await sim.run("0.5 ms");
    expect(sim.state(cell, "ge")[0]).toBe(0);
    await sim.run("0.1 ms");
    expect(sim.state(cell, "ge")[0]).toBeCloseTo(1, 6);
  });
});
