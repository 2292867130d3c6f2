import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { readSafetensors } from "#spikevine/src/io/index";
import { stepsPerRun } from "#spikevine/src/training/evaluate";
import { main, SHORT } from "../checkpoint/command.js";
import { spikevine, temporaryFolder } from "./run-cli.js";

const LONG = [...SHORT, "--epochs", "100000", "--checkpoint-every", "off"];
const SIMULATION = ["coba", "--size", "400", "--duration", "3 s", "--seed", "4"];

/** Files that somebody still looks for below a folder. */
async function untilThere(child: ChildProcess, folder: string, name: RegExp): Promise<void> {
  while (child.exitCode === null) {
    if (existsSync(folder) && (await readdir(folder, { recursive: true })).some((path) => name.test(path))) return;
    await setTimeout(5);
  }
}

type Stop = (args: readonly string[], ready: (child: ChildProcess) => Promise<void>) => ChildProcess;

/** Each way to stop, with its exit code. */
const WAYS: readonly (readonly [string, number, Stop])[] = [
  [
    "a reader that has ended, such as head",
    141,
    (args) => {
      const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      child.stdout!.once("data", () => child.stdout!.destroy());
      return child;
    },
  ],
  [
    "a standard output that is full",
    1,
    (args) => spawn(process.execPath, [main, ...args], { stdio: ["ignore", openSync("/dev/full", "w"), "pipe"] }),
  ],
  ["SIGHUP", 129, signalled("SIGHUP")],
  ["SIGTERM", 143, signalled("SIGTERM")],
];

function signalled(signal: NodeJS.Signals): Stop {
  return (args, ready) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout!.resume();
    void ready(child).then(() => child.kill(signal));
    return child;
  };
}

const ended = (child: ChildProcess): Promise<{ code: number | null; stderr: string }> => {
  let stderr = "";
  child.stderr!.on("data", (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
};

describe.skipIf(!existsSync("/dev/full")).each(WAYS)("%s", (_, code, stop) => {
  const check = async (out: string, outcome: { code: number | null; stderr: string }): Promise<string[]> => {
    expect(outcome.code, outcome.stderr).toBe(code);
    if (code === 1) expect(outcome.stderr).toContain("cannot write to standard output: the disk is full.\n");
    expect(outcome.stderr).not.toMatch(/this is a bug|node:|^ {4}at /m);
    const names = await readdir(out, { recursive: true });
    expect(names.filter((name) => /\.(lock|tmp)/.test(name))).toEqual([]);
    return names;
  };

  it("saves a training", { timeout: 60_000 }, async () => {
    const out = await temporaryFolder();
    const ready = (child: ChildProcess) => untilThere(child, out, /config\.sha256$/);
    await check(out, await ended(stop(["train", ...LONG, "--out", out], ready)));
    const folder = join(out, (await readdir(out))[0]!);
    await readSafetensors(join(folder, "weights.safetensors"));
    const { checkpoint, problems } = await new CheckpointStore(join(folder, "checkpoints"), 3).latest();
    expect(problems).toEqual([]);
    expect(checkpoint!.snapshot.progress.updates).toBeGreaterThan(0);
  });

  it("saves a simulation, which resumes with bit-identical results", { timeout: 60_000 }, async () => {
    const out = await temporaryFolder();
    const ready = (child: ChildProcess) => untilThere(child, out, /config\.sha256$/);
    await check(out, await ended(stop(["simulate", ...SIMULATION, "--out", out], ready)));
    const folder = join(out, (await readdir(out))[0]!);
    const resumed = await spikevine("simulate", "--resume", folder);
    expect(resumed).toMatchObject({ code: 0, stderr: "" });
    expect(await resultsOf(folder)).toEqual(await uninterrupted());
  });

  it("keeps the finished points of a sweep", { timeout: 60_000 }, async () => {
    const out = await temporaryFolder();
    const ready = (child: ChildProcess) => untilThere(child, out, /points.*\.json$/);
    const args = [
      ...SHORT.slice(0, -4),
      "--set",
      "learning-rate=0.1,0.2",
      "--seeds",
      "0..400",
      "--device",
      "reference",
    ];
    await check(out, await ended(stop(["sweep", ...args, "--jobs", "2", "--out", out], ready)));
    expect(await readdir(join(out, "sweep"))).toContain("table.md");
  });
});

/** Results of a simulation. */
const resultsOf = async (folder: string): Promise<Record<string, string>> => {
  const names = ["spikes-excitatory.npz", "spikes-inhibitory.npz", "rates.csv", "raster.svg", "intervals.svg"];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString("base64")])),
  );
};

