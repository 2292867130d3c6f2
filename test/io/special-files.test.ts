import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { SpikevineError } from "#spikevine/src/errors";
import { readExperimentFile } from "#spikevine/src/experiment/file";
import { readMetrics, readNpy, readSafetensors } from "#spikevine/src/io/index";
import { readFileText } from "#spikevine/src/io/read-file";
import { lockRun } from "#spikevine/src/io/run-folder/run-lock";
import { loadModel } from "#spikevine/src/model/index";
import { sweepPoint } from "#spikevine/src/sweep/index";
import { PointStore } from "#spikevine/src/sweep/point-store";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spikevine-special-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("reading a file", () => {
  it("refuses one that is too large before it is read", async () => {
    const path = join(folder, "large");
    await writeFile(path, "12345");
    expect(await readFileText(path, { fix: "x", largest: 5 })).toBe("12345");
    await expect(readFileText(path, { fix: "give a smaller one", largest: 4 })).rejects.toThrow(
      `cannot read "${path}": it has 5 bytes, more than 4; give a smaller one.`,
    );
  });

  // Reading a device never ends, and opening a pipe waits for a writer.
  it.skipIf(process.platform === "win32")("refuses devices and pipes, in every reader", async () => {
    const pipe = join(folder, "checkpoint-00000001.json");
    execFileSync("mkfifo", [pipe]);
    for (const read of [loadModel, readSafetensors, readNpy, readMetrics]) {
      for (const path of ["/dev/zero", pipe]) await expect(read(path)).rejects.toThrow(SpikevineError);
    }
    await expect(readExperimentFile(pipe)).rejects.toThrow("it is a device or a pipe, not a file");
    await expect(new CheckpointStore(folder, 1).latest()).rejects.toThrow("it is a device or a pipe, not a file");
  });

  it.skipIf(process.platform === "win32")("refuses a pipe in place of a lock", async () => {
    const path = join(folder, "run.lock");
    execFileSync("mkfifo", [path]);
    await expect(lockRun(path)).rejects.toThrow(
      `cannot read "${path}": it is a device or a pipe, not a file; remove it if no run uses this folder.`,
    );
  });

  it.skipIf(process.platform === "win32")("refuses a pipe in place of a point of a sweep", async () => {
    const point = sweepPoint({ a: 1 }, 0);
    execFileSync("mkfifo", [join(folder, `${point.id}.json`)]);
    await expect(new PointStore(folder).find(point)).rejects.toThrow("it is a device or a pipe, not a file");
    expect(await new PointStore(folder).ofOtherOrigin([sweepPoint({ a: 2 }, 0)], [])).toEqual([]);
  });
});
