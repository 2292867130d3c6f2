import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { experimentPoint, ORIGIN, pointExperiment } from "#spikevine/src/experiment/points";
import { readSafetensors } from "#spikevine/src/io/index";
import { loadModel } from "#spikevine/src/model/index";
import { simulation } from "#spikevine/src/simulation/index";
import { runSweep } from "#spikevine/src/sweep/index";
import { spikevine, temporaryFolder } from "../cli/run-cli.js";

/** What Spikevine 0.1.0 wrote: trainings of 784-3-10 SNUs on 32 made digits, a sweep of two, a state of a simulation. */
const fixtures = fileURLToPath(new URL("./fixtures/0.1.0/", import.meta.url));

async function copyOf(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(fixtures, name), folder, { recursive: true });
  return folder;
}

/** Part of the refusal of an experiment that 0.1.0 has stored. */
const RENAMED =
  'field "network.trainThreshold" is called "network.trainableThreshold" now; train again, or use the version of Spikevine that wrote it.';

it("a run is not evaluated, because its experiment has fields with old names", async () => {
  const run = join(fixtures, "run");
  const { code, stderr } = await spikevine("eval", run);
  expect(code).toBe(1);
  expect(stderr).toBe(`spikevine: weights "${join(run, "weights.safetensors")}": ${RENAMED}\n`);
});

it("a run is not resumed, because its experiment has fields with old names, and stays as it was", async () => {
  const run = await copyOf("run");
  const before = await Promise.all(
    (await readdir(run)).sort().map((name) => readFile(join(run, name)).catch(() => name)),
  );
  for (const flags of [[], ["--allow-changes", "--epochs", "3"]]) {
    const { code, stderr } = await spikevine("train", "--resume", run, ...flags);
    expect(code).toBe(1);
    expect(stderr).toBe(`spikevine: ${join(run, "checkpoints", "checkpoint-00000001.json")}: ${RENAMED}\n`);
  }
  const after = await Promise.all(
    (await readdir(run)).sort().map((name) => readFile(join(run, name)).catch(() => name)),
  );
  expect(after).toEqual(before);
});

it("a configuration is refused with the new name of a field, where a run has no checkpoint", async () => {
  const run = await copyOf("run");
  await rm(join(run, "checkpoints"), { recursive: true });
  const { code, stderr } = await spikevine("train", "--resume", run);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `spikevine: --resume: "${run}" is not a run folder: ${join(run, "config.json")}: field "network.trainThreshold" is called "network.trainableThreshold" now; rename it.\n`,
  );
});

it("a checkpoint is read, to the bit of its tensors", async () => {
  const store = new CheckpointStore(join(fixtures, "run", "checkpoints"), 1);
  const { checkpoint, problems } = await store.latest();
  expect(problems).toEqual([]);
  expect(checkpoint!.run.spikevine).toBe("0.1.0");
  expect(checkpoint!.snapshot.progress.updates).toBe(8);
  const weights = await readSafetensors(join(fixtures, "run", "weights.safetensors"));
  const { data } = checkpoint!.snapshot.tensors.get("layer1.weights")!;
  expect(data).toEqual(weights.tensors.get("layer1.weights")!.data);
});

it("a model is loaded with its weights", async () => {
  const path = join(fixtures, "run", "weights.safetensors");
  const { tensors } = await readSafetensors(path);
  const { parameters } = await loadModel(path);
  expect(parameters.size).toBeGreaterThan(0);
  for (const [name, { data }] of parameters) expect(data).toEqual(tensors.get(name)!.data);
});

it("points of a sweep are refused with the new name of a field, and those of this version run beside them", async () => {
  const folder = await copyOf("sweep");
  const names = await readdir(join(folder, "points"));
  expect(names).toHaveLength(2);
  for (const name of names) {
    const { finished } = JSON.parse(await readFile(join(folder, "points", name), "utf8"));
    expect(() => pointExperiment(finished)).toThrow(`point ${finished.id}: ${RENAMED}`);
  }
  const points = [1, 2].map((seed) => experimentPoint(parseExperiment({ seed }), "0".repeat(64), "simd"));
  const ran: string[] = [];
  const runner = {
    slots: 1,
    async start({ id }: { id: string }) {
      ran.push(id);
      return { metrics: { accuracy: 1 } };
    },
    async close() {},
  };
  const { problems, kept } = await runSweep({ folder, points, runner, origin: ORIGIN });
  expect(kept).toBe(0);
  expect(ran).toEqual(points.map(({ id }) => id));
  expect(problems).toEqual([]);
  // What 0.1.0 left is there still.
  expect(await readdir(join(folder, "points"))).toEqual(expect.arrayContaining(names));
});

it("a saved state and the folder of a simulation are refused with the version and the fix", async () => {
  const sim = simulation({ seed: 3, precision: "double" });
  sim.population("cells", 5, cobaLif());
  const bytes = await readFile(join(fixtures, "state.spikevine"));
  expect(() => sim.restore(bytes)).toThrow(/^saved state: Spikevine 0\.1\.0 wrote it.*run the simulation again/);
  const { code, stderr } = await spikevine("simulate", "--resume", await copyOf("simulation"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/was written by Spikevine 0\.1\.0, which saved no states; simulate again/);
});
