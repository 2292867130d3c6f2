import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { SpikevineError } from "#spikevine/src/errors";
import { writeAtomically } from "#spikevine/src/io/atomic-file";
import { openMetrics, readMetrics, readSafetensors } from "#spikevine/src/io/index";
import { openLog } from "#spikevine/src/io/run-folder/log";
import { createRunFolder } from "#spikevine/src/io/run-folder/run-folder";
import {
  leftBy,
  main,
  newestCheckpoint,
  onlyRun,
  SHORT,
  trainInChild,
  untilCheckpoints,
} from "../checkpoint/command.js";
import { temporaryFolder } from "../checkpoint/training.js";
import { spikevine } from "../cli/run-cli.js";

const isRoot = process.getuid?.() === 0;

/** A separate file system of this many bytes, if this process may mount one. */
function mountSmall(folder: string, options: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const mounted: string[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const folder of mounted.splice(0)) execFileSync("umount", ["-l", folder]);
});

describe("a disk that is full", () => {
  it.runIf(isRoot)(
    "costs checkpoints and in the end the run, but the run resumes once there is space",
    async (test) => {
      const out = await temporaryFolder();
      if (!mountSmall(out, "size=120k")) return test.skip();
      mounted.push(out);
      const args = [...SHORT, "--optimizer", "sgd", "--out", out, "--checkpoint-every", "2 batches"];
      const full = await trainInChild(args);
      expect(full.code).toBe(1);
      expect(full.stderr).toMatch(
        /^spikevine: no checkpoint was written, training continues: cannot write .* the disk is full/m,
      );
      expect(full.stderr).not.toContain("this is a bug");
      // Existing files are complete; incomplete files are gone.
      const folder = await onlyRun(out);
      const names = await readdir(folder, { recursive: true });
      expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
      if (names.includes("weights.safetensors")) await readSafetensors(join(folder, "weights.safetensors"));
      expect((await new CheckpointStore(join(folder, "checkpoints"), 3).latest()).problems).toEqual([]);

      execFileSync("mount", ["-o", "remount,size=8m", out]);
      const resumed = await trainInChild(["--resume", folder]);
      expect(resumed.code, resumed.stderr).toBe(0);
      const got = await leftBy(folder);
      await rm(folder, { recursive: true });
      expect((await trainInChild(args)).code).toBe(0);
      expect(got).toEqual(await leftBy(await onlyRun(out)));
    },
    180_000,
  );

  it.each(["writeFile", "sync", "rename"])("at %s: the old file stays, and no incomplete file", async (call) => {
    const folder = await temporaryFolder();
    const path = join(folder, "weights.bin");
    await writeAtomically(path, "old");
    const handle = await open(path, "r");
    const prototype = Object.getPrototypeOf(handle) as {
      writeFile(data: string): Promise<void>;
      sync(): Promise<void>;
    };
    await handle.close();
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    // A rename cannot be made to fail from here; a folder of that name can.
    const spies = call === "rename" ? [] : [vi.spyOn(prototype, call as "writeFile" | "sync").mockRejectedValue(full)];
    if (call === "rename") {
      await rename(path, join(folder, "kept"));
      await mkdir(path);
      await writeFile(join(path, "x"), "");
    }
    const failure = await writeAtomically(path, "new").catch((error: unknown) => error);
    for (const spy of spies) spy.mockRestore();
    expect(failure).toBeInstanceOf(SpikevineError);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(await readFile(call === "rename" ? join(folder, "kept") : path, "utf8")).toBe("old");
  });
});

it.skipIf(process.platform !== "linux")(
  "a log without space does not end a run, but metrics without space do",
  async () => {
    const log = openLog({ file: "/dev/full" });
    log.logger.info("lost");
    log.close();
    const path = join(await temporaryFolder(), "metrics.ndjson");
    const metrics = openMetrics(path);
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    const spy = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw full;
    });
    syncBuiltinESMExports();
    try {
      expect(() => metrics.write({ kind: "epoch" })).toThrow(/^cannot write ".*": the disk is full/);
    } finally {
      spy.mockRestore();
      syncBuiltinESMExports();
    }
  },
);

describe("a run folder that disappears", () => {
  it("during a run: files written afterwards are complete, and the run can resume from them", async () => {
    const out = join(await temporaryFolder(), "runs");
    const args = [...SHORT, "--epochs", "6", "--out", out, "--checkpoint-every", "1 batch"];
    const ended = await trainInChild(args, async (child) => {
      await untilCheckpoints(child, out, 3);
      await rename(await onlyRun(out), `${out}-moved`);
    });
    expect([0, 1]).toContain(ended.code);
    expect(ended.stderr).not.toContain("this is a bug");
    if (newestCheckpoint(out) === 0) return;
    const folder = await onlyRun(out);
    const { code, stderr } = await spikevine("train", "--resume", folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { records } = await readMetrics(join(folder, "metrics.ndjson"));
    expect(records.map(({ kind }) => kind)).toEqual([...Array(6).fill("epoch"), "test"]);
  }, 180_000);
});

describe("a folder that cannot be written to", () => {
  it.runIf(isRoot)("because the file system is read-only", async (test) => {
    const out = await temporaryFolder();
    if (!mountSmall(out, "ro,size=1m")) return test.skip();
    mounted.push(out);
    const { code, stderr } = await spikevine("train", ...SHORT, "--out", out);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^spikevine: cannot make a run folder in ".*": the file system is read-only; choose another folder/,
    );
  });

  it("because permission is denied", async () => {
    const out = await temporaryFolder();
    await chmod(out, 0o555);
    // Root may write everywhere, so it becomes another user.
    const uid = isRoot ? { uid: 65534, gid: 65534 } : {};
    const failure = await promisify(execFile)(process.execPath, [main, "train", ...SHORT, "--out", out], uid).catch(
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failure).toMatchObject({ code: 1 });
    expect(failure.stderr).toMatch(
      /^spikevine: cannot make a run folder in ".*": permission denied; choose another folder/,
    );
    expect(await readdir(out)).toEqual([]);
  });
});

describe("a clock that goes backwards", () => {
  let out: string;
  beforeAll(async () => {
    out = join(await temporaryFolder(), "runs");
  });

  it("makes run folders of their own", async () => {
    const now = new Date("2026-11-24T05:50:00Z");
    const paths: string[] = [];
    for (const minutes of [0, -5, 0]) {
      paths.push((await createRunFolder({ root: out, now: new Date(now.getTime() + minutes * 180_000) })).path);
    }
    expect(new Set(paths).size).toBe(3);
    await rm(out, { recursive: true });
  });

  it("changes nothing for a run that continues in the past", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2030-01-01") });
    expect((await spikevine("train", ...SHORT, "--out", out)).code).toBe(0);
    const folder = await onlyRun(out);
    const whole = await leftBy(folder);
    vi.setSystemTime(new Date("1990-01-01"));
    const { code, stderr } = await spikevine("train", "--resume", folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await leftBy(folder)).toEqual(whole);
    const { records } = await readMetrics(join(folder, "metrics.ndjson"));
    for (const record of records) {
      for (const [key, value] of Object.entries(record)) {
        if (/Seconds$|PerSecond$/.test(key)) expect(value, key).toBeGreaterThan(0);
      }
    }
  });
});
