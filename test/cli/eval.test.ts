import { appendFile, cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readMetrics, readSafetensors, writeSafetensors } from "#spikevine/src/io/index";
import { spikevine, TINY, temporaryFolder } from "./run-cli.js";

let folder: string;

beforeAll(async () => {
  const out = await temporaryFolder();
  await spikevine("train", ...TINY, "--out", out);
  folder = join(out, (await readdir(out))[0]!);
});

describe("spikevine eval", () => {
  it("gives the accuracy of the run's own test, from the folder and from the weights alone", async () => {
    const { records } = await readMetrics(join(folder, "metrics.ndjson"));
    const { accuracy } = records.at(-1) as { accuracy: number };
    for (const argument of [folder, join(folder, "weights.safetensors")]) {
      const { code, stdout } = await spikevine("eval", argument);
      expect(code).toBe(0);
      expect(stdout).toContain(`accuracy  ${(100 * accuracy).toFixed(2)} %\n`);
    }
  });

  it("accepts another number of steps, samples and device", async () => {
    const { code, stdout } = await spikevine("eval", folder, "--steps", "30", "--test-samples", "20");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^steps {5}30$/m);
    expect(stdout).toMatch(/: 20 test samples$/m);
  });

  it("shows a confusion matrix whose diagonal is the accuracy, and as JSON every sample", async () => {
    const { stdout } = await spikevine("eval", folder);
    const rows = [...stdout.matchAll(/^ +(\d) +((?:(?:\d+|\.) +){10})([\d.]+ %)/gm)];
    expect(rows.map(([, label]) => Number(label))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const shown = rows.map(([, , counts]) =>
      counts!
        .trim()
        .split(/ +/)
        .map((count) => Number(count === "." ? 0 : count)),
    );
    const printed = await spikevine("eval", folder, "--json");
    expect(printed.stdout.trim().split("\n")).toHaveLength(1);
    const { accuracy, confusion, perSample, samples, steps } = JSON.parse(printed.stdout);
    expect(confusion).toEqual(shown);
    expect([samples, steps, perSample.length]).toEqual([40, 5, 40]);
    expect(stdout).toContain(`accuracy  ${(100 * accuracy).toFixed(2)} %\n`);
    const counted = Array.from({ length: 10 }, () => new Array(10).fill(0));
    for (const { label, predicted, scores } of perSample) {
      counted[label]![predicted]++;
      expect(scores).toHaveLength(10);
      expect(scores.indexOf(Math.max(...scores))).toBe(predicted);
    }
    expect(confusion).toEqual(counted);
    expect(counted.reduce((sum, row, label) => sum + row[label]!, 0) / 40).toBe(accuracy);
  });

  it("gives one score per class of a population code, and the terms of a loss", async () => {
    const out = await temporaryFolder();
    const loss = "cross-entropy + rate-bounds(upper=0.1, layers=layer1) + l2-penalty(weight=1e-3)";
    const trained = await spikevine("train", ...TINY, "--units-per-class", "3", "--loss", loss, "--out", out);
    expect(trained.stdout).toContain("read-out count of 3 units per class");
    expect(trained.stdout).toMatch(/^memory {3}\d+ MiB for the network in training$/m);
    const run = join(out, (await readdir(out))[0]!);
    const { stdout } = await spikevine("eval", run, "--json");
    const { perSample, terms } = JSON.parse(stdout);
    for (const { predicted, scores } of perSample) {
      expect(scores).toHaveLength(10);
      expect(scores.indexOf(Math.max(...scores))).toBe(predicted);
    }
    // More spikes than the 5 steps of a single unit.
    expect(Math.max(...perSample.flatMap(({ scores }: { scores: number[] }) => scores))).toBeGreaterThan(5);
    const { records } = await readMetrics(join(run, "metrics.ndjson"));
    expect(records.at(-1)!.terms).toEqual(terms);
    const [first] = records as { loss: number; terms: Record<string, number>; testTerms: object }[];
    expect(Object.keys(first!.testTerms)).toEqual(["cross-entropy", "rate-bounds", "l2-penalty"]);
    expect(Object.values(first!.terms).reduce((a, b) => a + b, 0)).toBeCloseTo(first!.loss, 10);
    const shown = Object.entries(first!.terms).map(([name, value]) => `${name} ${value.toFixed(4)}`);
    expect(trained.stdout).toContain(`epoch 1/2  loss ${first!.loss.toFixed(4)} (${shown.join(", ")})`);
  });

  it("refuses a run whose configuration was damaged, but takes its weights", async () => {
    const damaged = join(await temporaryFolder(), "run");
    await cp(folder, damaged, { recursive: true });
    await appendFile(join(damaged, "config.json"), "x");
    const { code, stderr } = await spikevine("eval", damaged);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'config.json" was changed or damaged since the run wrote it (its checksum differs); restore it',
    );
    expect((await spikevine("eval", join(damaged, "weights.safetensors"))).code).toBe(0);
  });

  it.each([
    [["eval"], 2, "RUN_OR_WEIGHTS is missing"],
    [["eval", "nowhere"], 1, "nowhere"],
    [["eval", "nowhere", "--epochs", "3"], 2, 'unknown flag "--epochs"'],
    [["eval", "nowhere", "more"], 2, '"more" is an unexpected argument'],
  ])("refuses %j", async (args, code, message) => {
    const refused = await spikevine(...args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(message);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses layers that the weights do not have before it allocates memory for them", async () => {
    const file = join(await temporaryFolder(), "large.safetensors");
    const { tensors, metadata } = await readSafetensors(join(folder, "weights.safetensors"));
    const experiment = JSON.parse(metadata.get("experiment")!);
    // Weights of 4 TiB: drawing them would end the process.
    experiment.network.hidden = [2 ** 20, 2 ** 20];
    await writeSafetensors(file, tensors, new Map([...metadata, ["experiment", JSON.stringify(experiment)]]));
    const { code, stderr } = await spikevine("eval", file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/layer1\.weights should be \[784, 1048576\] of float32 but is \[784, \d+\]/);
  });

  it("refuses files that are not weights of an experiment", async () => {
    const elsewhere = await temporaryFolder();
    const text = join(elsewhere, "text.safetensors");
    await writeFile(text, "no weights");
    const foreign = join(elsewhere, "foreign.safetensors");
    await writeSafetensors(foreign, new Map([["w", { shape: [1], data: new Float32Array(1) }]]));
    for (const file of [text, foreign]) {
      const { code, stderr } = await spikevine("eval", file);
      expect(code).toBe(1);
      expect(stderr).toContain(file);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    expect((await spikevine("eval", foreign)).stderr).toContain("do not contain their experiment");
  });
});
