import type { Job } from "bullmq";
import { fields, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { Point } from "../point.js";
import type { PointOptions, PointResult, Runner } from "../runner.js";
import { openQueue } from "./connection.js";
import { conflictsKey, figuresKey, readResult, toMessage } from "./messages.js";
import { QUEUE_OPTIONS, type QueueOptions } from "./options.js";

/** A point whose result is awaited. */
interface Awaited extends PointOptions {
  readonly point: Point;
  /** True if an earlier call may have left the point in the queue, possibly failed. */
  isNew: boolean;
  resolve(result: PointResult): void;
  reject(error: unknown): void;
}

/**
 * Milliseconds between two checks of all points, which find changes that no event reported, e.g. after a restart of the
 * server.
 */
const LOOK_EVERY = 2000;

/** Largest number of points in the queue; more would only fill the server's memory. */
const MOST_POINTS = 1000;

const check = signature("queueRunner", { options: fields<QueueOptions>(QUEUE_OPTIONS, { root: "options" }) });

/** Milliseconds for cleaning up on the server at the end. */
const GRACE = 2000;

/**
 * Sends points to a queue (BullMQ on Redis or Valkey), from which workers on any number of machines claim them (see
 * `runQueueWorker`). A point that the server lost is queued again, and results of an earlier call are used.
 * @throws SpikevineError if the server does not respond
 */
export async function queueRunner(options: QueueOptions): Promise<Runner> {
  check([options]);
  const connection = await openQueue(options);
  const { bullmq, name } = connection;
  const redis = connection.connect();
  const queue = new bullmq.Queue(name, { connection: redis, skipVersionCheck: true });
  const events = new bullmq.QueueEvents(name, { connection: connection.connect(), skipVersionCheck: true });
  queue.on("error", connection.fails);
  events.on("error", connection.fails);
  const awaited = new Map<string, Awaited>();
  const settled = new Set<string>();

  const settle = async (id: string, job: Job): Promise<void> => {
    const conflict = await redis.hget(conflictsKey(name), id);
    const wanted = awaited.get(id);
    if (wanted === undefined) return;
    awaited.delete(id);
    settled.add(id);
    if (conflict !== null) wanted.reject(new SpikevineError(conflict));
    else if (await job.isFailed()) wanted.reject(new SpikevineError(job.failedReason));
    else {
      try {
        wanted.resolve(readResult(job.returnvalue, id));
      } catch (error) {
        wanted.reject(error);
      }
    }
  };
  const put = async ({ point }: Awaited): Promise<void> => {
    // One point has one id, so a point in the queue is not added twice.
    await queue.add("point", toMessage(point), { jobId: point.id });
  };
  const look = async (id: string): Promise<void> => {
    const wanted = awaited.get(id);
    if (wanted === undefined) return;
    // Read the state first: a job that was read before it ended has no result.
    const state = await queue.getJobState(id);
    if (state === "completed" || state === "failed") {
      const job = await queue.getJob(id);
      if (job === undefined || (state === "failed" && wanted.isNew)) {
        await queue.remove(id);
        await put(wanted);
      } else await settle(id, job);
    } else if (state === "unknown") await put(wanted);
    wanted.isNew = false;
    connection.answers();
  };
  /** A refused command (the server is full or loading its data) is retried at the next check. */
  const tryLook = (id: string): Promise<void> => look(id).catch(connection.fails);

  events.on("completed", ({ jobId }) => void tryLook(jobId));
  events.on("failed", ({ jobId }) => void tryLook(jobId));
  events.on("progress", ({ jobId, data }) => {
    if (typeof data === "number" && data >= 0 && data <= 1) awaited.get(jobId)?.onProgress(data);
  });
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    for (const id of [...awaited.keys()]) await tryLook(id);
    isLooking = false;
  }, LOOK_EVERY);

  const watched = new WeakSet<AbortSignal>();
  /** One listener per point would put a thousand listeners on one signal. */
  const watch = (signal: AbortSignal): void => {
    if (watched.has(signal)) return;
    watched.add(signal);
    signal.addEventListener("abort", () => {
      for (const [id, wanted] of awaited) {
        if (wanted.signal !== signal) continue;
        awaited.delete(id);
        // A point that a worker has claimed cannot be removed; its result is available to the next call.
        queue.remove(id).catch(connection.fails);
        wanted.reject(signal.reason);
      }
    });
  };

  return {
    slots: MOST_POINTS,
    start(point, given) {
      return new Promise<PointResult>((resolve, reject) => {
        const { id } = point;
        awaited.set(id, { ...given, point, isNew: true, resolve, reject });
        watch(given.signal);
        void tryLook(id);
      });
    },
    async close() {
      clearInterval(timer);
      const tidy = async (): Promise<void> => {
        const ids = [...settled];
        const conflicts = ids.length === 0 ? [] : await redis.hmget(conflictsKey(name), ...ids);
        for (const conflict of conflicts) if (conflict !== null) options.onNotice?.(conflict);
        for (const id of ids) await queue.remove(id);
        if (ids.length > 0) await redis.hdel(figuresKey(name), ...ids);
        if (ids.length > 0) await redis.hdel(conflictsKey(name), ...ids);
      };
      await within(GRACE, tidy());
      await within(GRACE, Promise.all([events.close(), queue.close()]));
      connection.close();
    },
  };
}

/** Waits for a limited time, since the server may be gone; the next call cleans up the rest. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => undefined), over]);
  clearTimeout(timer);
}
