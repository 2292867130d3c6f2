import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { systemFiles } from "#spikevine/src/io/file-system";
import type { FileSystem } from "#spikevine/src/io/index";
import {
  type Point,
  type PointResult,
  type Runner,
  runSweep,
  type Settings,
  type Sweep,
  sweepPoint,
  sweepPoints,
  threadRunner,
} from "#spikevine/src/sweep/index";

const module = new URL("./children/points.mjs", import.meta.url);
const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "spikevine-sweep-"));
const points = sweepPoints({ vary: { gain: [1, 2, 3] }, seeds: [0, 1] });

/** Runs points in this thread and counts them. */
function plainRunner(
  work: (point: Point) => Promise<PointResult> | PointResult,
  slots = 1,
): Runner & { ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    slots,
    async start(point) {
      ran.push(point.id);
      return work(point);
    },
    async close() {},
  };
}
const figureOf = ({ settings, seed }: Point): PointResult => ({
  metrics: { figure: Number(settings.gain) * 10 + seed },
});
const figures = ({ table }: Sweep): unknown[] => table.points.map(({ metrics }) => metrics.figure);
const withThreads = (run: string, threads: number): Runner => threadRunner({ module, run, threads });

describe("a sweep", () => {
  it.each([1, 2, 5])("gives the same table on %i threads", async (threads) => {
    const folder = await temporaryFolder();
    const sweep = await runSweep({ folder, points, runner: withThreads("measure", threads) });
    expect(figures(sweep)).toEqual([10, 11, 20, 21, 30, 31]);
    expect(sweep.table.points[5]!.curves).toEqual({ line: [1, 2, 31] });
    expect(sweep).toMatchObject({ failures: [], stopped: false, problems: [] });
    expect((await readdir(folder)).sort()).toEqual(["points", "points.csv", "settings.csv", "table.md"]);
    expect((await readdir(join(folder, "points"))).sort()).toEqual(points.map(({ id }) => `${id}.json`).sort());
    expect((await readFile(join(folder, "points.csv"), "utf8")).split("\r\n")).toHaveLength(8);
  });

  it("runs as many points at a time as the runner has slots, and reports progress", async () => {
    let [now, most] = [0, 0];
    const work = async (point: Point): Promise<PointResult> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return figureOf(point);
    };
    const told: number[] = [];
    await runSweep({
      folder: await temporaryFolder(),
      points,
      runner: plainRunner(work, 3),
      onPoint: (_, { finished, points: all, running }) => {
        expect(all).toBe(6);
        expect(running.size).toBeLessThan(3);
        told.push(finished);
      },
    });
    expect(most).toBe(3);
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("runs only missing points, and those with other settings", async () => {
    const folder = await temporaryFolder();
    await runSweep({ folder, points: points.slice(0, 4), runner: plainRunner(figureOf) });
    const rest = plainRunner(figureOf);
    let kept = -1;
    const onProgress = (progress: { kept: number }): void => {
      kept = progress.kept;
    };
    const whole = await runSweep({ folder, points, runner: rest, onProgress });
    expect(rest.ran).toEqual(points.slice(4).map(({ id }) => id));
    expect(kept).toBe(4);
    expect(figures(whole)).toEqual([10, 11, 20, 21, 30, 31]);

    const changed = sweepPoint({ ...points[0]!.settings, epochs: 2 }, points[0]!.seed);
    const again = plainRunner(figureOf);
    await runSweep({ folder, points: [changed, points[1]!], runner: again });
    expect(again.ran).toEqual([changed.id]);
  });

  it.each<[string, (text: string) => string]>([
    ["cut off", (text) => text.slice(0, 200)],
    ["empty", () => ""],
    ["changed in one digit", (text) => text.replace('"figure": 10', '"figure": 90')],
    ["not an object", () => "null"],
    ["with a figure twice", (text) => text.replace('"figure": 10', '"figure": 90, "figure": 10')],
  ])("runs a point again whose file is %s, and reports it", async (_, damage) => {
    const folder = await temporaryFolder();
    await runSweep({ folder, points, runner: plainRunner(figureOf) });
    const file = join(folder, "points", `${points[0]!.id}.json`);
    const whole = await readFile(file, "utf8");
    expect(damage(whole)).not.toBe(whole);
    await writeFile(file, damage(whole));
    const again = plainRunner(figureOf);
    const sweep = await runSweep({ folder, points, runner: again });
    expect(again.ran).toEqual([points[0]!.id]);
    expect(sweep.problems).toHaveLength(1);
    expect(sweep.problems[0]).toContain(file);
    expect(figures(sweep)[0]).toBe(10);
    expect((await runSweep({ folder, points, runner: plainRunner(figureOf) })).problems).toEqual([]);
  });

  it("removes incomplete files of a killed process", async () => {
    const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
    const folder = await temporaryFolder();
    await mkdir(join(folder, "points"));
    await writeFile(join(folder, "points", `${points[0]!.id}.json.${dead}-0.tmp`), "{");
    await runSweep({ folder, points: points.slice(0, 1), runner: plainRunner(figureOf) });
    expect(await readdir(join(folder, "points"))).toEqual([`${points[0]!.id}.json`]);
  });

  it("does not mistake one point's file for another's", async () => {
    const folder = await temporaryFolder();
    await runSweep({ folder, points, runner: plainRunner(figureOf) });
    const file = (i: number): string => join(folder, "points", `${points[i]!.id}.json`);
    await writeFile(file(0), await readFile(file(1)));
    const sweep = await runSweep({ folder, points, runner: plainRunner(figureOf) });
    expect(sweep.problems[0]).toContain(`is the result of point ${points[1]!.id}`);
    expect(figures(sweep)[0]).toBe(10);
  });

  it("loses no point to the failure of another, and runs the failed one again", async () => {
    const folder = await temporaryFolder();
    const failing = (fails: boolean): Point[] =>
      [1, 2, 3].map((gain) => sweepPoint({ gain, ...(gain === 2 && fails ? { fails } : {}) }, 0));
    const sweep = await runSweep({ folder, points: failing(true), runner: withThreads("measure", 2) });
    expect(figures(sweep)).toEqual([10, 30]);
    expect(sweep.failures).toHaveLength(1);
    expect(sweep.failures[0]!.settings.gain).toBe(2);
    expect(sweep.failures[0]!.error.message).toContain("this point cannot be done");
    const again = plainRunner(figureOf);
    await runSweep({ folder, points: failing(true), runner: again });
    expect(again.ran).toEqual([sweep.failures[0]!.id]);
  });

  it.each([
    ["die", "ended with code 3"],
    ["nothing", "a point gave no metrics"],
    ["missing", 'exports no function "missing"'],
  ])("fails with a point whose function is %s", async (run, message) => {
    const runner = withThreads(run, 1);
    const sweep = await runSweep({ folder: await temporaryFolder(), points: points.slice(0, 2), runner });
    expect(sweep.failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining(message),
      expect.stringContaining(message),
    ]);
  });

  it("keeps values that are not numbers as such", async () => {
    const folder = await temporaryFolder();
    const live = await runSweep({ folder, points, runner: withThreads("notANumber", 1) });
    const kept = await runSweep({ folder, points, runner: plainRunner(figureOf) });
    expect(live.table.points[0]!.metrics).toEqual({ figure: Number.NaN, other: 1 });
    expect(kept.table).toEqual(live.table);
  });

  it.each(["untilStopped", "stubborn"])(
    "drops current points when it is stopped (%s)",
    async (run) => {
      const folder = await temporaryFolder();
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 300);
      const sweep = await runSweep({ folder, points, runner: withThreads(run, 2), signal: stop.signal });
      expect(sweep).toMatchObject({ stopped: true, failures: [] });
      expect(sweep.table.points).toEqual([]);
      expect(await readdir(join(folder, "points"))).toEqual([]);
    },
    30_000,
  );

  it("does nothing if it is stopped before it starts", async () => {
    const runner = plainRunner(figureOf);
    const sweep = await runSweep({ folder: await temporaryFolder(), points, runner, signal: AbortSignal.abort() });
    expect(sweep.stopped).toBe(true);
    expect(runner.ran).toEqual([]);
  });

  it("ends with the error of a listener and starts no other point", async () => {
    const runner = plainRunner(figureOf, 2);
    const onPoint = (): void => {
      throw new Error("listener");
    };
    await expect(runSweep({ folder: await temporaryFolder(), points, runner, onPoint })).rejects.toThrow("listener");
    expect(runner.ran.length).toBeLessThan(points.length);
  });

  it.each<[() => Promise<Point[]> | Point[], string]>([
    [() => [], "points is empty"],
    [() => [points[0]!, points[0]!], 'the point {"gain":1} with seed 0 is there twice'],
  ])("refuses wrong points", async (make, message) => {
    const runner = plainRunner(figureOf);
    const folder = await temporaryFolder();
    await expect(runSweep({ folder, points: await make(), runner })).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses a folder that cannot be made", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    const sweep = runSweep({ folder: join(file, "sweep"), points, runner: plainRunner(figureOf) });
    await expect(sweep).rejects.toThrow(/cannot make the folder of a sweep/);
  });

  it("uses one thread per core", async () => {
    const runner = threadRunner({ module, run: "measure" });
    expect(runner.slots).toBe(availableParallelism());
    await runner.close();
  });

  it.each([0, 1.5, Number.NaN])("refuses %d threads", (threads) => {
    expect(() => withThreads("measure", threads)).toThrow(`sweep: threads is ${threads}`);
  });
});

