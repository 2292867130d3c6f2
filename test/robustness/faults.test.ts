import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { CheckpointStore, CheckpointWriter } from "#spikevine/src/checkpoint/index";
import { runCli } from "#spikevine/src/cli/command-line/run";
import { savedStates, saveState } from "#spikevine/src/cli/simulation/resume-simulation";
import type { Terminal } from "#spikevine/src/cli/terminal/terminal";
import { SpikevineError } from "#spikevine/src/errors";
import { type FileSystem, runFolder } from "#spikevine/src/io/index";
import { loadModel, saveModel } from "#spikevine/src/model/index";
import { simulation } from "#spikevine/src/simulation/index";
import { runSweep, sweepPoints } from "#spikevine/src/sweep/index";
import { train } from "#spikevine/src/training/index";
import { leftBy } from "../checkpoint/command.js";
import { options, outcome, SOME_RUN, small } from "../checkpoint/training.js";
import { spikevine, TINY, temporaryFolder } from "../cli/run-cli.js";
import { FAULTS, type Fault, faultyFiles, oddClock } from "./faults.js";

/** Work that is saved on a disk, and that resumes after the disk has failed. */
interface Subject {
  /** Does the work, perhaps only a part of it. Any error must be a SpikevineError. */
  work(folder: string, files: FileSystem, n: number): Promise<unknown>;
  /** Resumes from the saved state, on a disk that works, and returns the result. */
  resume(folder: string): Promise<unknown>;
}

/** Repeats the work with the n-th call failing, for n = 1, 2, ... until none does; each is followed by a resume. */
async function everyFault(fault: Fault, { work, resume }: Subject): Promise<number> {
  const whole = await temporaryFolder();
  await work(whole, faultyFiles(fault, Number.POSITIVE_INFINITY).files, 0).catch(mustBeClear);
  const expected = await resume(whole);
  for (let n = 1; ; n++) {
    const folder = await temporaryFolder();
    const disk = faultyFiles(fault, n);
    await work(folder, disk.files, n).catch(mustBeClear);
    await forgetLocks(folder);
    expect(await resume(folder), `${fault} at call ${n}`).toEqual(expected);
    await rm(folder, { recursive: true });
    if (disk.calls < n) return n - 1;
  }
}

function mustBeClear(error: unknown): void {
  expect(error).toBeInstanceOf(SpikevineError);
}

/** A dead process holds no lock; this process, which plays its part, is alive. */
async function forgetLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (/\.lock/.test(name)) await rm(join(folder, name), { force: true });
  }
}

const points = sweepPoints({ vary: { gain: [1, 2, 3] }, seeds: [0, 1] });

const SUBJECTS: readonly (readonly [string, Subject])[] = [
  [
    "a training and its checkpoints",
    {
      async work(folder, files, n) {
        const net = small();
        const keeper = new CheckpointWriter({
          store: new CheckpointStore(join(folder, "checkpoints"), 2, files),
          run: () => SOME_RUN,
          interval: { every: 2, unit: "seconds" },
          start: { updates: 0, epochs: 0 },
          onProblem: (error) => expect(error).toBeInstanceOf(SpikevineError),
          now: oddClock(n),
        });
        // Killed in its third epoch.
        await train(net, {
          ...options(),
          ...keeper.options,
          onBatch({ epoch, batch }) {
            if (epoch === 3 && batch === 2) throw new SpikevineError("killed");
          },
        });
      },
      async resume(folder) {
        const { checkpoint, problems } = await new CheckpointStore(join(folder, "checkpoints"), 2).latest();
        expect(problems).toEqual([]);
        const net = small();
        const result = await train(net, { ...options(), ...(checkpoint ? { resume: checkpoint.snapshot } : {}) });
        return outcome(net, result);
      },
    },
  ],
  [
    "the points of a sweep",
    {
      work: (folder, files) => runSweep({ folder, points, runner: figures(), files }),
      async resume(folder) {
        const { table, failures, problems } = await runSweep({ folder, points, runner: figures() });
        expect([failures, problems]).toEqual([[], []]);
        const names = (await readdir(folder, { recursive: true })).filter((name) => !name.includes(".tmp"));
        return [table.points.map(({ metrics }) => metrics), names.sort()];
      },
    },
  ],
  [
    "a model that replaces another",
    {
      async work(folder, files) {
        await saveModel(join(folder, "model.safetensors"), small());
        const changed = small();
        changed.parameters.get("layer1.weights")!.data.fill(7);
        await saveModel(join(folder, "model.safetensors"), changed, new Map(), files);
      },
      async resume(folder) {
        // The old one or the new one, never a part of each.
        const { parameters } = await loadModel(join(folder, "model.safetensors"));
        const weights = [...parameters.get("layer1.weights")!.data];
        const [old] = [[...small().parameters.get("layer1.weights")!.data]];
        expect(weights.every((value) => value === 7) || weights.join() === old!.join()).toBe(true);
        const changed = small();
        changed.parameters.get("layer1.weights")!.data.fill(7);
        await saveModel(join(folder, "model.safetensors"), changed);
        return (await readFile(join(folder, "model.safetensors"))).toString("base64");
      },
    },
  ],
  [
    "the saved states of a simulation",
    {
      async work(folder, files) {
        const sim = cells();
        for (let part = 0; part < 3; part++) {
          await sim.run("5 ms");
          await saveState(runFolder(folder), sim.save({ monitors: true }), files);
        }
      },
      async resume(folder) {
        const sim = cells();
        const [newest] = [...(await savedStates(runFolder(folder))).values()];
        if (newest !== undefined) sim.restore(newest);
        const left = 30 - sim.time;
        await sim.run(`${left} ms`);
        return Buffer.from(sim.save({ monitors: true })).toString("base64");
      },
    },
  ],
];

