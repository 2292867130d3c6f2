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
  /** Where the points and the tables are kept. The same folder at the next call goes on with what is missing. */
  readonly folder: string;
  readonly points: readonly Point[];
  /** Closed at the end. */
  readonly runner: Runner;
  /**
   * Works on a share of the points only: number `index` of `of` shares, from 1, in a folder that all shares use, also from
   * several machines. Tables are not written; `collectSweep` does when the shares have ended. Default: all points.
   */
  readonly shard?: Shard;
  /** Stops the sweep: finished points are kept, those under way are dropped. */
  readonly signal?: AbortSignal;
  /** Settings that say where a result comes from, e.g. a version: results that differ in these alone are told of. */
  readonly origin?: readonly string[];
  /** Where the folder is. Default: the file system of this machine. */
  readonly files?: FileSystem;
  /** Called whenever a point begins, gets on or ends. */
  onProgress?(progress: SweepProgress): void;
  /** Called when a point has ended; not for those that an earlier call has finished. */
  onPoint?(ended: FinishedPoint | FailedPoint, progress: SweepProgress): void;
}

/** A share of a sweep's points. */
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
  /** Points that earlier calls have finished; they count among the finished ones. */
  readonly kept: number;
}

export interface Sweep {
  /** What is finished, in the order of the points. */
  readonly table: SweepTable;
  /** How many of these were finished by earlier calls. */
  readonly kept: number;
  readonly failures: readonly FailedPoint[];
  /** Whether the signal stopped it. */
  readonly stopped: boolean;
  /** Files that were passed over, damaged or of another origin; their points have run again. */
  readonly problems: readonly string[];
}

/**
 * Reads the points that earlier calls, shares or machines have finished, and writes the tables.
 * @throws SpikevineError where two points are the same or the folder cannot be used
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
 * Works on every point that is not finished yet, and leaves in the folder a file for each point (`points/`) and the tables
 * (`points.csv`, `settings.csv`, `table.md`). The failure of a point loses no other; it runs again in the next call.
 * @throws SpikevineError where a result cannot be kept, and before any work where two points are the same, the folder cannot be used, or another process that
 * is alive works in it
 */
export async function runSweep(options: SweepOptions): Promise<Sweep> {
  check([options]);
  const { folder, points, runner } = options;
  try {
    checkPoints(points);
    const share = shareOf(points, options.shard);
    const unlock = await takeFolder(folder, options.shard, options.files);
    try {
      return await sweep({ ...options, points: share });
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

/** Every n-th point, so that each share has some of every setting. */
function shareOf(points: readonly Point[], shard: Shard | undefined): readonly Point[] {
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
