import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { graphCases } from "../conformance/graph-cases.js";
import { networkCases } from "../conformance/network-cases.js";
import { observe } from "../conformance/observe.js";
import { countingLibrary } from "./counting-library.js";

// A machine that does other work at the same time may take a while.
vi.setConfig({ testTimeout: 120_000 });

const network = (name: string) => [...networkCases(), ...graphCases()].find((each) => each.name === name)!;

test.each([
  "recurrent spiking layers",
  "graded recurrent units with dropout",
  "truncated in time",
  "spikes past a branch of spikes",
])("every texture of %s is deleted, and none twice or too early", async (name) => {
  const { library, counts } = countingLibrary();
  const device = await gpujsDevice({ mode: "webgl2", gpujs: library });
  const { plan, runs } = network(name);
  const program = await device.compile(plan);
  const { procedure, inputs } = runs[0]!;
  await program.run(procedure, inputs);
  const first = counts.made - counts.deleted;
  for (let n = 0; n < 3; n++) await program.run(procedure, inputs);
  expect(counts.made - counts.deleted).toBe(first);
  expect(program.arrayCount).toBe(first);
  await program.dispose();
  expect(counts.deleted).toBe(counts.made);
  await device.dispose();
});

test("a run that fails halfway leaves no textures behind", async () => {
  let launches = Number.POSITIVE_INFINITY;
  const { library, counts } = countingLibrary("gpu", (rows) => {
    if (launches-- === 0) throw new Error("out of graphics memory");
    return rows;
  });
  const device = await gpujsDevice({ mode: "webgl2", gpujs: library });
  const { plan, runs } = network("two spiking layers");
  const program = await device.compile(plan);
  const { procedure, inputs } = runs[0]!;
  await program.run(procedure, inputs);
  const before = counts.made - counts.deleted;
  launches = 20;
  await expect(program.run(procedure, inputs)).rejects.toThrow("out of graphics memory");
  launches = Number.POSITIVE_INFINITY;
  await program.run(procedure, inputs);
  expect(counts.made - counts.deleted).toBe(before);
  await device.dispose();
});

test.each(["cpu", "webasm"] as const)("memory stays where it is over two hundred runs on %s", async (mode) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const device = await gpujsDevice({ mode });
  const { plan, runs } = network("two spiking layers");
  const program = await device.compile(plan);
  const { procedure, inputs } = runs[0]!;
  const heapAfter = async (count: number): Promise<number> => {
    for (let n = 0; n < count; n++) await program.run(procedure, inputs);
    // Buffers are freed shortly after the objects that held them.
    for (let n = 0; n < 3; n++) {
      collect();
      await setTimeout(20);
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = await heapAfter(50);
  const after = await heapAfter(200);
  expect(after - before).toBeLessThan(1_000_000);
  await program.dispose();
  await device.dispose();
});

test("chunks of steps change no bit of the spikes", async () => {
  const whole = await gpujsDevice({ mode: "webasm" });
  const parts = await gpujsDevice({ mode: "webasm", longestChunk: 2 });
  for (const name of [
    "two spiking layers",
    "truncated in time",
    "graded recurrent units with dropout",
    "spikes through convolutions and pools",
  ]) {
    const each = network(`${name}, every signal read`);
    const once = { ...each, runs: each.runs.slice(0, 1) };
    const [expected, got] = [await observe(whole, once), await observe(parts, once)];
    for (const [key, values] of expected.arrays) {
      if (/output|input/.test(key)) expect(got.arrays.get(key), `${each.name}: ${key}`).toEqual(values);
    }
  }
  await whole.dispose();
  await parts.dispose();
});