const script = fileURLToPath(new URL("./children/sweep-in-folder.mjs", import.meta.url));

/** Runs the script until it has reported `ended` points, sends it a signal, and returns how it ended and what it reported. */
async function interrupted(folder: string, ended: number, signal: NodeJS.Signals): Promise<[unknown, number]> {
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout.on("data", (chunk) => {
    told += String(chunk);
    if ((told.match(/^seed/gm) ?? []).length >= ended) child.kill(signal);
  });
  const code = await new Promise((resolve) => child.on("close", (exit, by) => resolve(by ?? exit)));
  return [code, (told.match(/^seed/gm) ?? []).length];
}

describe("a process with a sweep", () => {
  it("keeps finished points when it is killed, and resumes with the rest", async () => {
    const folder = await temporaryFolder();
    let before = 0;
    for (const after of [1, 3, 2]) {
      const [code] = await interrupted(folder, after, "SIGKILL");
      expect(code).toBe("SIGKILL");
      const files = await readdir(join(folder, "points"));
      expect(files.filter((name) => name.endsWith(".json")).length).toBeGreaterThanOrEqual(before + after);
      before += after;
    }
    const [code, told] = await interrupted(folder, Number.POSITIVE_INFINITY, "SIGKILL");
    expect(code).toBe(0);
    expect(told).toBeLessThanOrEqual(12 - before);
    const whole = await readFile(join(folder, "points.csv"), "utf8");
    const rows = whole.trim().split("\r\n").slice(1);
    expect(rows.map((row) => row.split(",").slice(0, 3).map(Number))).toEqual(
      Array.from({ length: 12 }, (_, gain) => [gain, 1, gain * 10 + 1]),
    );
  }, 60_000);

  it("ends cleanly at Ctrl-C", async () => {
    const folder = await temporaryFolder();
    const [code, told] = await interrupted(folder, 2, "SIGINT");
    expect(code).toBe(130);
    expect((await readdir(join(folder, "points"))).length).toBe(told);
    expect(await readdir(folder)).not.toContain("sweep.lock");
  }, 30_000);

  it("is refused a folder that another one uses", async () => {
    const folder = await temporaryFolder();
    const child = spawn(process.execPath, [script, folder, "untilStopped"]);
    try {
      await new Promise((resolve) => child.stdout.once("data", resolve));
      const sweep = runSweep({ folder, points, runner: plainRunner(figureOf) });
      await expect(sweep).rejects.toThrow(`locked by process ${child.pid}`);
    } finally {
      child.kill("SIGKILL");
    }
  }, 30_000);
});

