import type { Job } from "bullmq";
import { callback, fields, made, optional, signal, signature, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { Point } from "../point.js";
import type { PointResult, Runner } from "../runner.js";
import { openQueue } from "./connection.js";
import { conflictsKey, figuresHash, figuresKey, readPoint } from "./messages.js";
import { QUEUE_OPTIONS, type QueueOptions } from "./options.js";

export interface QueueWorkerOptions extends QueueOptions {
  /**
   * Runs the points outside this thread, so that the claim on each is renewed in time, as `threadRunner` does. Closed
   * at the end.
   */
  readonly runner: Runner;
  /** Throws to refuse a point, e.g. of another version. Default: every point is accepted. */
  check?(point: Point): void;
  /** Ends the worker; its current points return to the queue. */
  readonly signal: AbortSignal;
  /** Milliseconds after which another worker claims a point whose worker no longer responds. Default: 30,000. */
  readonly claimMs?: number;
  /** Called when a point has ended; the error explains a missing result. */
  onPoint?(point: Point, error?: Error): void;
}

const checkOptions = signature("runQueueWorker", {
  options: fields<QueueWorkerOptions>(
    {
      ...QUEUE_OPTIONS,
      runner: made("a runner such as threadRunner makes", "slots", "start", "close"),
      check: optional(callback()),
      signal,
      claimMs: optional(whole(1000)),
      onPoint: optional(callback()),
    },
    { root: "options" },
  ),
});

/** Number of times a point may be claimed again after its worker was killed. */
const MOST_KILLS = 1000;

/** Number of remembered results. A point whose result was lost in transit is not computed again. */
const REMEMBERED = 1000;

/** Milliseconds between two reports of progress. */
const REPORT_EVERY = 500;

/**
 * Runs points of a queue until the signal is aborted. If two workers finished the same point, because one was assumed
 * dead, their figures are compared and must be bit-identical.
 * @throws SpikevineError if the server does not respond at the start
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<void> {
  checkOptions([options]);
  const { runner, check, signal, claimMs = 30_000, onPoint } = options;
  try {
    const connection = await openQueue(options);
    const { bullmq, name } = connection;
    const redis = connection.connect();
    const finished = new Map<string, PointResult & { seconds: number }>();

    const work = async (point: Point, job: Job): Promise<PointResult & { seconds: number }> => {
      const began = performance.now();
      let reported = began;
      const result = await runner.start(point, {
        signal,
        onProgress(fraction) {
          if (performance.now() - reported < REPORT_EVERY) return;
          reported = performance.now();
          job.updateProgress(fraction).catch(connection.fails);
        },
      });
      return { seconds: (performance.now() - began) / 1000, ...result };
    };
    const compare = async (point: Point, result: PointResult): Promise<void> => {
      const hash = figuresHash(result);
      if ((await redis.hsetnx(figuresKey(name), point.id, hash)) === 1) return;
      if ((await redis.hget(figuresKey(name), point.id)) === hash) return;
      const sentence = `two workers came to different figures for point ${point.id} (${JSON.stringify(point.settings)}, seed ${point.seed}); run it on one kind of processor and one version of Node.`;
      await redis.hset(conflictsKey(name), point.id, sentence);
      throw new SpikevineError(sentence);
    };
    const worker = new bullmq.Worker(
      name,
      async (job, token) => {
        const point = readPoint(job.data, job.id);
        let problem: Error | undefined;
        try {
          check?.(point);
          const result = finished.get(point.id) ?? (await work(point, job));
          signal.throwIfAborted();
          finished.set(point.id, result);
          for (const oldest of [...finished.keys()].slice(0, -REMEMBERED)) finished.delete(oldest);
          await compare(point, result);
          return result;
        } catch (error) {
          if (signal.aborted) {
            await job.moveToWait(token);
            throw new bullmq.WaitingError();
          }
          problem = error instanceof Error ? error : new Error(String(error));
          throw new bullmq.UnrecoverableError(problem.message);
        } finally {
          if (!signal.aborted) onPoint?.(point, problem);
        }
      },
      {
        connection: connection.connect(),
        concurrency: runner.slots,
        lockDuration: claimMs,
        stalledInterval: claimMs,
        maxStalledCount: MOST_KILLS,
        skipVersionCheck: true,
      },
    );
    worker.on("error", connection.fails);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await worker.close();
    connection.close();
  } finally {
    await runner.close();
  }
}
