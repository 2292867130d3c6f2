import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import { spikevine, temporaryFolder } from "./run-cli.js";

// Three samples of three classes, written by h5py in the layout of SHD.
const fixture = join(import.meta.dirname, "../data/events/fixtures/shd-small.h5");
const FLAGS = [
  ...["--encoder", "direct", "--steps", "20", "--dt", "50", "--epochs", "1", "--layers", "8", "--device", "reference"],
];
let folder: string;
let train: string;
let test: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  [train, test] = [join(folder, "shd_train.h5"), join(folder, "shd_test.h5.gz")];
  await copyFile(fixture, train);
  await writeFile(test, gzipSync(await readFile(fixture)));
});
afterAll(() => rm(folder, { recursive: true }));

it("trains on a file of SHD, tests on another that is gzipped, and evaluates", async () => {
  const out = join(folder, "runs");
  const { code, stdout, stderr } = await spikevine(
    ...["train", "--data", train, "--test-data", test, ...FLAGS, "--out", out],
  );
  expect(stderr).not.toMatch(/data:/);
  expect(code).toBe(0);
  expect(stdout).toMatch(/3 training, 3 test samples of 20 steps of 1 x 1 x 700 inputs in 3 classes/);
  expect(stdout).toMatch(/^network {2}\[1, 1, 700\]-8-3 of /m);
  const run = join(out, (await readdir(out))[0]!);
  const again = await spikevine("eval", run, "--device", "reference");
  expect(again.stdout).toContain("3 test samples");
  const one = await spikevine("eval", run, "--data", train, "--test-share", "1", "--test-samples", "2");
  expect(one.stdout).toContain("2 test samples");
});

it.each<[string, () => readonly string[], RegExp]>([
  ["flags of other formats", () => ["--data", train, "--labels", "y"], /for which labels \(--labels\) has no meaning/],
  ["a missing file", () => ["--data", join(folder, "none.h5")], /there is no file or folder ".*none\.h5"/],
  ["another HDF5 file", () => ["--data", join(folder, "other.h5")], /other\.h5" has no array "spikes\/times"/],
  ["a file that is no HDF5", () => ["--data", join(folder, "text.h5")], /text\.h5" does not start with the signature/],
])("refuses %s", async (_, flags, message) => {
  await writeFile(join(folder, "text.h5"), "no HDF5");
  const other = await serializeHdf5({ members: new Map([["labels", { shape: [1], values: Uint8Array.of(1) }]]) });
  await writeFile(join(folder, "other.h5"), other);
  const { code, stderr } = await spikevine("train", ...flags(), ...FLAGS, "--out", join(folder, "refused"));
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(await readdir(folder)).not.toContain("refused");
});
