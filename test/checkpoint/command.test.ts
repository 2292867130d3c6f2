import { spawn } from "node:child_process";
import { on } from "node:events";
import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { spikevine } from "../cli/run-cli.js";
import { leftBy, newestCheckpoint, onlyRun, SHORT, trainInChild, untilCheckpoints } from "./command.js";
import { temporaryFolder } from "./training.js";

/** All runs here have this folder in their configuration, so that their weights files are byte-identical. */
let out: string;
/** Result of an uninterrupted run. */
let whole: Awaited<ReturnType<typeof leftBy>>;
/** A copy of its folder. */
let finished: string;
beforeAll(async () => {
  out = join(await temporaryFolder(), "runs");
  const { code, stderr } = await spikevine("train", ...SHORT, "--out", out, "--checkpoint-every", "1 batch");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  whole = await leftBy(await onlyRun(out));
  finished = join(await temporaryFolder(), "finished");
  await rename(await onlyRun(out), finished);
});

const stubborn = fileURLToPath(new URL("./children/stubborn.mjs", import.meta.url));
const begin = [...SHORT, "--checkpoint-every", "1 batch"];

describe("spikevine train --resume", () => {
  it("after kill -9, again and again, gives the result of an uninterrupted run, at any number of threads", async () => {
    let args: readonly string[] = [...begin, "--out", out];
    for (const threads of [2, 3, 1]) {
      const wanted = newestCheckpoint(out) + 3;
      const killed = await trainInChild(args, async (child) => {
        await untilCheckpoints(child, out, wanted);
        await setTimeout(threads);
        child.kill("SIGKILL");
      });
      expect(killed.code, killed.stderr).toBe("SIGKILL");
      args = ["--resume", await onlyRun(out), "--threads", String(threads)];
    }
    const folder = await onlyRun(out);
    const { code, stderr } = await spikevine("train", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await leftBy(folder)).toEqual(whole);
    await rm(folder, { recursive: true });
  }, 180_000);

  it("Ctrl-C finishes the batch, writes a checkpoint, says how to go on, and exits with 130", async () => {
    const args = [...SHORT, "--checkpoint-every", "off", "--epochs", "4000", "--out", out];
    const stopped = await trainInChild(args, async (child) => {
      await new Promise((resolve) => child.stdout.on("data", (chunk) => /^epoch /m.test(String(chunk)) && resolve(0)));
      child.kill("SIGINT");
    });
    const folder = await onlyRun(out);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain(`to resume:  spikevine train --resume ${folder}\n`);
    expect(newestCheckpoint(out)).toBe(1);
    const before = await leftBy(folder);
    // A checkpoint of an unfinished run: reading it must not change it.
    const refused = await spikevine("train", "--resume", folder, "--epochs", "1");
    expect(refused.code).toBe(1);
    expect(await leftBy(folder)).toEqual(before);
    await rm(folder, { recursive: true });
  }, 180_000);

  it("a second Ctrl-C, when it is not the same keypress, stops at once", async () => {
    const child = spawn(process.execPath, [stubborn], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const told = async (word: string): Promise<void> => {
      for await (const [chunk] of on(child.stdout, "data")) if (String(chunk).includes(word)) return;
    };
    await told("working");
    child.kill("SIGINT");
    child.kill("SIGINT");
    await told("asked to stop");
    await setTimeout(1100);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  it("skips a damaged checkpoint, reports it, and still gives identical bits", async () => {
    const folder = join(out, "damaged");
    await cp(finished, folder, { recursive: true });
    await writeFile(
      join(folder, "checkpoints", `checkpoint-${String(newestCheckpoint(out)).padStart(8, "0")}.json`),
      "",
    );
    await writeFile(join(folder, "metrics.ndjson"), "nonsense\n");
    const { code, stderr, stdout } = await spikevine("train", "--resume", folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^spikevine: checkpoint ".*" is not JSON \(.*\); use the one before it\.$/m);
    expect(stdout).toMatch(/^resume {3}after \d epochs? and \d+ updates, from /m);
    expect(await leftBy(folder)).toEqual(whole);
    await rm(folder, { recursive: true });
  });

  it("is refused while another process holds the run, but not after that process has ended", async () => {
    const folder = join(out, "locked");
    await cp(finished, folder, { recursive: true });
    await writeFile(join(folder, "run.lock"), String(process.ppid));
    const refused = await spikevine("train", "--resume", folder);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the run is locked by process \d+; wait/),
    });
    expect(await leftBy(folder)).toEqual(whole);
    for (const left of ["", "nonsense", "999999999"]) {
      await writeFile(join(folder, "run.lock"), left);
      expect((await spikevine("train", "--resume", folder)).code).toBe(0);
    }
    await rm(folder, { recursive: true });
  });

  it("starts from the beginning if the run ended before its first checkpoint", async () => {
    const folder = join(out, "early");
    await cp(finished, folder, { recursive: true });
    await rm(join(folder, "checkpoints"), { recursive: true });
    const { code, stdout } = await spikevine("train", "--resume", folder);
    expect(code).toBe(0);
    expect(stdout).toContain("resume   from the beginning: no checkpoint was written\n");
    expect(await leftBy(folder)).toEqual(whole);
    await rm(folder, { recursive: true });
  });

  it("refuses another configuration and shows the difference, unless changes are allowed", async () => {
    const folder = join(out, "changed");
    await cp(finished, folder, { recursive: true });
    const changes = ["--epochs", "3", "--learning-rate", "0.05", "--test-samples", "21"];
    const refused = await spikevine("train", "--resume", folder, ...changes);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^spikevine: --resume: this would not be the same run: /);
    for (const difference of [
      "training.epochs was 2 and is 3",
      "training.learningRate was null and is 0.05",
      "data.test was 20 and is 21",
      "data test.count was 20 and is 21",
    ]) {
      expect(refused.stderr).toContain(difference);
    }
    expect(await leftBy(folder)).toEqual(whole);
    const allowed = await spikevine("train", "--resume", folder, ...changes, "--allow-changes");
    expect({ code: allowed.code, stderr: allowed.stderr }).toEqual({ code: 0, stderr: "" });
    const { metrics } = await leftBy(folder);
    expect(metrics).toHaveLength(4);
    expect(metrics.slice(0, 2)).toEqual(whole.metrics.slice(0, 2));
    const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    expect(config.training.epochs).toBe(3);
    await rm(folder, { recursive: true });
  });

  it("refuses another device, other bytes of data and another definition", async () => {
    const folder = join(out, "other");
    await cp(finished, folder, { recursive: true });
    const device = await spikevine("train", "--resume", folder, "--device", "reference");
    expect(device.stderr).toContain("device was simd and is reference");
    const seed = await spikevine("train", "--resume", folder, "--seed", "2");
    expect(seed.stderr).toMatch(/seed was 1 and is 2/);
    const neuron = await spikevine("train", "--resume", folder, "--decay", "0.7");
    expect(neuron.stderr).toMatch(/definition of layer1 \(neurons\/snu\) was \w{8}\.\.\. and is \w{8}\.\.\./);
    for (const { code } of [device, seed, neuron]) expect(code).toBe(1);
    await rm(folder, { recursive: true });
  });

  it.each<[string[], number, RegExp]>([
    [["--resume", "nowhere"], 1, /"nowhere" is not a run folder: .* there is no such file/],
    [["--resume"], 2, /--resume has no value; give a run folder/],
    [["--resume", "x", "config.json"], 2, /"config\.json" and --resume name two experiments; leave one out/],
    [["--allow-changes"], 2, /give --resume too/],
    [
      ["--checkpoint-every", "5 parsecs"],
      2,
      /--checkpoint-every is "5 parsecs"; give a time, batches or epochs, e\.g\. "30 s"/,
    ],
    [["--keep-checkpoints", "0"], 2, /--keep-checkpoints is 0; give a whole number of at least 1/],
  ])("refuses %j", async (args, code, message) => {
    const refused = await spikevine("train", ...args);
    expect(refused.stderr).toMatch(message);
    expect(refused.code).toBe(code);
  });
});
