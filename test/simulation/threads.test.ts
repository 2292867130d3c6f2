import { describe, expect, test } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { bioAdamDynamics, stdp } from "#spikevine/plasticity/index";
import { TYPE } from "#spikevine/src/device/simd/wasm/encoding";
import { get, i32, when } from "#spikevine/src/device/simd/wasm/instructions";
import { ModuleBuilder } from "#spikevine/src/device/simd/wasm/module";
import { SpikevineError } from "#spikevine/src/errors";
import { addBarrier } from "#spikevine/src/simulation/executors/wasm/threads/barrier";
import { CONTROL } from "#spikevine/src/simulation/executors/wasm/threads/control";
import { rangesOf, splitRows } from "#spikevine/src/simulation/executors/wasm/threads/ranges";
import { Team } from "#spikevine/src/simulation/executors/wasm/threads/team";
import { balancedNetwork, normal, simulation, uniform } from "#spikevine/src/simulation/index";

const THREADS = [1, 2, 3, 7];

/** Everything that a network of all kinds of parts leaves behind, with changes and resets on the way. */
async function outcomeOf(threads: number, precision: "single" | "double"): Promise<unknown> {
  const sim = simulation({ seed: 5, threads, precision });
  const initial = { v: uniform("-60 mV", "-50 mV") };
  const exc = sim.population("exc", 203, cobaLif(), { initial });
  const inh = sim.population("inh", 37, cobaLif(), { initial });
  const inputs = sim.source("inputs", 90, { poisson: "40 Hz" });
  const listed = sim.source("listed", 50, {
    spikes: Array.from({ length: 400 }, (_, k) => [`${k / 4} ms`, (k * 31) % 50] as const),
  });
  const pattern = { probability: 0.1 };
  const fixed = sim.connect(exc, [exc, inh], {
    pattern,
    target: "ge",
    weight: "6 nS",
    delay: uniform("0.1 ms", "3 ms"),
  });
  sim.connect(inh, [exc, inh], { pattern, target: "gi", weight: normal("67 nS", "5 nS"), delay: "0.7 ms" });
  sim.connect(listed, exc, { pattern, target: "ge", weight: "20 nS" });
  sim.input(exc, { poisson: { rate: "1 kHz", weight: "3 nS", target: "ge" } });
  sim.input(inh, {
    spikes: [
      ["1 ms", 3],
      ["4.5 ms", 36],
    ],
    target: "ge",
    weight: "30 nS",
  });
  const synapse = stdp({ unit: "nS", maxWeight: "9 nS" });
  const weight = uniform("0 nS", "9 nS");
  const learning = sim.connect(inputs, exc, { pattern, target: "ge", weight, synapse });
  const mixed = sim.connect(exc, inh, { pattern, target: "ge", weight, delay: uniform("0.1 ms", "2 ms"), synapse });
  const spikes = [sim.monitor.spikes(exc), sim.monitor.spikes(inh.slice(5, 30)), sim.monitor.spikes(listed)];
  const v = sim.monitor.state(exc, "v", { indices: [0, 202, 100, 17], every: 3 });
  const weights = sim.monitor.synapses(learning, "weight", { synapses: [5, 0, 9], every: 7 });
  await sim.run("60 ms");
  const saved = sim.save({ monitors: true });
  sim.set(fixed[0]!, "weight", "5 nS");
  sim.set(fixed[1]!, "delay", "1.3 ms");
  sim.setActive(mixed, false);
  await sim.run("20 ms");
  const changed = sim.save({ monitors: true });
  sim.setActive(mixed, true);
  sim.reset({ trial: 3 });
  await sim.run("31.3 ms");
  return {
    saved,
    changed,
    ended: sim.save({ monitors: true }),
    times: spikes.map(({ times }) => times),
    neurons: spikes.map(({ indices }) => indices),
    v: v.trace(17),
    weights: weights.trace(9),
    all: sim.synapseState(mixed, "weight"),
  };
}

describe("results are the same to the last bit for any number of threads", () => {
  test.each(["single", "double"] as const)("in %s precision", async (precision) => {
    const [one, ...others] = await Promise.all(THREADS.map((threads) => outcomeOf(threads, precision)));
    for (const other of others) expect(other).toEqual(one);
  });

  test("a state saved on three threads continues on two", async () => {
    const [three, two] = [3, 2].map((threads) => balancedNetwork({ size: 400, threads }));
    await three!.simulation.run("50 ms");
    two!.simulation.restore(three!.simulation.save());
    await Promise.all([three!.simulation.run("50 ms"), two!.simulation.run("50 ms")]);
    expect(two!.simulation.save()).toEqual(three!.simulation.save());
  });

  test("a log that is full ends a call at the same step on all threads", async () => {
    const totals = [];
    for (const threads of [1, 3]) {
      const sim = simulation({ threads });
      const cells = sim.source("cells", 400_000, { poisson: "9 kHz" });
      const { indices, times } = await (async () => {
        const spikes = sim.monitor.spikes(cells);
        await sim.run("0.8 ms");
        return spikes;
      })();
      const steps = times.map((time) => Math.round(10 * time));
      totals.push(indices.reduce((sum, neuron, k) => (sum * 31 + neuron + steps[k]!) % 65521, 7));
    }
    expect(totals[1]).toBe(totals[0]);
  });
});

