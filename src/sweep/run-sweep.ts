import { join } from "node:path";
import {
  callback,
  fields,
  filePath,
  list,
  made,
  optional,
  signal,
  signature,
  text,
  whole,
} from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { cannot } from "../io/file-problem.js";
import { FILES, type FileSystem, systemFiles } from "../io/file-system.js";
import { makeFolder } from "../io/make-folder.js";
import { lockRun } from "../io/run-folder/run-lock.js";
import { POINT, type Point } from "./point.js";
import type { FinishedPoint } from "./point-file.js";
import { PointStore } from "./point-store.js";
import type { Runner } from "./runner.js";
import { type SweepTable, sweepTable } from "./table.js";
import { writeTables } from "./table-files.js";
import { type FailedPoint, PointWork, type WorkProgress } from "./work.js";

export interface SweepOptions {
  /** Folder of the points and the tables. A later call with the same folder resumes with the missing points. */
  readonly folder: string;
  readonly points: readonly Point[];
  /** Closed at the end. */
  readonly runner: Runner;
  /**
   * Runs only a shard of the points: number `index` of `of` shards, from 1, in a folder that all shards use, possibly
   * from several machines. Tables are not written; `collectSweep` writes them after the shards have ended. Default: all
   * points.
   */
  readonly shard?: Shard;
  /** Stops the sweep: finished points are kept, current ones are dropped. */
  readonly signal?: AbortSignal;
  /** Settings that describe the origin of a result, e.g. a version. Results that differ only in these are reported. */
  readonly origin?: readonly string[];
  /** File system of the folder. Default: that of this machine. */
  readonly files?: FileSystem;
  /** Called when a point starts, makes progress or ends. */
  onProgress?(progress: SweepProgress): void;
  /** Called when a point has ended; not for points that an earlier call finished. */
  onPoint?(ended: FinishedPoint | FailedPoint, progress: SweepProgress): void;
}

/** A shard of a sweep's points. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

const KEPT = {
  folder: filePath,
  points: list(POINT, 1),
  origin: optional(list(text("the name of a setting"))),
  files: optional(FILES),
};

const check = signature("sweep", {
  options: fields<SweepOptions>(
    {
      ...KEPT,
      runner: made("a runner, e.g. threadRunner({ module, run })", "start", "close", "slots"),
      shard: optional(fields<Shard>({ index: whole(1), of: whole(1) })),
      signal: optional(signal),
      onProgress: optional(callback()),
      onPoint: optional(callback()),
    },
    { root: "options" },
  ),
});

type CollectOptions = Pick<SweepOptions, "folder" | "points" | "origin" | "files">;

const checkCollect = signature("collectSweep", { options: fields<CollectOptions>(KEPT, { root: "options" }) });

export interface SweepProgress extends WorkProgress {
  readonly points: number;
  /** Number of points that earlier calls finished; they count as finished. */
  readonly kept: number;
}

export interface Sweep {
  /** Finished points, in the order of the points. */
  readonly table: SweepTable;
  /** Number of points that earlier calls finished. */
  readonly kept: number;
  readonly failures: readonly FailedPoint[];
  /** True if the signal stopped the sweep. */
  readonly stopped: boolean;
  /** Files that were skipped because they are damaged or of another origin; their points ran again. */
  readonly problems: readonly string[];
}

/**
 * Reads the points that earlier calls, shards or machines finished, and writes the tables.
 * @throws SpikevineError if two points are the same or the folder cannot be used
 */
export async function collectSweep(options: CollectOptions): Promise<Sweep> {
  checkCollect([options]);
  const nothing: Runner = {
    slots: 0,
    start: () => Promise.reject(new Error("nothing is worked on")),
    close: () => Promise.resolve(),
  };
  return runSweep({ ...options, runner: nothing });
}

/**
 * Runs every unfinished point, and writes one file per point (`points/`) and the tables (`points.csv`, `settings.csv`,
 * `table.md`) to the folder. A failed point does not affect the others; it runs again in the next call.
 * @throws SpikevineError if a result cannot be saved, and before any work if two points are the same, the folder cannot
 * be used, or another live process uses it
 */
export async function runSweep(options: SweepOptions): Promise<Sweep> {
  check([options]);
  const { folder, points, runner } = options;
  try {
    checkPoints(points);
    const shard = shardOf(points, options.shard);
    const unlock = await takeFolder(folder, options.shard, options.files);
    try {
      return await sweep({ ...options, points: shard });
    } finally {
      await unlock();
    }
  } finally {
    await runner.close();
  }
}

function checkPoints(points: readonly Point[]): void {
  const ids = new Set<string>();
  for (const { id, settings, seed } of points) {
    if (ids.has(id)) {
      throw new SpikevineError(
        `sweep: the point ${JSON.stringify(settings)} with seed ${seed} is there twice; leave one out.`,
      );
    }
    ids.add(id);
  }
}

/** Every n-th point, so that each shard has some points of every setting. */
function shardOf(points: readonly Point[], shard: Shard | undefined): readonly Point[] {
  if (shard === undefined) return points;
  const { index, of } = shard;
  if (!Number.isInteger(of) || of < 1 || !Number.isInteger(index) || index < 1 || index > of) {
    throw new SpikevineError(`sweep: the shard is ${index} of ${of}; give a number from 1 to the number of shards.`);
  }
  return points.filter((_, i) => i % of === index - 1);
}

async function takeFolder(folder: string, shard?: Shard, files?: FileSystem): Promise<() => Promise<void>> {
  try {
    await makeFolder(join(folder, "points"), files);
  } catch (error) {
    throw cannot("make the folder of a sweep", folder, error, "choose another folder");
  }
  const name = shard === undefined ? "sweep.lock" : `sweep-${shard.index}-of-${shard.of}.lock`;
  return lockRun(join(folder, name), files);
}

async function sweep(options: SweepOptions): Promise<Sweep> {
  const { folder, points, runner, signal, files = systemFiles } = options;
  const store = new PointStore(join(folder, "points"), files);
  await store.tidy();
  const finished = new Map<string, FinishedPoint>();
  for (const point of points) {
    const found = await store.find(point);
    if (found !== undefined) finished.set(point.id, found);
  }
  const kept = finished.size;
  if (kept < points.length) {
    const waiting = points.filter(({ id }) => !finished.has(id));
    store.problems.push(...(await store.ofOtherOrigin(waiting, options.origin ?? [])));
  }
  const complete = (now: WorkProgress): SweepProgress => ({
    ...now,
    finished: now.finished + kept,
    points: points.length,
    kept,
  });
  const work = new PointWork(runner, (point, result, seconds) => store.keep(point, result, seconds), {
    onProgress: (now) => options.onProgress?.(complete(now)),
    onPoint: (ended, now) => options.onPoint?.(ended, complete(now)),
  });
  const waiting = points.filter(({ id }) => !finished.has(id));
  const failures: FailedPoint[] = [];
  for (const ended of await work.run(waiting, signal)) {
    if ("error" in ended) failures.push(ended);
    else finished.set(ended.id, ended);
  }
  const table = sweepTable(points.flatMap(({ id }) => finished.get(id) ?? []));
  if (options.shard === undefined) await writeTables(folder, table, files);
  return { table, kept, failures, stopped: signal?.aborted ?? false, problems: store.problems };
}