const figures = () => ({
  slots: 2,
  start: async ({ settings, seed }: (typeof points)[number]) => ({
    metrics: { figure: Number(settings.gain) * 10 + seed },
  }),
  close: async () => undefined,
});

function cells() {
  const sim = simulation({ seed: 4, executor: "javascript", dt: "0.1 ms" });
  const population = sim.population("cells", 6, cobaLif());
  sim.input(population, { poisson: { rate: "3 kHz", weight: "1.5 nS", target: "ge" } });
  sim.monitor.spikes(population);
  return sim;
}

describe.each(SUBJECTS)("%s", (_, subject) => {
  it.each(FAULTS)("%s, at every call", { timeout: 60_000 }, async (fault) => {
    expect(await everyFault(fault, subject)).toBeGreaterThan(3);
  });
});

/** Trainings by the command with failures at random calls. A failure prints its seed, which this variable replays. */
describe("spikevine train", () => {
  const given = process.env.SPIKEVINE_FAULT_SEED;
  const seeds =
    given === undefined ? Array.from({ length: 6 }, () => Math.floor(Math.random() * 2 ** 31)) : [Number(given)];
  const args = [...TINY, "--checkpoint-every", "2 batches", "--batch-size", "16"];
  const quiet = (errors: string[]): Terminal => ({
    width: 80,
    live: false,
    lost: new AbortController().signal,
    line: () => undefined,
    status: () => undefined,
    error: (text) => errors.push(text),
    mute: () => undefined,
  });
  const out = temporaryFolder().then((folder) => join(folder, "runs"));
  const onlyRun = async (): Promise<string | undefined> => {
    const names = await readdir(await out).catch(() => []);
    return names[0] && join(await out, names[0]);
  };
  const fresh = async () => {
    expect((await spikevine("train", ...args, "--out", await out)).code).toBe(0);
    return leftBy((await onlyRun())!);
  };

  it("resumes bit-identically wherever the disk failed", { timeout: 120_000 }, async () => {
    const expected = await fresh();
    for (const seed of seeds) {
      await rm(await out, { recursive: true, force: true });
      const disk = faultyFiles(FAULTS[seed % FAULTS.length]!, 1 + (Math.floor(seed / 8) % 150));
      const errors: string[] = [];
      const where = `replay with SPIKEVINE_FAULT_SEED=${seed}`;
      await runCli(["train", ...args, "--out", await out], quiet(errors), disk.files);
      expect(errors.join("\n"), where).not.toMatch(/this is a bug|\n {4}at /);
      const folder = await onlyRun();
      let left: unknown;
      if (folder === undefined) left = await fresh();
      else {
        await forgetLocks(folder);
        const { code, stderr } = await spikevine("train", "--resume", folder);
        const begun = await readdir(join(folder, "checkpoints")).catch(() => []);
        // A run that never started has nothing to resume from, and reports it.
        if (code !== 0)
          expect(
            begun.filter((name) => name.endsWith(".json")),
            `${where}: ${stderr}`,
          ).toEqual([]);
        else left = await leftBy(folder);
      }
      if (left !== undefined) expect(left, where).toEqual(expected);
    }
  });
});
