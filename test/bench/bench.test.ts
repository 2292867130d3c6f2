import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { QUICK_TIMING, runInterleaved } from "#spikevine/bench/interleaved-timing";
import { main } from "#spikevine/bench/main";
import { readOptions } from "#spikevine/bench/options";
import { readBaseline, regressions, writeBaseline } from "#spikevine/bench/ratios";
import { quickly, workloadNamed } from "#spikevine/bench/workloads";

vi.setConfig({ testTimeout: 180_000 });

/** Stands in for the repository, so that results do not land in it. */
let root: string;
let printed: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "spikevine-bench-"));
  await mkdir(join(root, "bench"));
  printed = [];
  for (const stream of ["log", "error"] as const) {
    vi.spyOn(console, stream).mockImplementation((...parts: unknown[]) => void printed.push(parts.join(" ")));
  }
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

describe("every section runs and writes its results", () => {
  test.each([
    ["a", "plain / this"],
    ["b", "plain / this"],
    ["c", "plain / this"],
    ["d", "plain / this"],
    ["roofline", "weight gradient, layer 2"],
    ["convolution", "active units 5 %"],
    ["scaling", "exponent"],
    ["devices", "gpujs:cpu"],
  ])("%s", async (section, expected) => {
    expect(await main(root, ["--quick", "--threads", "1", "--only", section])).toBe(0);
    expect(printed.join("\n")).toContain(expected);
    const [file] = await readdir(join(root, "bench", "results"));
    const kept = JSON.parse(await readFile(join(root, "bench", "results", file!), "utf8"));
    expect(kept.machine.node).toBe(process.versions.node);
    expect(Object.keys(kept.reports)).toEqual([section]);
  });
});

describe("a runInterleaved", () => {
  test("a contestant that cannot start ends it", async () => {
    const job = {
      by: "spikevine",
      workload: quickly(workloadNamed("a")),
      surrogate: "arctan",
      input: "online",
      device: "no such device",
      threads: 1,
    } as const;
    await expect(runInterleaved([job], QUICK_TIMING)).rejects.toThrow('unknown device "no such device"');
  });
});

describe("ratios", () => {
  test("a fall of more than a third is a regression, less is not, and new cases are neither", () => {
    expect(regressions({ slower: 6.1, slow: 5.9, faster: 40, fresh: 1 }, { slower: 9, slow: 9, faster: 9 })).toEqual([
      { name: "slow", now: 5.9, before: 9 },
    ]);
  });

  test("recording does not change the cases that a run left out", () => {
    writeBaseline(root, { machine: "m", date: "2026-01-01", ratios: { a: 1.23456, b: 2 } });
    writeBaseline(root, { machine: "m", date: "2026-01-02", ratios: { b: 3 } });
    expect(readBaseline(root)).toEqual({ machine: "m", date: "2026-01-02", ratios: { a: 1.23, b: 3 } });
  });

  test("without a baseline there is nothing to compare with", () => {
    expect(readBaseline(root)).toBeUndefined();
  });
});

describe("options", () => {
  test("defaults: everything, on one and on two threads", () => {
    expect(readOptions([])).toEqual({
      only: ["a", "b", "c", "d", "roofline", "convolution", "scaling", "devices"],
      threads: [1, 2],
      devices: ["simd"],
      quick: false,
      record: false,
    });
  });

  test.each([
    [["--only", "a,rooflin"], 'did you mean "roofline"'],
    [["--threads", "1,two"], 'threads is "two"'],
    [["--devices", "simd:wid"], 'did you mean "simd:wide"'],
    [["--fast"], "--fast"],
  ])("refuses %j", async (args, message) => {
    expect(await main(root, args)).toBe(2);
    expect(printed.join("\n")).toContain(message);
    expect(printed.join("\n")).toContain("npm run bench");
  });

  test("--help", async () => {
    expect(await main(root, ["--help"])).toBe(0);
    expect(printed.join("\n")).toContain("--only");
  });
});
