import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lockRun } from "#spikevine/src/io/run-folder/run-lock";

const child = fileURLToPath(new URL("./children/take-lock.mjs", import.meta.url));
const newLock = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), "spikevine-lock-")), "run.lock");

/** Number of a process that has ended. */
const ended = (): string => String(execFileSync(process.execPath, ["-p", "process.pid"])).trim();

const ask = (process: ChildProcess, message: string | null): Promise<string> =>
  new Promise((resolve) => {
    process.once("message", (answer) => resolve(String(answer)));
    process.send(message!);
  });

describe("of processes that start at once, one gets the lock", () => {
  const pid = ended();
  const stale = JSON.stringify({ pid: Number(pid), host: hostname(), token: "left by a process that was killed" });
  it.each([
    ["where there is none", undefined],
    ["where a killed process has left one", stale],
    ["where one of version 0.1.0 was left", pid],
    ["where an empty file was left", ""],
  ])("%s", { timeout: 60_000 }, async (_, left) => {
    const processes = [1, 2, 3].map(() => fork(child));
    const rounds = left === "" ? 2 : 40;
    try {
      for (let round = 0; round < rounds; round++) {
        const path = await newLock();
        if (left !== undefined) await writeFile(path, left);
        const answers = await Promise.all(processes.map((process) => ask(process, path)));
        expect(answers.filter((answer) => answer === "taken")).toHaveLength(1);
        const refusals = answers.filter((answer) => answer !== "taken");
        for (const refusal of refusals) expect(refusal).toMatch(/^the run is locked by process \d+ on host ".*"; wait/);
        await Promise.all(processes.map((process) => ask(process, null)));
        expect(await readdir(join(path, ".."))).toEqual([]);
      }
    } finally {
      for (const process of processes) process.kill();
    }
  });
});

describe("a lock", () => {
  it("names host and process, and disappears on release", async () => {
    const path = await newLock();
    const release = await lockRun(path);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      pid: process.pid,
      host: hostname(),
      token: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    await expect(lockRun(path)).rejects.toThrow(`locked by process ${process.pid} on host`);
    await release();
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  const own = { pid: process.pid, host: hostname(), token: "another" };
  it.each([
    ["of another host, whose processes cannot be checked", { ...own, pid: 1, host: "elsewhere" }],
    ["of another container, in which the same number is another process", { ...own, space: "pid:[1]" }],
  ])("%s, is not replaced", async (_, owner) => {
    const path = await newLock();
    await writeFile(path, JSON.stringify(owner));
    await expect(lockRun(path)).rejects.toThrow(/locked by process \d+ on host ".*"; wait .*remove ".*run.lock"/);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(owner);
  });

  it.skipIf(process.platform !== "linux").each([
    ["a process whose number now belongs to another one", { ...own, began: "1" }],
    ["an earlier boot of this host", { ...own, boot: "before" }],
  ])("of %s is replaced", async (_, owner) => {
    const path = await newLock();
    await writeFile(path, JSON.stringify(owner));
    await (await lockRun(path))();
  });

  it("that now belongs to another process is not removed on release", async () => {
    const path = await newLock();
    const release = await lockRun(path);
    await rm(path);
    const other = await lockRun(path);
    await release();
    await expect(lockRun(path)).rejects.toThrow(/locked by/);
    await other();
  });

  it("holds between two containers in which node is process 1", async (test) => {
    const path = await newLock();
    const script = `
      import { lockRun } from "#spikevine/src/io/run-folder/run-lock";
      import { execFileSync } from "node:child_process";
      await lockRun(${JSON.stringify(path)});
      if (process.pid !== 1) process.exit(3);
      if (process.argv[2] === "inner") process.exit(0);
      const args = ["--pid", "--fork", "--mount-proc", process.execPath, ...process.execArgv, process.argv[1], "inner"];
      try {
        execFileSync("unshare", args, { stdio: "pipe" });
      } catch (error) {
        console.log(/locked by process 1 on host/.test(String(error.stderr)));
      }`;
    const file = fileURLToPath(new URL(`./children/.process-1-${process.pid}.mjs`, import.meta.url));
    await writeFile(file, script);
    try {
      const args = ["--pid", "--fork", "--mount-proc", process.execPath, file];
      expect(String(execFileSync("unshare", args, { stdio: "pipe" }))).toBe("true\n");
    } catch (error) {
      if (/Operation not permitted|ENOENT/.test(String(error))) return test.skip();
      throw error;
    } finally {
      await rm(file);
    }
  });
});
