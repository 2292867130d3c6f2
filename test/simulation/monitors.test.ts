import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cubaLif } from "#spikevine/neurons/index";
import { npyRowWriter, readNpy } from "#spikevine/src/io/index";
import { isi, isiCv, meanIsiCv, type RowWriter, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Keeps the rows that it receives. */
function sink(): RowWriter & { values: number[] } {
  const values: number[] = [];
  return { values, write: (rows) => void values.push(...rows) };
}

const listed = [
  ["0.2 ms", 1],
  ["0.2 ms", 0],
  ["5 ms", 1],
  ["9.9 ms", 0],
] as const;

describe.each(WAYS)("monitors, %s", (_, way) => {
  it("keep spikes in order of time and neuron", async () => {
    const sim = simulation(way);
    const spikes = sim.monitor.spikes(sim.source("source", 3, { spikes: listed }));
    await sim.run("10 ms");
    expect([...spikes.times]).toEqual([0.2, 0.2, 5, 9.9]);
    expect([...spikes.indices]).toEqual([0, 1, 1, 0]);
    expect(spikes.trains().map((train) => [...train])).toEqual([[0.2, 9.9], [0.2, 5], []]);
    expect([spikes.count, spikes.dropped]).toEqual([4, 0]);
  });

  it("stay within their bounds, and warn once", async () => {
    const warnings: string[] = [];
    const sim = simulation({ ...way, onWarning: (message) => warnings.push(message) });
    const source = sim.source("source", 3, { spikes: listed });
    const cell = sim.population("cell", 2, cubaLif());
    const spikes = sim.monitor.spikes(source, { limit: 3 });
    const v = sim.monitor.state(cell, "v", { limit: 7 });
    await sim.run("5 ms");
    await sim.run("5 ms");
    expect([spikes.count, spikes.dropped, spikes.times.length]).toEqual([4, 1, 3]);
    expect([v.times.length, v.values.length, v.dropped]).toEqual([3, 6, 97]);
    expect(warnings).toHaveLength(2);
    expect(warnings.join(" ")).toMatch(/monitor of "v" of population "cell" is full/);
  });

  it("pass rows on instead of keeping them", async () => {
    const sim = simulation(way);
    const source = sim.source("source", 3, { spikes: listed });
    const cell = sim.population("cell", 3, cubaLif({ rest: "-60 mV" }));
    const [spikeRows, stateRows] = [sink(), sink()];
    const spikes = sim.monitor.spikes(source, { recordTo: spikeRows });
    const v = sim.monitor.state(cell, "v", { indices: [2, 0], every: 50, recordTo: stateRows });
    await sim.run("10.1 ms");
    expect(spikeRows.values).toEqual([0.2, 0, 0.2, 1, 5, 1, 9.9, 0]);
    expect(stateRows.values.map((value) => Number(value.toPrecision(9)))).toEqual([
      0, -60, -60, 5, -60, -60, 10, -60, -60,
    ]);
    expect([spikes.count, spikes.times.length, v.times.length]).toEqual([4, 0, 0]);
  });

  it("record a state at every k-th step of chosen neurons, counted from step 0", async () => {
    const sim = simulation(way);
    const cells = sim.population("cells", 5, cubaLif({ rest: "-60 mV" }), {
      initial: { ie: Array.from({ length: 5 }, (_, i) => `${i} pA`) },
    });
    const every = sim.monitor.state(cells, "ie", { indices: [4, 1], every: 7 });
    await sim.run("1 ms");
    await sim.run("2 ms");
    expect([...every.times]).toEqual([0, 0.7, 1.4, 2.1, 2.8]);
    every.trace(4).forEach((value, row) => {
      expect(value).toBeCloseTo(4 * Math.exp((-0.7 * row) / 5), 4);
    });
    expect(every.values[3]).toBe(every.trace(1)[1]);
    expect([every.variable, every.unit, every.indices]).toEqual(["ie", "pA", [4, 1]]);
  });

  it("count rates in bins from the time they started", async () => {
    const sim = simulation(way);
    const source = sim.source("source", 2, { spikes: listed });
    const rate = sim.monitor.rate(source, { bin: "2 ms" });
    await sim.run("3 ms");
    await sim.run("7 ms");
    expect([...rate.times]).toEqual([1, 3, 5, 7, 9]);
    // Two spikes of two neurons in 2 ms are 500 Hz.
    expect([...rate.rates]).toEqual([500, 0, 250, 0, 250]);
    expect(rate.mean).toBeCloseTo(200, 10);
    sim.reset();
    expect(rate.times.length).toBe(0);
  });

  it("restart when a state is restored", async () => {
    const build = () => {
      const sim = simulation(way);
      return { sim, rate: sim.monitor.rate(sim.source("source", 2, { spikes: listed }), { bin: "2 ms" }) };
    };
    const first = build();
    await first.sim.run("5 ms");
    const { sim, rate } = build();
    sim.restore(first.sim.save());
    await sim.run("5 ms");
    expect([...rate.times]).toEqual([5, 7, 9]);
    expect([...rate.rates]).toEqual([250, 0, 250]);
    expect(rate.mean).toBeCloseTo(200, 10);
  });
});

describe("monitors that write to files", () => {
  it("leave arrays that NumPy and others read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spikevine-rows-"));
    const sim = simulation();
    const source = sim.source("source", 3, { spikes: listed });
    const cells = sim.population("cells", 2, cubaLif({ rest: "-60 mV" }));
    const files = [npyRowWriter(join(folder, "spikes.npy"), 2), npyRowWriter(join(folder, "v.npy"), 3)];
    sim.monitor.spikes(source, { recordTo: files[0]! });
    sim.monitor.state(cells, "v", { every: 20, recordTo: files[1]! });
    await sim.run("6 ms");
    await sim.run("6 ms");
    for (const file of files) file.close();
    expect(await readNpy(files[0]!.path)).toEqual({
      shape: [4, 2],
      data: Float64Array.of(0.2, 0, 0.2, 1, 5, 1, 9.9, 0),
    });
    const { shape, data } = await readNpy(files[1]!.path);
    expect(shape).toEqual([6, 3]);
    expect([...data.filter((_, k) => k % 3 === 0)]).toEqual([0, 2, 4, 6, 8, 10]);
    await rm(folder, { recursive: true });
  });
});

