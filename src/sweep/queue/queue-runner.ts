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
  /** Whether an earlier call may have left the point in the queue, failed perhaps. */
  isNew: boolean;
  resolve(result: PointResult): void;
  reject(error: unknown): void;
}

/** Milliseconds between two looks at all points: what events did not report, a restart of the server say, is seen then. */
const LOOK_EVERY = 2000;

/** Points that lie in the queue at the same time; more would only fill the server's memory. */
const MOST_POINTS = 1000;

const check = signature("queueRunner", { options: fields<QueueOptions>(QUEUE_OPTIONS, { root: "options" }) });

/** Milliseconds that the server has to tidy up at the end. */
const GRACE = 2000;

/**
 * Hands points to a queue (BullMQ on Redis or Valkey), from which workers on any number of machines take them (see
 * `runQueueWorker`). A point that the server has lost is put in again, and a result that an earlier call has left is taken.
 * @throws SpikevineError where the server does not answer
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
    // One point has one id, so that what lies in the queue already is not put in twice.
    await queue.add("point", toMessage(point), { jobId: point.id });
  };
  const look = async (id: string): Promise<void> => {
    const wanted = awaited.get(id);
    if (wanted === undefined) return;
    // The state comes first: a job that was read before it ended has no result.
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
  /** A refusal (the server is full, or loads its data) is tried again at the next look. */
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
  /** A listener for each point would be a thousand on one signal. */
  const watch = (signal: AbortSignal): void => {
    if (watched.has(signal)) return;
    watched.add(signal);
    signal.addEventListener("abort", () => {
      for (const [id, wanted] of awaited) {
        if (wanted.signal !== signal) continue;
        awaited.delete(id);
        // A point in a worker's hands cannot be removed; its result lies ready for the next call.
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

/** Waits for a server that may be gone no longer than it has to; what it leaves undone is tidied by the next call. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => undefined), over]);
  clearTimeout(timer);
}
