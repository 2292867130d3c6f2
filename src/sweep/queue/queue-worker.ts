import type { Job } from "bullmq";
import { callback, fields, made, optional, signal, signature, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { Point } from "../point.js";
import type { PointResult, Runner } from "../runner.js";
import { openQueue } from "./connection.js";
import { conflictsKey, figuresHash, figuresKey, readPoint } from "./messages.js";
import { QUEUE_OPTIONS, type QueueOptions } from "./options.js";

export interface QueueWorkerOptions extends QueueOptions {
  /** Works on the points, off this thread, so that the claim on each is renewed in time; `threadRunner` does. Closed at the end. */
  readonly runner: Runner;
  /** Refuses a point by throwing, e.g. one of another version. Default: every point is worked on. */
  check?(point: Point): void;
  /** Ends the worker: points in hand go back to the queue. */
  readonly signal: AbortSignal;
  /** Milliseconds after which another worker takes up a point whose worker does not answer any more. Default: 30,000. */
  readonly claimMs?: number;
  /** Called when a point has ended; the error says why it has no result. */
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

/** How often a point may be taken up again after its worker was killed. */
const MOST_KILLS = 1000;

/** Results that are remembered, so that a point whose result got lost on its way is not worked on again. */
const REMEMBERED = 1000;

/** Milliseconds between two reports of progress. */
const REPORT_EVERY = 500;

/**
 * Works on points of a queue until the signal is aborted. A point that was finished by two workers, since one of them was
 * thought dead, is compared: its figures have to be the same bits.
 * @throws SpikevineError where the server does not answer at the start
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
