import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { simulation, timedArray } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const SIZE = 400;

describe.each(WAYS)("Poisson rates in %s", (_, way) => {
  it("per neuron of a source: mean and variance of the counts", async () => {
    const sim = simulation({ ...way, seed: 7 });
    const source = sim.source("source", SIZE, { poisson: rates() });
    const spikes = sim.monitor.spikes(source);
    await sim.run("500 ms");
    const counts = spikes.trains().map((train) => train.length);
    for (const [from, mean] of [
      [0, 10],
      [200, 50],
    ] as const) {
      const own = counts.slice(from, from + 200);
      const found = own.reduce((a, b) => a + b, 0) / 200;
      // Bernoulli events per step: variance slightly below the mean.
      expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt(mean / 200));
      const variance = own.reduce((sum, count) => sum + (count - found) ** 2, 0) / 199;
      expect(Math.abs(variance / mean - 1)).toBeLessThan(0.4);
    }
  });

  it("in time: a source follows its rows, and holds the last", async () => {
    const sim = simulation({ ...way, seed: 7 });
    const source = sim.source("source", SIZE, { poisson: timedArray([0, 100, 20], { dt: "100 ms", unit: "Hz" }) });
    const rate = sim.monitor.rate(source, { bin: "100 ms" });
    await sim.run("400 ms");
    const [silent, high, low, held] = rate.rates as unknown as [number, number, number, number];
    expect(silent).toBe(0);
    expect(Math.abs(high - 100)).toBeLessThan(4 * Math.sqrt(100 / (SIZE * 0.1)));
    for (const found of [low, held]) expect(Math.abs(found - 20)).toBeLessThan(4 * Math.sqrt(20 / (SIZE * 0.1)));
  });

  it("per neuron and in time as events on a state, several per step", async () => {
    const sim = simulation({ ...way, seed: 7 });
    const cells = sim.population("cells", 2, cobaLif({ tauE: "1e9 ms" }));
    const rate = timedArray(
      [
        [20, 0],
        [0, 5],
      ],
      { dt: "400 ms", unit: "kHz" },
    );
    sim.input(cells, { poisson: { rate, weight: "1e-3 nS", target: "ge" } });
    await sim.run("400 ms");
    const [first, none] = sim.state(cells, "ge");
    expect(Math.abs(first! / 1e-3 - 8000)).toBeLessThan(4 * Math.sqrt(8000));
    expect(none).toBe(0);
    await sim.run("400 ms");
    const [same, second] = sim.state(cells, "ge");
    expect(Math.abs(same! - first!)).toBeLessThan(0.01);
    expect(Math.abs(second! / 1e-3 - 2000)).toBeLessThan(4 * Math.sqrt(2000));
  });

  it("that are rare keep their frequency", async () => {
    const sim = simulation({ ...way, seed: 7 });
    const source = sim.source("source", 4000, { poisson: rareRates() });
    const spikes = sim.monitor.spikes(source);
    await sim.run("2 s");
    const first = spikes.indices.filter((neuron) => neuron < 2000).length;
    expect(Math.abs(first - 400)).toBeLessThan(4 * Math.sqrt(400));
    expect(Math.abs(spikes.count - first - 1600)).toBeLessThan(4 * Math.sqrt(1600));
  });
});

const rates = () => ({ values: Float64Array.from({ length: SIZE }, (_, i) => (i < 200 ? 20 : 100)), unit: "Hz" });
const rareRates = () => ({ values: Float64Array.from({ length: 4000 }, (_, i) => (i < 2000 ? 0.1 : 0.4)), unit: "Hz" });

describe("currents in time", () => {
  it.each(WAYS)("as a timed array with one value per neuron, held after the last row, in %s", async (_, way) => {
    const sim = simulation({ ...way });
    const cells = sim.population("cells", 2, cobaLif());
    const current = timedArray(
      [
        [0, 100],
        [200, 0],
      ],
      { dt: "20 ms", unit: "pA" },
    );
    sim.input(cells, { current });
    const v = sim.monitor.state(cells, "v");
    await sim.run("100 ms");
    // v tends to rest + I / leak, with leak = 10 nS and a time constant of 20 ms.
    const at = (time: number, start: number, goal: number) => goal + (start - goal) * Math.exp(-time / 20);
    const [a, b] = [v.trace(0), v.trace(1)];
    expect(a[200]).toBeCloseTo(-60, 9);
    expect(b[200]).toBeCloseTo(at(20, -60, -50), 4);
    expect(b[999]).toBeCloseTo(at(79.9, at(20, -60, -50), -60), 4);
  });

  it.each<[() => unknown, RegExp]>([
    [() => timedArray([], { dt: "1 ms" }), /values is empty/],
    [() => timedArray([[1, 2], [3]], { dt: "1 ms" }), /row 1 has 1 values and row 0 has 2/],
    [() => timedArray([1, Number.NaN], { dt: "1 ms" }), /row 1 is not finite/],
    [() => timedArray([1], { dt: "0 ms" }), /dt is 0 ms; give a time above 0/],
    [() => drive(timedArray([1], { dt: "1 ms", unit: "mV" })), /current: the timed array is in mV; give one in pA/],
    [() => drive(timedArray([[1, 2, 3]], { dt: "1 ms", unit: "pA" })), /rows of 3; give one value per row, or 2/],
  ])("refuse %s", (make, message) => {
    expect(make).toThrow(message);
  });
});

function drive(current: ReturnType<typeof timedArray>) {
  const sim = simulation();
  sim.input(sim.population("cells", 2, cobaLif()), { current });
}
