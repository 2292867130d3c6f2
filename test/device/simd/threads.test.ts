import { execFile } from "node:child_process";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compilePlan } from "#spikevine/src/device/simd/compile/compile";
import { HEADER } from "#spikevine/src/device/simd/compile/header";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { Threads } from "#spikevine/src/device/simd/run/threads";
import { SpikevineError } from "#spikevine/src/errors";
import { networkCases } from "../conformance/network-cases.js";
import { observe } from "../conformance/observe.js";

/** A case whose batch has several blocks. */
const trained = () => networkCases().find((each) => each.name.startsWith("ten updates of a wide network"))!;

describe("results are bit-identical for any number of threads", () => {
  test.each(networkCases().map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const outcomes = [];
    for (const threads of [1, 2, 3, 4]) {
      const device = await simdDevice({ threads });
      outcomes.push((await observe(device, each)).arrays);
      await device.dispose();
    }
    for (const [key, values] of outcomes[0]!) {
      for (const other of outcomes.slice(1)) {
        expect(Buffer.from(values.buffer).equals(Buffer.from(other.get(key)!.buffer)), key).toBe(true);
      }
    }
  });
});

test("runs so short that a worker may miss them, each of another size, are bit-identical to one thread", async () => {
  const short = networkCases().find(({ name }) => name === "layers that always fire")!;
  const runs = Array.from({ length: 1500 }, (_, k) => {
    const { procedure, inputs } = short.runs[k % short.runs.length]!;
    const samples = 1 + ((k * 7) % inputs.samples);
    const first = (data: Float32Array | Uint32Array) => data.subarray(0, (data.length / inputs.samples) * samples);
    const signals = Object.entries(inputs.signals!).map(([signal, data]) => [signal, first(data)]);
    return { procedure, inputs: { ...inputs, samples, signals: Object.fromEntries(signals), epoch: k } };
  });
  const outcomes = [];
  for (const threads of [1, 6]) {
    const device = await simdDevice({ threads });
    const { arrays } = await observe(device, { ...short, runs, compareSignals: false });
    outcomes.push([...arrays].map(([key, values]) => [key, Buffer.from(values.buffer).toString("hex")]));
    await device.dispose();
  }
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[0]!.length).toBeGreaterThan(0);
});

describe("a worker that fails", () => {
  test("rejects the run and later ones, with a message", async () => {
    const { plan } = trained();
    const { image } = await compilePlan(plan, { threads: 2, shared: true });
    // The worker's scratch memory is moved out of bounds.
    const threads = await Threads.start({ ...image, scratch: { ...image.scratch, bytes: 2 ** 31 } });
    new Int32Array(image.memory.buffer)[HEADER.samples / 4] = Object.values(plan.procedures)[0]!.batch;
    // On a busy machine the worker may sleep through a short run.
    let failure: unknown;
    for (const end = Date.now() + 15_000; Date.now() < end && failure === undefined; ) {
      failure = await threads.run(0).catch((error: unknown) => error);
    }
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((failure as Error).message).toMatch(/^simd: a worker thread failed \(RuntimeError: memory access/);
    await expect(threads.run(0)).rejects.toThrow(SpikevineError);
    await threads.stop();
  });
});

describe("a worker that dies", () => {
  const workers: Worker[] = [];
  const module = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };
  const Original = module.Worker;

  beforeEach(() => {
    workers.length = 0;
    module.Worker = class extends Original {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        workers.push(this);
      }
    };
    syncBuiltinESMExports();
  });

  afterEach(() => {
    module.Worker = Original;
    syncBuiltinESMExports();
  });

  test("rejects runs that begin after it", async () => {
    const { run, dispose } = await begun();
    await workers[0]!.terminate();
    await expect(run()).rejects.toThrow(/a worker thread failed \(it ended\)/);
    await dispose();
  });

  test("lets the current run end, with a result or a message", async () => {
    const { run, dispose } = await begun();
    const death = workers[0]!.terminate();
    const outcome = await run().then(
      () => "well",
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(/^well$|a worker thread failed \(it ended\)/);
    await death;
    await expect(run()).rejects.toThrow(/a worker thread failed \(it ended\)/);
    await dispose();
  });

  /** A program on two threads, after its first run. */
  async function begun() {
    const { plan, runs } = trained();
    const device = await simdDevice({ threads: 2 });
    const program = await device.compile(plan);
    const run = (): Promise<void> => program.run(runs[0]!.procedure, runs[0]!.inputs);
    await run();
    return { run, dispose: () => device.dispose() };
  }
});

test("idle workers do not keep the process alive", async () => {
  const index = fileURLToPath(import.meta.resolve("#spikevine/src/device/simd/index"));
  const script = `
    const { simdDevice } = await import(${JSON.stringify(index)});
    const device = await simdDevice({ threads: 3 });
    const program = await device.compile({ tensors: { a: { rows: 3, columns: 2 } }, procedures: {} });
    console.log([...await program.readTensor("a")].join());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect(stdout.trim()).toBe("0,0,0,0,0,0");
});