let whole: Promise<Record<string, string>> | undefined;
const uninterrupted = (): Promise<Record<string, string>> => {
  whole ??= (async () => {
    const out = await temporaryFolder();
    expect((await spikevine("simulate", ...SIMULATION, "--out", out)).code).toBe(0);
    return resultsOf(join(out, (await readdir(out))[0]!));
  })();
  return whole;
};

describe("spikevine simulate --resume", () => {
  /** A simulation that is killed once it has saved its state at an interval. */
  const killed = async (): Promise<string> => {
    const out = await temporaryFolder();
    const args = ["simulate", ...SIMULATION, "--checkpoint-every", "0.02 s", "--out", out];
    const child = spawn(process.execPath, [main, ...args], { stdio: "ignore" });
    await untilThere(child, out, /state-before\.spikevine$/);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    return join(out, (await readdir(out))[0]!);
  };

  it("after kill -9 resumes from the last saved state, with bit-identical results", { timeout: 60_000 }, async () => {
    const folder = await killed();
    const { code, stdout, stderr } = await spikevine("simulate", "--resume", folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^resume {4}at \d+(\.\d)? ms of the model$/m);
    expect(await resultsOf(folder)).toEqual(await uninterrupted());
    // It may be made longer; the earlier results do not change.
    const longer = await spikevine("simulate", "--resume", folder, "--duration", "3.2 s");
    expect(longer).toMatchObject({ code: 0, stdout: expect.stringMatching(/^resume {4}at 3000 ms of the model$/m) });
  });

  it("skips a damaged state, reports it, and refuses if both are damaged", { timeout: 60_000 }, async () => {
    const folder = await killed();
    const damage = async (name: string, bit = 1): Promise<void> => {
      const bytes = await readFile(join(folder, name));
      bytes[bytes.length >> 1]! ^= bit;
      await writeFile(join(folder, name), bytes);
    };
    if (!existsSync(join(folder, "state.spikevine"))) return;
    await damage("state.spikevine");
    const { code, stderr } = await spikevine("simulate", "--resume", folder);
    expect(stderr).toMatch(/state\.spikevine": saved state: it is damaged \(its checksum differs\)/);
    expect(code).toBe(0);
    expect(await resultsOf(folder)).toEqual(await uninterrupted());
    // The damaged one may be the one before by now, which the same bit would mend.
    await damage("state.spikevine", 2);
    await damage("state-before.spikevine", 2);
    const refused = await spikevine("simulate", "--resume", folder);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is damaged/) });
    expect(await resultsOf(folder)).toEqual(await uninterrupted());
  });

  it.each([
    [["coba", "--resume", "x"], 2, /"coba" and --resume name two simulations/],
    [["--resume", "/nowhere"], 1, /"\/nowhere\/config.json" is missing/],
    [["coba", "--checkpoint-every", "3 batches"], 2, /--checkpoint-every is "3 batches"; give a wall-clock time/],
  ])("refuses %j", async (args, code, message) => {
    const refused = await spikevine("simulate", ...args);
    expect(refused).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });
});

describe("a presentation of 200 million steps", () => {
  it.each([200_000_000, 200_000_033])(
    "is stopped like everything else (%i steps)",
    { timeout: 60_000 },
    async (steps) => {
      const out = await temporaryFolder();
      const args = ["train", ...SHORT, "--test-steps", String(steps), "--out", out];
      const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      child.stdout!.resume();
      const end = ended(child);
      // The training is over once both of its epochs are in the metrics.
      while (child.exitCode === null) {
        const [folder] = await readdir(out);
        const metrics = folder && (await readFile(join(out, folder, "metrics.ndjson"), "utf8").catch(() => ""));
        if (metrics && metrics.split("\n").length > 2) break;
        await setTimeout(5);
      }
      await setTimeout(300);
      const stopped = performance.now();
      child.kill("SIGTERM");
      expect(await end).toEqual({ code: 143, stderr: "" });
      expect(performance.now() - stopped).toBeLessThan(20_000);
      const folder = join(out, (await readdir(out))[0]!);
      await readSafetensors(join(folder, "weights.safetensors"));
      expect(await readdir(folder)).not.toContain("run.lock");
    },
  );

  it("is cut into slices that divide it", () => {
    for (const [steps, run] of [
      [1021, 1021],
      [1031, 1],
      [2062, 2],
      [640, 64],
    ] as const) {
      expect(stepsPerRun(steps)).toBe(run);
    }
  });
});