test("names its threads, and why a network has only one", async () => {
  expect(balancedNetwork({ size: 400, threads: 2 }).simulation.executor).toContain("2 threads");
  const sim = simulation({ threads: 4 });
  const cells = sim.population("cells", 50, cobaLif());
  const synapse = bioAdamDynamics();
  const signal = { array: [1, 2, 3], dt: "0.1 ms" };
  sim.connect(cells, cells, { pattern: "all-to-all", weight: 1, synapse, signal });
  expect(sim.executor).toContain('1 thread: the synapses of projection "cells" to "cells" are computed at every step');
  await sim.run("1 ms");
  expect(sim.time).toBe(1);
});

test.each([0, 65, 1.5])("refuses %s threads", (threads) => {
  expect(() => simulation({ threads })).toThrow(SpikevineError);
});

test("refuses several threads in plain JavaScript", () => {
  expect(() => simulation({ threads: 2, executor: "javascript" })).toThrow("has one thread");
});

test("memory is flat over 100 simulations, whose workers are the same", async () => {
  const once = async () => {
    await balancedNetwork({ size: 500, threads: 3 }).simulation.run("2 ms");
  };
  for (let k = 0; k < 10; k++) await once();
  const before = process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
  for (let k = 0; k < 100; k++) await once();
  const after = process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
  expect(after).toBeLessThanOrEqual(before);
});

/** Threads whose last one fails in the second call. */
function failing(): Team {
  const module = new ModuleBuilder();
  const barrier = addBarrier(module, 3);
  module.function(
    { parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [TYPE.i32] },
    (f, from, to, number) => {
      const fails = i32.and(i32.eq(get(from!), i32.const(1)), i32.eq(get(number!), i32.const(2)));
      f.emit(when(fails, [0x00]));
      f.if(barrier({ number: number!, count: 3 }), () => f.emit(i32.const(-1), [0x0f]));
      f.emit(get(to!));
    },
    "run",
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const compiled = new WebAssembly.Module(module.encode(1, true));
  const host = { memory, sin: Math.sin };
  const run = new WebAssembly.Instance(compiled, { host }).exports.run as ConstructorParameters<typeof Team>[2];
  return new Team(compiled, memory, run, 3);
}

describe("a worker that fails", () => {
  test("ends the call and all later ones with its reason", async () => {
    const team = failing();
    await team.start();
    expect(team.run(0, 1)).toBe(1);
    for (let k = 0; k < 2; k++) {
      expect(() => team.run(1, 2)).toThrow(/a worker thread failed \(.*unreachable.*\); make the simulation again/);
    }
    team.stop();
    await expect(team.start()).resolves.toBeUndefined();
    expect(() => team.run(0, 1)).toThrow("a worker thread failed");
  });

  test("does not harm other simulations", async () => {
    const team = failing();
    await team.start();
    expect(() => team.run(1, 2)).toThrow(SpikevineError);
    team.stop();
    const { simulation: sim } = balancedNetwork({ size: 400, threads: 3 });
    await expect(sim.run("5 ms")).resolves.toMatchObject({ steps: 50 });
  });
});

describe("parts of a network", () => {
  test("ranges cover all neurons once, in whole cache lines", () => {
    for (const size of [1, 15, 16, 17, 100, 1000, 77169]) {
      for (const threads of [1, 2, 3, 64]) {
        const ranges = rangesOf(size, threads);
        expect(ranges[0]).toBe(0);
        expect(ranges[threads]).toBe(Math.ceil(size / 4) * 4);
        ranges.slice(0, -1).forEach((from, t) => {
          expect(from).toBeLessThanOrEqual(ranges[t + 1]!);
          expect(from % 16 === 0 || from === ranges[threads]).toBe(true);
        });
      }
    }
  });

  test("rows are split where the targets of the next thread begin", () => {
    const targets = [1, 5, 16, 40, 3, 16, 16, 31, 32];
    const split = splitRows(Uint32Array.of(0, 4, 4, 9), (k) => targets[k]!, Uint32Array.of(0, 16, 32, 48));
    expect([...split]).toEqual([0, 2, 3, 4, 4, 4, 4, 5, 8, 9]);
  });
});

test("addresses of the control words are apart", () => {
  const { reason, end, ...words } = CONTROL;
  const addresses = Object.values(words);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(Math.max(...addresses)).toBeLessThan(reason);
  expect(end).toBeGreaterThan(reason);
});
