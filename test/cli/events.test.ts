import { execFileSync } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { event, nmnistFolder } from "../data/nmnist-folder.js";
import { spikevine, temporaryFolder } from "./run-cli.js";

let folder: string;
let out: string;
let run: string;
let printed: string;
const flags = (data: string): string[] => [
  ...["--data", data, "--encoder", "direct", "--steps", "10", "--dt", "10", "--epochs", "2", "--device", "reference"],
  ...["--layers", "4C5s4-MP2", "--output-neuron", "li", "--readout", "last-state"],
];

beforeAll(async () => {
  folder = await nmnistFolder(3, 1);
  out = await temporaryFolder();
  const { code, stdout, stderr } = await spikevine("train", ...flags(folder), "--out", out);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  printed = stdout;
  run = join(out, (await readdir(out))[0]!);
});
afterAll(() => Promise.all([folder, out].map((path) => rm(path, { recursive: true }))));

describe("training on the folder of N-MNIST", () => {
  it("describes the recordings, and trains a network whose input is the sensor", () => {
    expect(printed).toMatch(
      /^data {5}n-mnist: 30 training, 10 test samples of 10 steps of 2 x 34 x 34 inputs in 10 classes$/m,
    );
    expect(printed).toMatch(/^ {9}240 events per sample, as spikes of 10 ms; 10 classes of 3 samples$/m);
    expect(printed).toMatch(/^network {2}\[2, 34, 34\]-\[4, 8, 8\]-10 of snu/m);
    expect(printed).toMatch(/^test accuracy [\d.]+ % at 10 steps, 10 samples/m);
    expect(run).toMatch(/-snu-n-mnist$/);
  });

  it("is evaluated, with other steps and other recordings too", async () => {
    const accuracy = /^test accuracy (.*?) at/m.exec(printed)![1];
    const whole = await spikevine("eval", run, "--device", "reference");
    expect(whole.stdout).toContain("data      n-mnist: 10 test samples\n");
    expect(/^accuracy {2}(.*)$/m.exec(whole.stdout)![1]).toBe(accuracy);
    const short = await spikevine("eval", run, "--steps", "4", "--device", "reference");
    expect(short.stdout).toMatch(/^steps {5}4$/m);
    const other = await nmnistFolder(1, 2);
    expect((await spikevine("eval", run, "--data", other, "--device", "reference")).stdout).toContain(
      "20 test samples",
    );
    await rm(other, { recursive: true });
  });

  it("resumes from a moved folder, and refuses other recordings", async () => {
    const moved = await nmnistFolder(3, 1);
    const same = await spikevine("train", "--resume", run, "--data", moved);
    expect({ code: same.code, stderr: same.stderr }).toEqual({ code: 0, stderr: "" });
    // One event of one recording is later by a millisecond.
    await writeFile(join(moved, "Train", "7", "00007.bin"), Uint8Array.from(event(3, 3, 0, 1000)));
    const other = await spikevine("train", "--resume", run, "--data", moved);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/--resume: this would not be the same run: data train\.sha256 was \w+\.\.\. and is /);
    const steps = await spikevine("train", "--resume", run, "--steps", "9");
    expect(steps.stderr).toMatch(/network\.steps was 10 and is 9; data train\.sha256/);
    const allowed = await spikevine("train", "--resume", run, "--data", moved, "--allow-changes");
    expect({ code: allowed.code, stderr: allowed.stderr }).toEqual({ code: 0, stderr: "" });
    await rm(moved, { recursive: true });
  });

  it.each<[string, readonly string[], string]>([
    [
      "another encoder",
      ["--encoder", "rate"],
      'data: "n-mnist" has spikes, which enter a network as they are, but encoder.name is rate; give direct (--encoder direct).',
    ],
    [
      "a final test of other steps",
      ["--test-steps", "20"],
      'evaluation.steps is 20, but the samples of "n-mnist" are read for the 10 steps of the network; leave it out',
    ],
    ["too many samples", ["--train-samples", "31"], "has 30 recordings; give at most that"],
    ["augmentation", ["--augment-rotation", "10"], "augment changes still images"],
    ["a data folder", ["--data-dir", "x"], "leave data.dir (--data-dir) out"],
    ["a missing path", ["--data", "./nowhere"], 'data: there is no file or folder "./nowhere"; check the path.'],
    [
      "a misspelled name",
      ["--data", "mnst"],
      '--data: unknown data "mnst": did you mean "mnist"? Write a path as "./mnst".',
    ],
  ])("refuses %s before it writes anything", async (_, more, message) => {
    const empty = await temporaryFolder();
    const { code, stderr } = await spikevine("train", ...flags(folder), ...more, "--out", empty);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(await readdir(empty)).toEqual([]);
    await rm(empty, { recursive: true });
  });

  it("takes archives of the two splits, or one of both", async () => {
    const archives = ["Train", "Test"].map((split) => join(out, `${split}.tar.gz`));
    execFileSync("tar", ["-czf", archives[0]!, "-C", folder, "Train"]);
    execFileSync("tar", ["-czf", archives[1]!, "-C", folder, "Test"]);
    execFileSync("tar", ["-cf", join(out, "both.tar"), "-C", folder, "Train", "Test"]);
    const epoch = (text: string): string => /loss {2}accuracy[\s\S]*test accuracy .*/.exec(text)![0];
    for (const data of [[archives[0]!, "--test-data", archives[1]!], [join(out, "both.tar")]]) {
      const { stdout, stderr } = await spikevine(
        "train",
        ...flags(data[0]!),
        ...data.slice(1),
        "--out",
        join(out, "tar"),
      );
      expect(stderr).toBe("");
      expect(epoch(stdout)).toBe(epoch(printed));
    }
  });

  it("says how many events come after the last step", async () => {
    const { stdout } = await spikevine("train", ...flags(folder), "--steps", "5", "--epochs", "1", "--out", out);
    expect(stdout).toContain("240 events per sample, as spikes of 10 ms; 50 % of the events are after the last step");
  });

  it("takes counts for any encoder of values", async () => {
    const more = ["--events", "counts", "--encoder", "constantCurrent", "--epochs", "1", "--out", out];
    const { code, stdout } = await spikevine("train", ...flags(folder), ...more);
    expect(code).toBe(0);
    expect(stdout).toContain("240 events per sample, as counts of 10 ms");
  });
});
