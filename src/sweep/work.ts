import { SpikevineError } from "../errors.js";
import type { Point } from "./point.js";
import type { FinishedPoint } from "./point-file.js";
import type { PointResult, Runner } from "./runner.js";

/** A point that has no result, and why. */
export interface FailedPoint extends Point {
  readonly error: Error;
}

export interface WorkProgress {
  readonly finished: number;
  readonly failed: number;
  /** Points under way, and how much of each is done, in [0, 1]. */
  readonly running: ReadonlyMap<Point, number>;
}

interface Listeners {
  onProgress(progress: WorkProgress): void;
  onPoint(ended: FinishedPoint | FailedPoint, progress: WorkProgress): void;
}

/** A result that is there and cannot be kept. */
class CannotKeep extends Error {
  constructor(cause: unknown) {
    super("a result cannot be kept", { cause });
  }
}

/** A point function may be plain JavaScript, and its result has come through a thread. */
function checkResult(result: PointResult | undefined): void {
  const { metrics, curves = {} } = result ?? {};
  if (typeof metrics !== "object" || metrics === null) {
    throw new SpikevineError("sweep: a point gave no metrics; give { metrics: { accuracy: 0.9 } }.");
  }
  for (const [name, value] of [...Object.entries(metrics), ...Object.entries(curves)]) {
    if ([value].flat().every((item) => typeof item === "number")) continue;
    throw new SpikevineError(`sweep: a point gave ${String(value)} as "${name}"; give numbers.`);
  }
}

/** Hands points to a runner, as many at a time as it has slots, and keeps what they come to. */
export class PointWork {
  readonly #runner: Runner;
  readonly #keep: (point: Point, result: PointResult, seconds: number) => Promise<FinishedPoint>;
  readonly #listeners: Listeners;
  readonly #running = new Map<Point, number>();
  readonly #ended: (FinishedPoint | FailedPoint)[] = [];

  constructor(
    runner: Runner,
    keep: (point: Point, result: PointResult, seconds: number) => Promise<FinishedPoint>,
    listeners: Listeners,
  ) {
    this.#runner = runner;
    this.#keep = keep;
    this.#listeners = listeners;
  }

  /**
   * Works until all points have ended or the signal stops it.
   * @throws what keeping a result throws: the sweep stops at the first that cannot be kept
   */
  async run(points: readonly Point[], signal?: AbortSignal): Promise<readonly (FinishedPoint | FailedPoint)[]> {
    const broken = new AbortController();
    const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
    const waiting = points.values();
    // Every slot takes the next point that nobody has taken.
    const slots = Array.from({ length: this.#runner.slots }, async () => {
      for (const point of waiting) {
        if (stop.aborted) return;
        await this.#workOn(point, stop);
      }
    });
    try {
      await Promise.all(slots);
    } catch (error) {
      // A listener has failed, or the disk; the other slots must not go on behind the caller's back.
      broken.abort();
      await Promise.allSettled(slots);
      throw error;
    }
    return this.#ended;
  }

  async #workOn(point: Point, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    this.#tell(point, 0);
    let ended: FinishedPoint | FailedPoint;
    try {
      const result = await this.#runner.start(point, { signal, onProgress: (share) => this.#tell(point, share) });
      // What was stopped half-way may look like a result.
      if (signal.aborted) return;
      checkResult(result);
      const keep = this.#keep(point, result, result.seconds ?? (performance.now() - began) / 1000);
      ended = await keep.catch((error: unknown) => {
        throw new CannotKeep(error);
      });
    } catch (error) {
      // The next result could not be kept either, so nothing is gained by working on.
      if (error instanceof CannotKeep) throw error.cause;
      if (signal.aborted) return;
      ended = { ...point, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      this.#running.delete(point);
    }
    this.#ended.push(ended);
    this.#listeners.onPoint(ended, this.#progress());
  }

  #tell(point: Point, share: number): void {
    this.#running.set(point, share);
    this.#listeners.onProgress(this.#progress());
  }

  #progress(): WorkProgress {
    const failed = this.#ended.filter((ended) => "error" in ended).length;
    return { finished: this.#ended.length - failed, failed, running: this.#running };
  }
}
