import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serializeNpy, serializeNpz } from "#spikevine/src/io/index";
import { spikevine, temporaryFolder } from "./run-cli.js";

let folder: string;
let out: string;
const at = (name: string): string => join(folder, name);
const FLAGS = ["--hidden", "8", "--steps", "5", "--epochs", "1", "--device", "reference"];
const train = (...flags: readonly string[]) => spikevine("train", ...FLAGS, "--out", out, ...flags);

/** 40 samples of 2 x 2 pixels from 0 to 16, sorted by class: the first or the last two pixels are bright. */
const labels = Uint8Array.from({ length: 40 }, (_, i) => Math.floor(i / 20));
const pixel = (i: number): number => (Math.floor((i % 4) / 2) === labels[Math.floor(i / 4)] ? 16 : i % 5);
const images = { shape: [40, 2, 2], data: Float64Array.from({ length: 160 }, (_, i) => pixel(i)) };

beforeAll(async () => {
  folder = await temporaryFolder();
  out = join(folder, "runs");
  const y = { shape: [40], data: labels };
  await writeFile(at("my.npz"), serializeNpz({ x: images, y }));
  await writeFile(at("keras.npz"), serializeNpz({ x_train: images, y_train: y, x_test: images, y_test: y }));
  await writeFile(at("x.npy"), serializeNpy(images));
  await writeFile(at("y.npy"), serializeNpy(y));
  const rows = (name: (label: number) => string): string =>
    Array.from(labels, (label, i) => `${name(label)},${[...images.data.subarray(4 * i, 4 * i + 4)].join()}`).join("\n");
  await writeFile(at("my.csv"), `kind,a,b,c,d\n${rows((label) => ["dark", "light"][label]!)}\n`);
  await writeFile(at("test.csv"), "kind,a,b,c,d\nlight,0,0,16,16\n");
  await writeFile(at("test3.csv"), "kind,a,b,c,d\nazure,0,0,0,0\ndark,16,16,0,0\nlight,0,0,16,16\n");
  await mkdir(at("cifar"));
  for (const name of ["data_batch_1.bin", "test_batch.bin"]) {
    await writeFile(
      join(at("cifar"), name),
      Uint8Array.from({ length: 6 * 3073 }, (_, i) => (i % 3073 === 0 ? (i / 3073) % 3 : i % 256)),
    );
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe("training on a file of one's own", () => {
  it("keeps a share for the test, describes what was read, and is evaluated and resumed", async () => {
    const { code, stdout, stderr } = await train("--data", at("my.npz"), "--labels", "y", "--scale", "16");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^data {5}my\.npz: 32 training, 8 test samples of 4 pixels in 2 classes$/m);
    expect(stdout).toMatch(/^ {9}numbers 0 to 1, mean 0\.5\d+; 2 classes of 16 samples$/m);
    expect(stdout).not.toContain("warning");
    const run = join(out, (await readdir(out)).find((name) => name.endsWith("snu-my.npz"))!);
    const accuracy = /^test accuracy (.*?) at/m.exec(stdout)![1]!;
    // The split does not depend on the seed of the run.
    const same = await spikevine("eval", run, "--device", "reference");
    expect(same.stdout).toContain("my.npz: 8 test samples");
    expect(/^accuracy {2}(.*)$/m.exec(same.stdout)![1]).toBe(accuracy);
    const all = await spikevine("eval", run, "--device", "reference", "--test-share", "1");
    expect(all.stdout).toContain("my.npz: 40 test samples");
    expect((await spikevine("train", "--resume", run)).code).toBe(0);
    // Of another file, all samples are tested in place of those of the training.
    await writeFile(
      at("three.npz"),
      serializeNpz({
        x: { shape: [3, 2, 2], data: images.data.slice(68, 80) },
        y: { shape: [3], data: Uint8Array.of(0, 0, 1) },
      }),
    );
    const third = await spikevine("eval", run, "--device", "reference", "--test-data", at("three.npz"));
    expect(third.stdout).toContain("three.npz: 3 test samples");
    const other = await spikevine("train", "--resume", run, "--scale", "15");
    expect(other.stderr).toMatch(/data\.scale was 16 and is 15/);
  });

  it.each<[string, readonly string[], string]>([
    ["arrays as Keras names them", ["keras.npz"], "keras.npz: 40 training, 40 test samples of 4 pixels"],
    [
      "an array and its labels",
      ["x.npy", "--labels", "y.npy", "--test-share", "0.5"],
      "x.npy: 20 training, 20 test samples",
    ],
    ["a table", ["my.csv", "--labels", "kind", "--shape", "2,2"], "2 classes (dark, light) of 16 samples"],
    [
      "a table and its test",
      ["my.csv", "--labels", "kind", "--test-data", "test.csv"],
      "my.csv: 40 training, 1 test samples",
    ],
    ["some classes", ["my.csv", "--labels", "kind", "--classes", "light"], "1 classes (light) of 16 samples"],
    ["few samples", ["my.npz", "--labels", "y", "--train-samples", "6", "--test-samples", "3"], "6 training, 3 test"],
    ["values in a range", ["my.npz", "--labels", "y", "--normalize", "range"], "numbers 0 to 1, mean"],
    [
      "a folder of CIFAR-10",
      ["cifar", "--classes", "bird,0", "--balance"],
      "cifar-10: 4 training, 4 test samples of 3072 pixels in 2 classes",
    ],
  ])("takes %s", async (_, [name, ...flags], expected) => {
    const { stdout, stderr } = await train(
      ...["--data", at(name!)],
      ...flags.map((flag) => (/\.(?:npy|csv)$/.test(flag) ? at(flag) : flag)),
    );
    expect(stderr).toBe("");
    expect(stdout).toContain(expected);
  });

  it("normalizes as the training did, whatever is tested", async () => {
    const flags = [
      "--labels",
      "kind",
      "--normalize",
      "standard",
      "--test-data",
      at("test.csv"),
      "--validation-samples",
      "4",
    ];
    const { stderr } = await train("--data", at("my.csv"), ...flags, "--out", at("normalized"));
    expect(stderr).toBe("");
    const [name] = await readdir(at("normalized"));
    const run = join(at("normalized"), name!);
    const lossOf = async (...more: string[]) =>
      /^loss.*$/m.exec((await spikevine("eval", run, "--device", "reference", ...more)).stdout)![0];
    await writeFile(at("same.csv"), "kind,a,b,c,d\ndark,0,0,16,16\nlight,0,0,16,16\n");
    // By its own statistics, every value of this file would be 0.
    const own = await lossOf("--data", at("same.csv"), "--test-share", "1");
    expect(own).toBe(await lossOf("--test-data", at("same.csv")));
  });

  it("numbers the classes of another file as the training did", async () => {
    const { stderr } = await train("--data", at("my.csv"), "--labels", "kind", "--out", at("named"));
    expect(stderr).toBe("");
    const run = join(at("named"), (await readdir(at("named")))[0]!);
    const evaluate = (...flags: string[]) => spikevine("eval", run, "--device", "reference", "--json", ...flags);
    const labelsOf = async (...flags: string[]): Promise<number[]> =>
      JSON.parse((await evaluate(...flags)).stdout).perSample.map(({ label }: { label: number }) => label);
    // By itself, the only class of this file would be class 0.
    await writeFile(at("light.csv"), "kind,a,b,c,d\nlight,0,0,16,16\nlight,1,0,16,16\n");
    expect(await labelsOf("--data", at("light.csv"), "--test-share", "1")).toEqual([1, 1]);
    await writeFile(at("dim.csv"), "kind,a,b,c,d\nlight,0,0,16,16\ndim,1,0,16,16\n");
    expect((await evaluate("--data", at("dim.csv"), "--test-share", "1")).stderr).toContain(
      'has the label "dim" at sample 1; the classes are dark, light.',
    );
    // Chosen classes keep their names, too: light is class 0.
    const chosen = ["--labels", "kind", "--classes", "1,0", "--out", at("chosen")];
    expect((await train("--data", at("my.csv"), ...chosen)).stderr).toBe("");
    const second = join(at("chosen"), (await readdir(at("chosen")))[0]!);
    const { stdout } = await spikevine(
      ...["eval", second, "--device", "reference", "--json", "--data", at("test3.csv"), "--test-share", "1"],
    );
    expect(JSON.parse(stdout).perSample.map(({ label }: { label: number }) => label)).toEqual([1, 0]);
  });

  it("shuffles the training samples, so that those held out are of all classes", async () => {
    const flags = [
      "--labels",
      "y",
      "--scale",
      "16",
      "--validation-samples",
      "10",
      "--epochs",
      "2",
      "--log-level",
      "silent",
    ];
    const { code } = await train("--data", at("my.npz"), ...flags);
    expect(code).toBe(0);
    const { stdout } = await train("--data", at("my.npz"), "--labels", "y", "--validation-samples", "16");
    // Sorted by class, all that is left would be of the class 0.
    expect(stdout).toMatch(/16 training, 16 validation, 8 test samples of 4 pixels in 2 classes/);
    expect(stdout).not.toMatch(/2 classes of 0 to 16/);
  });

  it("warns of values that the encoder does not code", async () => {
    const { stdout } = await train("--data", at("my.npz"), "--labels", "y");
    expect(stdout).toContain(
      'warning: data: the largest pixel of "my.npz" is 16, and an encoder codes numbers in [0, 1]; give scale: 16 (--scale 16)',
    );
  });

  it.each<[string, readonly string[], string]>([
    [
      "a name with flags of files",
      ["mnist", "--labels", "y"],
      '--labels is given, but "mnist" is a known data set; leave it out, or give --data a path.',
    ],
    [
      "two tests",
      ["my.npz", "--test-share", "0.1", "--test-data", "x"],
      "both --test-data and --test-share are given; leave one of them out.",
    ],
    [
      "nothing to train on",
      ["my.npz", "--labels", "y", "--test-share", "1"],
      "testShare (--test-share) is 1, which leaves no samples for training",
    ],
    ["another share", ["my.npz", "--test-share", "2"], "--test-share is 2; give a number above 0 and at most 1"],
    [
      "another class",
      ["my.npz", "--labels", "y", "--classes", "cat"],
      '"my.npz" has no class "cat"; its classes have numbers only.',
    ],
    ["another name of a class", ["my.csv", "--labels", "kind", "--classes", "cat"], "give one of dark, light."],
    [
      "a wrong shape",
      ["my.csv", "--shape", "4"],
      '--shape is [4]; give [height, width] or [channels, height, width], e.g. 28,28, or "the file\'s".',
    ],
    [
      "flags that have no meaning for CIFAR-10",
      ["cifar", "--test-share", "0.1"],
      "testShare (--test-share) has no meaning; leave it out.",
    ],
    [
      "labels of no test",
      ["my.npz", "--labels", "y", "--test-labels", "z"],
      "--test-labels is given without --test-data",
    ],
    [
      "a test with the labels of the training",
      ["x.npy", "--labels", "y.npy", "--test-data", "x.npy"],
      'x.npy" has no labels; give testLabels (--test-labels), the path of',
    ],
    [
      "a test of another size",
      ["my.npz", "--labels", "y", "--test-data", "small.csv", "--test-labels", "b"],
      "has 4 values per sample but",
    ],
    [
      "a folder of something else",
      ["empty"],
      "has no data that are read; give a folder of N-MNIST (with Train and Test)",
    ],
  ])("refuses %s before it writes anything", async (_, [name, ...flags], expected) => {
    await writeFile(at("small.csv"), "a,b\n1,0\n");
    await mkdir(at("empty"), { recursive: true });
    await mkdir(out, { recursive: true });
    const before = await readdir(out);
    const path = name === "mnist" ? name : at(name!);
    const { code, stderr } = await train(
      "--data",
      path,
      ...flags.map((flag) => (/\.(?:npy|csv)$/.test(flag) ? at(flag) : flag)),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain(expected);
    expect(await readdir(out)).toEqual(before);
  });
});
