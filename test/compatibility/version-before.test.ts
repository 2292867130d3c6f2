import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { SpikevineError } from "#spikevine/src/errors";
import { experimentPoint, ORIGIN, pointExperiment } from "#spikevine/src/experiment/points";
import { readSafetensors } from "#spikevine/src/io/index";
import { loadModel } from "#spikevine/src/model/index";
import { simulation } from "#spikevine/src/simulation/index";
import { runSweep } from "#spikevine/src/sweep/index";
import { version } from "#spikevine/src/version";
import { spikevine, temporaryFolder } from "../cli/run-cli.js";

/** What Spikevine 0.1.0 wrote: trainings of 784-3-10 SNUs on 32 made digits, a sweep of two, a state of a simulation. */
const fixtures = fileURLToPath(new URL("./fixtures/0.1.0/", import.meta.url));

async function copyOf(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(fixtures, name), folder, { recursive: true });
  return folder;
}

it("a run is evaluated, or refused because a definition computes something else", async () => {
  const { code, stdout, stderr } = await spikevine("eval", join(fixtures, "run"));
  if (code !== 0) {
    expect(stderr).toMatch(
      /^spikevine: weights ".*": .*computes something else than when they were trained; use that version/,
    );
    return;
  }
  const records = (await readFile(join(fixtures, "run", "metrics.ndjson"), "utf8")).trim().split("\n");
  const tested = JSON.parse(records.at(-1)!) as { loss: number; accuracy: number };
  expect(Number(/^loss +([\d.]+)$/m.exec(stdout)![1])).toBeCloseTo(tested.loss, 3);
});

it("a run does not go on unasked, since this version may come to other bits", async () => {
  const run = await copyOf("run");
  const before = await Promise.all(
    (await readdir(run)).sort().map((name) => readFile(join(run, name)).catch(() => name)),
  );
  const { code, stderr } = await spikevine("train", "--resume", run);
  expect(code).toBe(1);
  expect(stderr).toContain(`spikevine was 0.1.0 and is ${version()}`);
  expect(stderr).toMatch(/make it as it was, or give --allow-changes/);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  const after = await Promise.all(
    (await readdir(run)).sort().map((name) => readFile(join(run, name)).catch(() => name)),
  );
  expect(after).toEqual(before);
  // With the flag it goes on where it was, or says why it cannot.
  const asked = await spikevine("train", "--resume", run, "--allow-changes", "--epochs", "3");
  if (asked.code === 0) expect(asked.stdout).toMatch(/^resume {3}after 2 epochs and 8 updates/m);
  else expect(asked.stderr).toMatch(/^spikevine: .*[;,] .*\.\n$/);
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

it("a model is opened with its weights, or refused because a definition computes something else", async () => {
  const path = join(fixtures, "run", "weights.safetensors");
  const { tensors } = await readSafetensors(path);
  const network = await loadModel(path).catch((error: unknown) => error);
  if (network instanceof Error) {
    expect(network).toBeInstanceOf(SpikevineError);
    expect(network.message).toMatch(/^model ".*[;,] .*\.$/);
    return;
  }
  const { parameters } = network as Awaited<ReturnType<typeof loadModel>>;
  for (const [name, { data }] of parameters) expect(data).toEqual(tensors.get(name)!.data);
});

it("points of a sweep run again, and the version that their results are of is named", async () => {
  const folder = await copyOf("sweep");
  const names = await readdir(join(folder, "points"));
  expect(names).toHaveLength(2);
  const points = await Promise.all(
    names.map(async (name) => {
      const { finished } = JSON.parse(await readFile(join(folder, "points", name), "utf8"));
      return experimentPoint(pointExperiment(finished), "0".repeat(64));
    }),
  );
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
  expect(problems).toEqual([
    expect.stringMatching(/^sweep: 2 results in ".*" are not used, because spikevine is 0\.1\.0 there/),
  ]);
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
  expect(stderr).toMatch(/is of Spikevine 0\.1\.0, which saved no states; simulate again/);
});
