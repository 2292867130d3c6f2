import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { SpikevineError } from "#spikevine/src/errors";
import { readExperimentFile } from "#spikevine/src/experiment/file";
import { openModel } from "#spikevine/src/model/index";
import { readMetrics, readNpy, readTensors } from "#spikevine/src/record/index";
import { readFileText } from "#spikevine/src/record/read-file";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-file-"));
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
  it.skipIf(process.platform === "win32")("refuses devices and pipes, whatever reads them", async () => {
    const pipe = join(folder, "checkpoint-00000001.json");
    execFileSync("mkfifo", [pipe]);
    for (const read of [openModel, readTensors, readNpy, readMetrics]) {
      for (const path of ["/dev/zero", pipe]) {
        const refusal = expect(read(path)).rejects;
        await refusal.toThrow(SpikevineError);
      }
    }
    await expect(readExperimentFile(pipe)).rejects.toThrow("it is a device or a pipe, not a file");
    await expect(new CheckpointStore(folder, 1).latest()).rejects.toThrow("it is a device or a pipe, not a file");
  });

  it("refuses a folder", async () => {
    await expect(readTensors(folder)).rejects.toThrow(`cannot read "${folder}": it is a folder; check the path.`);
  });
});