describe("more spikes than a log holds between two readings", () => {
  it("are all recorded", async () => {
    const sim = simulation({ dt: "1 ms" });
    // 1,000 Hz at dt 1 ms: every neuron in every step, 50,000 per step.
    const spikes = sim.monitor.spikes(sim.source("source", 50_000, { poisson: "1 kHz" }), { limit: 0 });
    await sim.run("100 ms");
    expect(spikes.count).toBe(5_000_000);
  });
});

describe("runs", () => {
  it("report progress and stop between steps", async () => {
    const sim = simulation();
    sim.population("cells", 20_000, cubaLif());
    const stop = new AbortController();
    const seen: number[] = [];
    const report = await sim.run("100 s", {
      signal: stop.signal,
      onProgress: ({ elapsed: done, total: of }) => {
        expect(of).toBeCloseTo(100_000, 6);
        seen.push(done);
        if (seen.length === 2) stop.abort();
      },
    });
    expect(report.stopped).toBe(true);
    expect(report.steps).toBe(sim.step);
    expect(seen[0]!).toBeGreaterThan(0);
    expect(seen[1]!).toBeGreaterThan(seen[0]!);
    expect(seen.at(-1)!).toBeCloseTo(sim.time, 6);
  });
});

describe("statistics of trains", () => {
  it("are those of the definition", () => {
    const train = Float64Array.of(0, 1, 3, 4, 6);
    expect([...isi(train)]).toEqual([1, 2, 1, 2]);
    expect(isiCv(train)).toBeCloseTo(0.5 / 1.5, 12);
    expect(isiCv(Float64Array.of(0, 5, 10, 15))).toBe(0);
    expect(isiCv(Float64Array.of(0, 5))).toBeNaN();
    expect(meanIsiCv([train, Float64Array.of(1, 2)])).toBeCloseTo(1 / 3, 12);
    expect(meanIsiCv([])).toBeNaN();
  });
});
