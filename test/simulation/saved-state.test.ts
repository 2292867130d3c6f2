import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { stdp } from "#spikevine/plasticity/index";
import { rk4 } from "#spikevine/src/equations/integrators/index";
import { SpikevineError } from "#spikevine/src/errors";
import { type Simulation, simulation, uniform } from "#spikevine/src/simulation/index";
import { readState, writeState } from "#spikevine/src/simulation/state/state-file";
import { WAYS } from "./ways.js";

/** Runs in a separate process: builds the network, resumes from the state in a file, and writes the result. */
const SCRIPT = `
import { readFileSync, writeFileSync } from "node:fs";
import { cobaLif } from "#spikevine/neurons/index";
import { simulation, uniform } from "#spikevine/src/simulation/index";
const [way, from, to, spikesTo] = process.argv.slice(2);
const sim = simulation({ seed: 9, ...JSON.parse(way) });
const initial = { v: uniform("-60 mV", "-50 mV") };
const exc = sim.population("exc", 90, cobaLif(), { initial });
const inh = sim.population("inh", 30, cobaLif(), { initial });
sim.connect(exc, [exc, inh], { pattern: { probability: 0.1 }, target: "ge", weight: "6 nS", delay: "1.7 ms" });
sim.connect(inh, [exc, inh], { pattern: { probability: 0.1 }, target: "gi", weight: "40 nS", delay: uniform("0.5 ms", "4 ms") });
sim.input(exc, { poisson: { rate: "3 kHz", weight: "1.5 nS", target: "ge" } });
sim.input(inh, { spikes: [["11 ms", 3], ["33 ms", 4]], weight: "50 nS", target: "ge" });
const spikes = sim.monitor.spikes(exc);
if (from !== "-") sim.restore(readFileSync(from));
await sim.run("20 ms");
writeFileSync(to, sim.save());
writeFileSync(spikesTo, JSON.stringify([sim.step, [...spikes.times], [...spikes.indices]]));
`;