it("refuses a module that starts a sweep in every thread", async () => {
  const settings: Settings = { gain: 1 };
  const runner = threadRunner({
    module: new URL("./children/sweep-in-folder.mjs", import.meta.url),
    run: "measure",
    threads: 1,
  });
  const sweep = await runSweep({ folder: await temporaryFolder(), points: [sweepPoint(settings, 1)], runner });
  expect(sweep.failures[0]!.error.message).toMatch(/a thread of a sweep starts a sweep/);
});

describe("a sweep and its disk", () => {
  it("stops at the first result that cannot be saved", async () => {
    const folder = await temporaryFolder();
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    const open: FileSystem["promises"]["open"] = async (path, flags) => {
      if (path.includes("seed-1-")) throw full;
      return systemFiles.promises.open(path, flags);
    };
    const files = { ...systemFiles, promises: { ...systemFiles.promises, open } } as FileSystem;
    const runner = plainRunner(figureOf);
    await expect(runSweep({ folder, points, runner, files })).rejects.toThrow(
      /cannot write ".*seed-1-.*": the disk is full/,
    );
    expect(runner.ran).toEqual(points.slice(0, 2).map(({ id }) => id));
    expect(await readdir(folder)).toEqual(["points"]);
    const again = plainRunner(figureOf);
    expect(figures(await runSweep({ folder, points, runner: again }))).toEqual([10, 11, 20, 21, 30, 31]);
    expect(again.ran).not.toContain(points[0]!.id);
  });

  it("reports results of other data, and runs their points again", async () => {
    const folder = await temporaryFolder();
    const of = (data: string): Point[] =>
      points.map(({ settings, seed }) => sweepPoint({ ...settings, data, extra: 1 }, seed));
    await runSweep({ folder, points: of("old"), runner: plainRunner(figureOf), origin: ["data"] });
    const runner = plainRunner(figureOf);
    const sweep = await runSweep({ folder, points: of("new"), runner, origin: ["data"] });
    expect(runner.ran).toHaveLength(6);
    expect(sweep).toMatchObject({ kept: 0, failures: [] });
    expect(sweep.problems).toEqual([
      expect.stringMatching(
        /^sweep: 6 results in ".*" are not used, because data is old there, and new here; their points/,
      ),
    ]);
    // Other settings are another sweep, which is not reported.
    const other = points.map(({ settings, seed }) => sweepPoint({ ...settings, data: "new", extra: 2 }, seed));
    expect(
      (await runSweep({ folder, points: other, runner: plainRunner(figureOf), origin: ["data"] })).problems,
    ).toEqual([]);
  });
});
