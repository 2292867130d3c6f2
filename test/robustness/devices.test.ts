import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CheckpointStore, CheckpointWriter, parseInterval } from "#spikevine/src/checkpoint/index";
import { gpujsDevice } from "#spikevine/src/device/gpujs/index";
import { compilePlan } from "#spikevine/src/device/simd/compile/compile";
import { HEADER, PHASE_DONE } from "#spikevine/src/device/simd/compile/header";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { StallWatch } from "#spikevine/src/device/simd/run/stall";
import { Threads } from "#spikevine/src/device/simd/run/threads";
import { SpikevineError } from "#spikevine/src/errors";
import { type TrainingOptions, train } from "#spikevine/src/training/index";
import { options, outcome, SOME_RUN, small, temporaryFolder } from "../checkpoint/training.js";
import { networkCases } from "../device/conformance/network-cases.js";
import { countingLibrary } from "../device/gpujs/counting-library.js";

/** Trains with a checkpoint after every batch. */
async function trainKept(more: Partial<TrainingOptions>): Promise<{ store: CheckpointStore; failure: unknown }> {
  const store = new CheckpointStore(await temporaryFolder(), 3);
  const writer = new CheckpointWriter({
    store,
    run: () => SOME_RUN,
    interval: parseInterval("1 batch"),
    start: { updates: 0, epochs: 0 },
    onProblem: (error) => {
      throw error;
    },
  });
  const failure = await train(small(), options({ ...writer.options, ...more })).catch((error: unknown) => error);
  return { store, failure };
}

/** Resumes from the newest checkpoint and compares with an undisturbed run. */
async function expectSameBits(store: CheckpointStore, more: Partial<TrainingOptions>): Promise<void> {
  const { checkpoint } = await store.latest();
  const whole = small();
  const expected = outcome(whole, await train(whole, options(more)));
  const net = small();
  const got = outcome(net, await train(net, options({ ...more, resume: checkpoint!.snapshot })));
  expect(got).toEqual(expected);
}

describe("a worker thread that crashes in training", () => {
  it("ends the run with an error in words; a new device resumes bit-identically", async () => {
    const workers: Worker[] = [];
    const collect = (worker: Worker): void => {
      workers.push(worker);
    };
    process.on("worker", collect);
    const device = await simdDevice({ threads: 2 });
    let batches = 0;
    const { store, failure } = await trainKept({
      device,
      onBatch() {
        if (++batches === 5) void workers[0]!.terminate();
      },
    });
    process.off("worker", collect);
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((failure as Error).message).toMatch(/^simd: a worker thread failed \(it ended\)/);
    await device.dispose();
    await expectSameBits(store, { device: "simd", threads: 2 });
  });
});

describe("a worker thread that hangs", () => {
  it("is given up when nothing has moved for too long, and the workers can be terminated", async () => {
    const { plan } = networkCases()[0]!;
    const { image } = await compilePlan(plan, { threads: 2, shared: true });
    const threads = await Threads.start(image, 0.5);
    const words = new Int32Array(image.memory.buffer);
    words[HEADER.samples / 4] = Object.values(plan.procedures)[0]!.batch;
    // Undoes the work of the first phase, so that it never ends.
    const saboteur = new Worker(
      `const { words, at } = require("node:worker_threads").workerData; for (;;) Atomics.store(words, at, -9);`,
      { eval: true, workerData: { words, at: (HEADER.phases + PHASE_DONE) / 4 } },
    );
    await new Promise((resolve) => saboteur.once("online", resolve));
    // On a busy machine the saboteur may be asleep during a short run.
    let failure: unknown;
    for (const end = Date.now() + 15_000; Date.now() < end && failure === undefined; ) {
      failure = await threads.run(0).catch((error: unknown) => error);
    }
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((failure as Error).message).toMatch(
      /^simd: a worker thread failed \(no thread has made progress for 0\.5 seconds\); compile the plan again/,
    );
    await saboteur.terminate();
    await expect(threads.run(0)).rejects.toThrow(SpikevineError);
    await threads.stop();
  });

  it("is distinguished from a slow one, and from a machine that slept", () => {
    let now = 0;
    const watch = new StallWatch(1, () => now);
    // Slow: one work item every 0.9 s.
    for (let piece = 0; piece < 20; piece++) {
      for (let look = 0; look < 9; look++) {
        now += 100;
        expect(watch.hasStalled(piece, 0)).toBe(false);
      }
    }
    // Asleep for an hour between two checks.
    now += 3_600_000;
    expect(watch.hasStalled(19, 0)).toBe(false);
    // Set back.
    now -= 7_200_000;
    expect(watch.hasStalled(20, 0)).toBe(false);
    for (let look = 0; look < 10; look++) {
      now += 100;
      expect(watch.hasStalled(20, 0)).toBe(false);
    }
    now += 100;
    expect(watch.hasStalled(20, 0)).toBe(true);
  });
});

describe("memory that cannot be allocated", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is an error with the amount and a fix", async () => {
    const device = await simdDevice({ threads: 1 });
    class NoMemory {
      constructor() {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      }
    }
    vi.stubGlobal(
      "WebAssembly",
      new Proxy(WebAssembly, { get: (w, key) => (key === "Memory" ? NoMemory : w[key as never]) }),
    );
    const failure = await train(small(), options({ device })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((failure as Error).message).toMatch(
      /^simd: the system cannot provide \d+ MiB of memory: .* smaller batch than 9/,
    );
    await device.dispose();
  });
});

describe("a graphics context that is lost", () => {
  it.each(["a kernel throws", "reading gives zeros"])("ends the run with an error in words where %s", async (how) => {
    let lost = false;
    let batches = 0;
    const { library } = countingLibrary("gpu", (rows) => {
      if (lost && how === "a kernel throws") throw new Error("CONTEXT_LOST_WEBGL");
      return rows;
    });
    class LosingGpu extends (library.GPU as unknown as new (settings: object) => object) {
      static readonly isWebGL2Supported = true;
      readonly context = { isContextLost: () => lost };
    }
    const device = await gpujsDevice({ mode: "webgl2", gpujs: { ...library, GPU: LosingGpu } });
    const { store, failure } = await trainKept({
      device,
      onBatch() {
        if (++batches === 3) lost = true;
      },
    });
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((failure as Error).message).toMatch(
      /^device gpujs:webgl2: (kernel ".*"|reading) failed \((CONTEXT_LOST_WEBGL|the graphics context is lost)\)/,
    );
    expect((await store.latest()).checkpoint!.snapshot.progress.updates).toBe(2);
    // Opened again, as the message says.
    const again = await gpujsDevice({ mode: "webgl2", gpujs: countingLibrary().library });
    await expectSameBits(store, { device: again });
    await again.dispose();
  });
});

it("devices, workers and timers that were not disposed of do not keep the process alive", async () => {
  const child = fileURLToPath(new URL("./children/forgetful.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 180_000 });
  expect(stdout.trim()).toBe("trained");
});