describe.each(WAYS)("a state saved in %s", (_, way) => {
  it("continues in a fresh process to the same bits", { timeout: 60_000 }, async () => {
    // Inside the package, so that the script resolves it like the tests do.
    const folder = await mkdtemp(join(process.cwd(), "test", ".saved-state-"));
    const script = join(folder, "run.mjs");
    await writeFile(script, SCRIPT);
    const run = async (from: string, to: string) => {
      await promisify(execFile)(process.execPath, [
        script,
        JSON.stringify(way),
        from,
        join(folder, to),
        join(folder, `${to}.json`),
      ]);
    };
    try {
      await run("-", "a");
      await run(join(folder, "a"), "b");
      await run(join(folder, "b"), "c");
      await run(join(folder, "a"), "b2");
      const bytes = (name: string) => readFile(join(folder, name));
      expect((await bytes("b2")).equals(await bytes("b"))).toBe(true);
      expect((await bytes("c")).equals(await bytes("b"))).toBe(false);
      const pieces = [];
      for (const name of ["a.json", "b.json", "c.json"]) pieces.push(JSON.parse(String(await bytes(name))));
      expect(pieces.map(([step]) => step)).toEqual([200, 400, 600]);
      expect(pieces.every(([, times]) => times.length > 0)).toBe(true);
      // One process that runs all of it at once.
      await writeFile(script, SCRIPT.replace('"20 ms"', '"60 ms"'));
      await run("-", "whole");
      const [, times, units] = JSON.parse(String(await bytes("whole.json")));
      expect(times).toEqual(pieces.flatMap(([, t]) => t));
      expect(units).toEqual(pieces.flatMap(([, , u]) => u));
      expect((await bytes("whole")).equals(await bytes("c"))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("refusals", () => {
  const build = (
    change: {
      size?: number;
      seed?: number;
      weight?: string;
      delay?: string;
      dt?: string;
      tauE?: string;
      current?: string;
      integrator?: typeof rk4;
    } = {},
  ): Simulation => {
    const { size = 10, seed = 1, weight = "6 nS", delay = "0.1 ms", dt = "0.1 ms", tauE = "5 ms" } = change;
    const { integrator, current = "800 pA" } = change;
    const sim = simulation({ seed, dt });
    const cells = sim.population("cells", size, cobaLif({ tauE }), integrator === undefined ? {} : { integrator });
    sim.input(cells, { current });
    sim.connect(cells, cells, { pattern: { probability: 0.5 }, target: "ge", weight, delay });
    return sim;
  };

  it.each([{ weight: "7 nS" }, { tauE: "6 ms" }, { current: "700 pA" }])(
    "does not ask for the same values: continues with the present ones, %j",
    async (change) => {
      const sim = build();
      await sim.run("20 ms");
      const saved = sim.save();
      const other = build(change);
      other.restore(saved);
      expect(other.step).toBe(200);
      expect(other.save()).toEqual(saved);
      await sim.run("30 ms");
      await other.run("30 ms");
      expect(other.save()).not.toEqual(sim.save());
    },
  );

  it.each([
    [{ size: 11 }, /population "cells" is 10 neurons/],
    [{ seed: 2 }, /seed is 1 there and 2 here/],
    [{ dt: "0.2 ms" }, /dt is 0.1 ms there and 0.2 ms here/],
    [{ delay: "0.2 ms" }, /projection "cells" to "cells" \(number 0\) is \d+ synapses, pairs and delays/],
    [{ integrator: rk4 }, /population "cells" is 10 neurons, equations/],
  ])("names the difference: %j", (change, message) => {
    const saved = build().save();
    expect(() => build(change).restore(saved)).toThrow(SpikevineError);
    expect(() => build(change).restore(saved)).toThrow(message);
    expect(() => build(change).restore(saved)).toThrow(/another model/);
  });

  it("refuses bytes that are not a state, or not all of one", () => {
    const saved = build().save();
    for (const bytes of [new Uint8Array(), saved.subarray(0, 10), saved.subarray(0, 300), saved.subarray(0, -1)]) {
      expect(() => build().restore(bytes)).toThrow(SpikevineError);
    }
    const damaged = saved.slice();
    damaged[0] = 0;
    expect(() => build().restore(damaged)).toThrow(/not a saved simulation/);
  });

  it("refuses a state of earlier versions by name", async () => {
    // Saved by build() after 2 ms in version 0.1.0, whose refractoriness was a time.
    const first = await readFile(new URL("saved-state-format-1.bin", import.meta.url));
    // The header is text: here, that of the second form.
    const second = Buffer.from(build().save());
    second.write('"version":2', second.indexOf('"version":3'));
    for (const [saved, writer] of [
      [first, "Spikevine 0.1.0"],
      [second, "an earlier state of Spikevine 0.2.0"],
    ] as const) {
      expect(() => build().restore(saved)).toThrow(SpikevineError);
      expect(() => build().restore(saved)).toThrow(
        `saved state: ${writer} wrote it, in another form; run the simulation again and save it with this version.`,
      );
    }
  });

  it("writes and reads in a system folder too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spikevine-"));
    const sim = build();
    await sim.run("2 ms");
    await writeFile(join(folder, "state"), sim.save());
    const other = build();
    other.restore(await readFile(join(folder, "state")));
    expect(other.step).toBe(20);
    expect(other.save()).toEqual(sim.save());
    await rm(folder, { recursive: true });
  });
});

describe.each(WAYS)("bytes from elsewhere in %s", (_, way) => {
  /** Delays of one length and of many, plastic synapses, listed spikes, every monitor. */
  const build = () => {
    const sim = simulation({ ...way, seed: 5, dt: "0.1 ms" });
    const cells = sim.population("cells", 13, cobaLif());
    const source = sim.source("source", 7, { poisson: "400 Hz" });
    sim.connect(source, cells, { pattern: { probability: 0.6 }, target: "ge", weight: "40 nS", delay: "0.7 ms" });
    sim.connect(cells, cells, {
      pattern: { probability: 0.5 },
      target: "gi",
      weight: "6 nS",
      delay: uniform("0.3 ms", "2 ms"),
    });
    sim.connect(source, cells, { pattern: { probability: 0.5 }, synapse: stdp(), weight: 0.5, delay: "0.4 ms" });
    const monitors = {
      spikes: sim.monitor.spikes(source),
      state: sim.monitor.state(cells, "v", { every: 3 }),
      rate: sim.monitor.rate(cells),
    };
    return { sim, ...monitors };
  };
  const header = (bytes: Uint8Array) => {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
    return JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
  };

  it("a flipped bit is detected anywhere, and nothing changes then", async () => {
    const { sim } = build();
    await sim.run("5 ms");
    const saved = sim.save({ monitors: true });
    for (let flip = 0; flip < 300; flip++) {
      const bytes = saved.slice();
      const at = Math.floor((flip / 300) * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << (flip % 8));
      expect(() => sim.restore(bytes), `bit ${flip % 8} of byte ${at}`).toThrow(SpikevineError);
    }
    for (let length = 0; length < saved.length; length += 97) {
      expect(() => sim.restore(saved.subarray(0, length))).toThrow(SpikevineError);
    }
    expect(sim.save({ monitors: true })).toEqual(saved);
  });

  it("a state that names missing neurons or synapses is refused, with a right checksum too", async () => {
    const { sim } = build();
    await sim.run("5 ms");
    const { model } = header(sim.save());
    const { sections, ...rest } = readState(sim.save(), model);
    let refused = 0;
    for (let seed = 0; seed < 150; seed++) {
      const bytes = sections[0]!.slice();
      const word = Math.floor((seed / 150) * (bytes.length / 4));
      new DataView(bytes.buffer).setUint32(4 * word, 0xfffffff0 - seed, true);
      try {
        sim.restore(writeState({ ...rest, sections: [bytes] }, model));
      } catch (error) {
        expect(error).toBeInstanceOf(SpikevineError);
        refused++;
        continue;
      }
      // The bit may belong to a number that is not an address; then the model runs, or reports a value that is not
      // finite.
      await sim.run("0.5 ms").catch((error: unknown) => expect(error).toBeInstanceOf(SpikevineError));
    }
    expect(refused).toBeGreaterThan(2);
  });

  it.each([
    ["a step that does not fit into a word", { step: 2 ** 40 }],
    ["a step below 0", { step: -1 }],
    ["a trial that is not a whole number", { trial: 0.5 }],
  ])("%s is refused", (_, change) => {
    const { sim } = build();
    const { model } = header(sim.save());
    const saved = readState(sim.save(), model);
    expect(() => sim.restore(writeState({ ...saved, ...change }, model))).toThrow(/not a saved simulation/);
  });

  it("saves monitors on request, and refuses those of others", async () => {
    const whole = build();
    await whole.sim.run("8 ms");
    const first = build();
    await first.sim.run("5 ms");
    const saved = first.sim.save({ monitors: true });
    const second = build();
    second.sim.restore(saved);
    await second.sim.run("3 ms");
    {
      const { spikes, state, rate } = second;
      expect(spikes.count).toBe(whole.spikes.count);
      expect([spikes.times, spikes.indices, spikes.trains()]).toEqual([
        whole.spikes.times,
        whole.spikes.indices,
        whole.spikes.trains(),
      ]);
      expect([state.times, state.values]).toEqual([whole.state.times, whole.state.values]);
      expect([rate.times, rate.rates, rate.mean]).toEqual([whole.rate.times, whole.rate.rates, whole.rate.mean]);
    }
    expect(whole.spikes.count).toBeGreaterThan(10);
    const { model, ...rest } = header(saved);
    const { sections } = readState(saved, model);
    const others = writeState(
      { ...rest, sections: sections.slice(0, -1), monitors: rest.monitors.slice(0, -1) },
      model,
    );
    expect(() => second.sim.restore(others)).toThrow(/has other monitors: the no monitor there and the monitor of/);
    const odd = writeState({ ...rest, sections: [...sections.slice(0, -1), Uint8Array.of(1, 2)] }, model);
    expect(() => second.sim.restore(odd)).toThrow(/the content of the monitor of .* does not fit/);
  });
});
