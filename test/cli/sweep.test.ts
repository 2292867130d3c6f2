import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { serializeIdx } from "#spikevine/src/data/index";
import { readMetrics } from "#spikevine/src/io/index";
import { spikevine, temporaryFolder } from "./run-cli.js";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

/** Trainings of a moment each. */
const TINY = ["--train-samples", "100", "--test-samples", "40", "--hidden", "12", "--steps", "4", "--epochs", "3"];

/** Rows of a CSV by their heading. */
async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const [heading, ...rows] = (await readFile(path, "utf8")).trim().split("\r\n");
  const names = heading!.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((cell, i) => [names[i]!, cell])));
}

describe("spikevine sweep", () => {
  it("trains every combination with every seed as spikevine train does, and tables them", async () => {
    const out = await temporaryFolder();
    const set = ["--set", "learning-rate=0.1,0.5", "--set", "training.grapes=off,local", "--seeds", "3..4"];
    const { code, stdout, stderr } = await spikevine("sweep", ...TINY, ...set, "--out", out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^sweep {4}8 points; learning-rate 0\.1 \/ 0\.5; grapes off \/ local; seeds 3, 4$/m);
    expect(stdout).toMatch(/^8\/8 {2}learning-rate 0\.\d, grapes \w+, seed \d {2}test [\d.]+ % {2}best epoch/m);
    expect(stdout).toMatch(/^0\.5 +local +2 +0\.\d+/m);

    const folder = join(out, "sweep");
    const rows = await rowsOf(join(folder, "points.csv"));
    expect(rows.map((row) => [row["training.learningRate"], row["training.grapes"], row.seed].join(" "))).toEqual([
      "0.1 off 3",
      "0.1 off 4",
      "0.1 local 3",
      "0.1 local 4",
      "0.5 off 3",
      "0.5 off 4",
      "0.5 local 3",
      "0.5 local 4",
    ]);
    expect(await rowsOf(join(folder, "settings.csv"))).toHaveLength(4);
    expect(await readFile(join(folder, "table.md"), "utf8")).toMatch(/network\.hidden 12, network\.steps 4/);

    const runs = await temporaryFolder();
    const one = ["--learning-rate", "0.5", "--grapes", "local", "--seed", "4", "--device", "reference"];
    await spikevine("train", ...TINY, ...one, "--device", "simd", "--out", runs);
    const { records } = await readMetrics(join(runs, (await readdir(runs))[0]!, "metrics.ndjson"));
    const row = rows[7]!;
    expect(Number(row.accuracy)).toBe(records.at(-1)!.accuracy);
    expect(Number(row.last)).toBe(records.at(-2)!.testAccuracy);
    expect(Number(row.trainLoss)).toBe(records.at(-2)!.loss);
    expect(Number(row.best)).toBe(Math.max(...records.slice(0, 3).map(({ testAccuracy }) => Number(testAccuracy))));
  }, 60_000);

  it("reads the section of a file, overridden by flags, and resumes where an earlier call ended", async () => {
    const out = await temporaryFolder();
    const file = join(out, "rates.json");
    const experiment = {
      data: { train: 100, test: 40 },
      network: { steps: 4, hidden: [8] },
      training: { epochs: 1 },
      sweep: { vary: { "network.hidden": [[8], [8, 6]], decay: [0.8, null] }, seeds: "0..1" },
      out,
    };
    await writeFile(file, JSON.stringify(experiment));
    const first = await spikevine("sweep", file, "--seeds", "0", "--jobs", "1");
    expect(first.stdout).toMatch(/^sweep {4}4 points; hidden 8 \/ 8\+6; decay 0\.8 \/ the neuron's; seeds 0$/m);
    expect(first.code).toBe(0);
    const { stdout } = await spikevine("sweep", file);
    expect(stdout.match(/^\d\/8 {2}hidden/gm)).toHaveLength(4);
    expect(stdout).not.toMatch(/^\d\/8 .*seed 0/m);
    expect(stdout).toContain("4 of 8 points are from earlier calls");
    expect(await rowsOf(join(out, "sweep-rates", "points.csv"))).toHaveLength(8);
    const other = await spikevine("sweep", file, "--epochs", "2", "--set", "decay=0.5");
    expect(other.stdout.match(/^\d\/4 {2}hidden/gm)).toHaveLength(4);
  }, 60_000);

  it("keeps the other points if a training fails, and names the failed one", async () => {
    const out = await temporaryFolder();
    const sweep = ["sweep", ...TINY, "--set", "learning-rate=1e38,0.1", "--out", out];
    const { code, stdout, stderr } = await spikevine(...sweep);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spikevine: learning-rate 1e\+38, seed 1 failed: train: .*epoch 1, batch/);
    expect(stdout).toMatch(/1 of 2 points are missing/);
    expect(await rowsOf(join(out, "sweep", "points.csv"))).toHaveLength(1);
  }, 30_000);

  it("keeps finished points at Ctrl-C, exits with 130, and the same command resumes", async () => {
    const out = await temporaryFolder();
    const args = ["sweep", ...TINY, "--epochs", "30", "--seeds", "1..8", "--out", out];
    const child = spawn(process.execPath, [main, ...args]);
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += String(chunk);
      // Once: another one after the sweep has let go of the signal would end the process by it.
      if (/^2\/8/m.test(printed) && !child.killed) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    const kept = (printed.match(/^\d\/8/gm) ?? []).length;
    expect(printed).toContain(`${8 - kept} of 8 points are missing; run the same command again to train them`);
    const { code: end, stdout } = await spikevine(...args);
    expect(end).toBe(0);
    expect(stdout.match(/^\d\/8/gm)).toHaveLength(8 - kept);
    expect(await rowsOf(join(out, "sweep", "points.csv"))).toHaveLength(8);
  }, 60_000);

  it.each<[string[], number, string]>([
    [
      ["--set", "learning-rat=1"],
      2,
      '--set: "learning-rat" is not a field that changes a training: did you mean "learning-rate"?',
    ],
    [["--set", "checkpoint-every=1"], 2, '--set: "checkpoint-every" is not a field that changes a training'],
    [["--set", "seed=1,2"], 2, '--set: "seed" cannot be varied like a setting; give the seeds separately.'],
    [
      ["--set", "learning-rate"],
      2,
      '--set is "learning-rate"; give a field and its values, e.g. "learning-rate=0.1,0.3".',
    ],
    [["--set", "learning-rate=0.1,-1"], 2, "--learning-rate is -1; give a number above 0"],
    [["--set", "grapes=lokal"], 2, 'unknown grapes "lokal": did you mean "local"?'],
    [["--set", "hidden=8+x"], 2, '--hidden is [8,"x"]'],
    [
      ["--set", "epochs=1,2", "--epochs", "3"],
      2,
      "--epochs is both given and varied by the sweep; leave out one of them.",
    ],
    [["--seeds", "a"], 2, '--seeds is "a"; give whole numbers up to 4294967295 such as "0..4" or "1,2,5".'],
    [["--seeds", "4294967296"], 2, '--seeds is "4294967296"; give whole numbers up to 4294967295'],
    [["--seeds", "4..1"], 2, '--seeds is "4..1"'],
    [["--seeds", "1", "--jobs", "0"], 2, "--jobs is 0; give a whole number of at least 1."],
    [["--set", "neuron=snu,relu", "--set", "decay=0.9"], 1, "sweep: neuron relu, decay 0.9, seed 1: "],
    [["--set", "validation-samples=0,100", "--train-samples", "100"], 1, "leave at least one to train on"],
    [["--set", "epochs=1,1"], 1, "is there twice; leave one out."],
  ])("refuses %j before anything is trained", async (flags, code, message) => {
    const out = await temporaryFolder();
    const refused = await spikevine("sweep", "--test-samples", "10", ...flags, "--out", out);
    expect(refused.stderr).toContain(message);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(refused.code).toBe(code);
    expect(await readdir(out)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ sweep: { varry: {} } }, 'rates.json: sweep is invalid (Unrecognized key: "varry")'],
    [{ sweep: { vary: { decay: [] } } }, "rates.json: sweep.vary.decay is invalid"],
    [{ sweep: { vary: { deccay: [1] } } }, 'rates.json: sweep.vary: "deccay" is not a field'],
    [{ sweep: { seeds: [1.5] } }, "rates.json: sweep.seeds is invalid"],
    [{ sweep: { seeds: "x" } }, 'rates.json: sweep.seeds is "x"'],
    [{ sweep: { vary: { decay: [2] } } }, "--decay is 2; give a number of at least 0 and at most 1"],
    [{ swep: {} }, 'rates.json: unknown field "swep"'],
  ])("refuses the file %j", async (content, message) => {
    const out = await temporaryFolder();
    await writeFile(join(out, "rates.json"), JSON.stringify(content));
    const { code, stderr } = await spikevine("sweep", join(out, "rates.json"), "--out", out);
    expect(stderr).toContain(message);
    expect(code).not.toBe(0);
    expect(await readdir(out)).toEqual(["rates.json"]);
  });
});

