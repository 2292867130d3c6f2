import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { readSafetensors } from "#spikevine/src/io/index";
import type { TrainingSnapshot } from "#spikevine/src/training/index";
import { options, SOME_RUN, small, snapshotAfter, temporaryFolder } from "./training.js";

/** A store with this many checkpoints, each one epoch later. */
async function filled(count: number, keep = 3): Promise<{ store: CheckpointStore; snapshots: TrainingSnapshot[] }> {
  const store = new CheckpointStore(join(await temporaryFolder(), "checkpoints"), keep);
  const snapshots: TrainingSnapshot[] = [];
  for (let n = 1; n <= count; n++) {
    const snapshot = await snapshotAfter(n, small(), options());
    snapshots.push(snapshot);
    await store.write(snapshot, SOME_RUN);
  }
  return { store, snapshots };
}

const reopened = ({ folder }: CheckpointStore): CheckpointStore => new CheckpointStore(folder, 3);

async function flipBit(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = Math.floor(at * bytes.length);
  bytes[place] = bytes[place]! ^ 4;
  await writeFile(path, bytes);
}

describe("checkpoint store", () => {
  it("returns the written values, bit-identical", async () => {
    const { store, snapshots } = await filled(1);
    const { checkpoint, problems } = await reopened(store).latest();
    expect(problems).toEqual([]);
    expect(checkpoint!.snapshot).toEqual(snapshots[0]);
    expect(checkpoint!.run).toEqual(SOME_RUN);
  });

  it("keeps numbers that JSON cannot represent", async () => {
    const { store, snapshots } = await filled(1);
    const { progress, tensors } = snapshots[0]!;
    const data = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45);
    const odd: TrainingSnapshot = {
      progress: { ...progress, startDifferences: { layer2: Number.NaN } },
      tensors: new Map([...tensors, ["odd", { rows: 2, columns: 2, data }]]),
    };
    await store.write(odd, SOME_RUN);
    expect((await reopened(store).latest()).checkpoint!.snapshot).toEqual(odd);
  });

  it("keeps the last few, in files that safetensors readers open", async () => {
    const { store } = await filled(5, 2);
    expect((await readdir(store.folder)).sort()).toEqual([
      "checkpoint-00000004.json",
      "checkpoint-00000004.safetensors",
      "checkpoint-00000005.json",
      "checkpoint-00000005.safetensors",
    ]);
    const { tensors } = await readSafetensors(join(store.folder, "checkpoint-00000005.safetensors"));
    expect(tensors.get("layer1.weights")!.shape).toEqual([12, 9]);
  });

  it("is empty if nothing was written", async () => {
    const store = new CheckpointStore(join(await temporaryFolder(), "checkpoints"), 3);
    expect(await store.latest()).toEqual({ problems: [] });
  });

  it.each([
    [
      "a flipped bit in the tensors",
      (f: string) => flipBit(`${f}.safetensors`, 0.6),
      /damaged \(its checksum differs\)/,
    ],
    ["a flipped bit in the manifest", (f: string) => flipBit(`${f}.json`, 0.5), /damaged|JSON|twice/],
    ["tensors that are cut off", (f: string) => writeFile(`${f}.safetensors`, "short"), /has 5 bytes instead of \d+/],
    ["missing tensors", (f: string) => rm(`${f}.safetensors`), /there is no such file/],
    ["an empty manifest", (f: string) => writeFile(`${f}.json`, ""), /is not JSON/],
    ["a manifest that is null", (f: string) => writeFile(`${f}.json`, "null"), /is not a JSON object/],
  ])("falls back from %s to the checkpoint before, and reports it", async (_, damage, message) => {
    const { store, snapshots } = await filled(2);
    await damage(join(store.folder, "checkpoint-00000002"));
    const { checkpoint, problems } = await reopened(store).latest();
    expect(checkpoint!.snapshot).toEqual(snapshots[0]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).toContain("checkpoint-00000002");
  });

  it("refuses to start again silently if every checkpoint is damaged", async () => {
    const { store } = await filled(2);
    for (const n of [1, 2]) await flipBit(join(store.folder, `checkpoint-0000000${n}.safetensors`), 0.5);
    await expect(reopened(store).latest()).rejects.toThrow(/no checkpoint in .* is intact; start the run again/);
  });

  it("continues counting after the newest number, damaged or not", async () => {
    const { store, snapshots } = await filled(2);
    await flipBit(join(store.folder, "checkpoint-00000002.json"), 0.5);
    expect(await reopened(store).write(snapshots[1]!, SOME_RUN)).toContain("checkpoint-00000003.json");
  });

  it("sees only its own names, and writes nowhere else", async () => {
    const { store } = await filled(1);
    await writeFile(join(store.folder, "checkpoint-1.json"), "{}");
    await writeFile(join(store.folder, "notes.txt"), "mine");
    await writeFile(join(store.folder, "checkpoint-00000009.json.77-0.tmp"), "left by a killed run");
    await store.write(await snapshotAfter(2, small(), options()), SOME_RUN);
    expect((await readdir(store.folder)).sort()).toEqual([
      "checkpoint-00000001.json",
      "checkpoint-00000001.safetensors",
      "checkpoint-00000002.json",
      "checkpoint-00000002.safetensors",
      "checkpoint-1.json",
      "notes.txt",
    ]);
  });
});
