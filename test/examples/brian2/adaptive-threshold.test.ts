import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// Figures of Brian2 2.5.1 for the same input: spike times, potentials at the threshold, and final states.
it("adaptive-threshold: the spikes and the states of Brian2", { timeout: 60_000 }, async () => {
  const out = await mkdtemp(join(tmpdir(), "spikevine-example-"));
  try {
    const example = ["dist/examples/brian2/adaptive-threshold.js", "--out", out];
    const { stdout } = await promisify(execFile)(process.execPath, example);
    const rows = stdout.split("\n").filter((line) => /^\| \d/.test(line));
    expect(rows).toEqual([
      "| 9.1 | 10.3575 |",
      "| 21.1 | 11.4501 |",
      "| 35.1 | 12.3447 |",
      "| 49.1 | 12.3447 |",
      "| 63.1 | 12.3447 |",
    ]);
    expect(stdout).toContain("143 spikes; at the end v = 2.24479 mV and vt = 13.5903 mV");
    expect(await readFile(join(out, "adaptive-threshold.svg"), "utf8")).toContain("threshold");
  } finally {
    await rm(out, { recursive: true });
  }
});