it("detects that the files in --data-dir have changed, and trains on them", async () => {
  const out = await temporaryFolder();
  const dir = await temporaryFolder();
  const write = async (shift: number): Promise<void> => {
    for (const [part, count] of [
      ["train", 20],
      ["t10k", 10],
    ] as const) {
      const images = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7 + shift * (i % 3)) % 256);
      const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
      await writeFile(join(dir, `${part}-images-idx3-ubyte`), serializeIdx({ shape: [count, 28, 28], data: images }));
      await writeFile(join(dir, `${part}-labels-idx1-ubyte`), serializeIdx({ shape: [count], data: labels }));
    }
  };
  const sweep = () =>
    spikevine(
      ...[
        "sweep",
        "--data",
        "mnist",
        "--data-dir",
        dir,
        "--train-samples",
        "20",
        "--test-samples",
        "10",
        "--hidden",
        "4",
      ],
      ...["--steps", "3", "--epochs", "1", "--seeds", "0..1", "--jobs", "1", "--out", out],
    );
  await write(0);
  expect((await sweep()).code).toBe(0);
  expect((await sweep()).stdout).toContain("2 of 2 points are from earlier calls");
  await write(1);
  const changed = await sweep();
  expect(changed.code).toBe(0);
  expect(changed.stdout).not.toContain("earlier calls");
  expect(changed.stderr).toMatch(
    /2 results in ".*points" are not used, because data\.sha256 is [0-9a-f]{64} there, and/,
  );
});
