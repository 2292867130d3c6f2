import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { spikevine, temporaryFolder } from "./run-cli.js";

const TINY = ["--train-samples", "100", "--test-samples", "40", "--hidden", "8", "--steps", "4", "--epochs", "1"];
const SWEPT = [...TINY, "--set", "learning-rate=0.1,0.5", "--seeds", "0..1"];

/** Settings, seed and figures, without the measured times. */
const figures = async (folder: string): Promise<string[][]> => {
  const rows = (await readFile(join(folder, "sweep/points.csv"), "utf8")).trim().split("\r\n");
  return rows.map((row) => row.split(",").slice(0, 9));
};

it("the shards of a sweep give the tables of the whole sweep", async () => {
  const whole = await temporaryFolder();
  await spikevine("sweep", ...SWEPT, "--out", whole);
  const shared = await temporaryFolder();
  for (const [shard, points] of [
    ["1/3", 2],
    ["3/3", 1],
  ] as const) {
    const { code, stdout } = await spikevine("sweep", ...SWEPT, "--out", shared, "--shard", shard);
    expect(code).toBe(0);
    expect(stdout).toContain(`shard    ${shard.replace("/", " of ")}`);
    expect(stdout.match(/^\d\/\d {2}learning-rate/gm)).toHaveLength(points);
  }
  const early = await spikevine("sweep", ...SWEPT, "--out", shared, "--collect");
  expect(early.stdout).toContain("1 of 4 points are missing");
  expect(await figures(shared)).toHaveLength(4);
  await spikevine("sweep", ...SWEPT, "--out", shared, "--shard", "2/3");
  const { code, stdout } = await spikevine("sweep", ...SWEPT, "--out", shared, "--collect");
  expect(code).toBe(0);
  expect(stdout).toContain("4 of 4 points are from earlier calls");
  expect(await figures(shared)).toEqual(await figures(whole));
}, 120_000);

it.each([
  [["sweep", "--shard", "0/3"], '--shard is "0/3"; give a fraction such as "3/32", counted from 1.'],
  [["sweep", "--shard", "4/3"], '--shard is "4/3"'],
  [["sweep", "--shard", "third"], '--shard is "third"'],
  [["sweep", "--shard", "1/3", "--collect"], "--shard and --collect cannot be combined"],
  [["sweep", "--queue", "redis://localhost", "--shard", "1/3"], "--queue and --shard cannot be combined"],
  [["sweep", "--collect", "--jobs", "2"], "--jobs and --collect cannot be combined"],
  [["worker"], "worker: --queue is missing; give an address"],
])("%j is refused", async (args, sentence) => {
  const { code, stderr } = await spikevine(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
});

it("a queue without a server is refused in one sentence, without the password", async () => {
  const address = "redis://user:secret@localhost:1";
  for (const args of [["worker"], ["sweep", ...SWEPT, "--out", await temporaryFolder()]]) {
    const { code, stderr, stdout } = await spikevine(...args, "--queue", address);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^spikevine: queue: Redis at "redis:\/\/user:\*\*\*@localhost:1" does not answer \(.*\); .*\.\n$/,
    );
    expect(stderr + stdout).not.toContain("secret");
  }
});
