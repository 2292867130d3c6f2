import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { problemOfMachine } from "#spikevine/src/io/machine-problem";
import { main } from "../checkpoint/command.js";

describe("a machine that has run out", () => {
  it.skipIf(process.platform === "win32").each([25, 30, 40])(
    "of files to open (ulimit -n %i) is reported in one sentence",
    (limit) => {
      const args = ["-c", `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, main, "--help"];
      const { status, stderr } = spawnSync("bash", args, { encoding: "utf8" });
      // With enough of them the help is shown; Node itself needs the more the newer it is.
      if (status === 0) return;
      expect(stderr).toBe('spikevine: this process may not open more files; allow more, e.g. with "ulimit -n 1024".\n');
      expect(status).toBe(1);
    },
  );

  it.each(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ERR_WORKER_INIT_FAILED", "ERR_WORKER_OUT_OF_MEMORY", "ENOSPC"])(
    "%s is one sentence with a fix",
    (code) => {
      const sentence = problemOfMachine(Object.assign(new Error("spawn failed"), { code }));
      expect(sentence).toMatch(/^[a-z].*[;,] .*\.$/);
    },
  );

  it.each([new Error("a bug"), null, { code: "toString" }, { code: 3 }])("%s is none", (error) => {
    expect(problemOfMachine(error)).toBeUndefined();
  });
});
