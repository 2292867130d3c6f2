import { SpikevineError } from "../errors.js";
import type { Point } from "./point.js";
import type { FinishedPoint } from "./point-file.js";
import type { PointResult, Runner } from "./runner.js";

/** A point without a result, and the reason. */
export interface FailedPoint extends Point {
  readonly error: Error;
}

export interface WorkProgress {
  readonly finished: number;
  readonly failed: number;
  /** Current points and the fraction of each that is done, in [0, 1]. */
  readonly running: ReadonlyMap<Point, number>;
}

interface Listeners {
  onProgress(progress: WorkProgress): void;
  onPoint(ended: FinishedPoint | FailedPoint, progress: WorkProgress): void;
}

/** A result that cannot be saved. */
class CannotKeep extends Error {
  constructor(cause: unknown) {
    super("a result cannot be saved", { cause });
  }
}

/** A point function may be plain JavaScript, and its result was sent by a thread. */
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

/** Passes points to a runner, as many at a time as it has slots, and saves the results. */
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
   * Runs until all points have ended or the signal stops it.
   * @throws any error of saving a result: the sweep stops at the first
   */
  async run(points: readonly Point[], signal?: AbortSignal): Promise<readonly (FinishedPoint | FailedPoint)[]> {
    const broken = new AbortController();
    const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
    const waiting = points.values();
    // Every slot claims the next unclaimed point.
    const slots = Array.from({ length: this.#runner.slots }, async () => {
      for (const point of waiting) {
        if (stop.aborted) return;
        await this.#workOn(point, stop);
      }
    });
    try {
      await Promise.all(slots);
    } catch (error) {
      // A listener or the disk has failed; the other slots must not continue after the caller has the error.
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
      const result = await this.#runner.start(point, { signal, onProgress: (fraction) => this.#tell(point, fraction) });
      // The output of a stopped point may look like a result.
      if (signal.aborted) return;
      checkResult(result);
      const keep = this.#keep(point, result, result.seconds ?? (performance.now() - began) / 1000);
      ended = await keep.catch((error: unknown) => {
        throw new CannotKeep(error);
      });
    } catch (error) {
      // The next result could not be saved either, so it is useless to continue.
      if (error instanceof CannotKeep) throw error.cause;
      if (signal.aborted) return;
      ended = { ...point, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      this.#running.delete(point);
    }
    this.#ended.push(ended);
    this.#listeners.onPoint(ended, this.#progress());
  }

  #tell(point: Point, fraction: number): void {
    this.#running.set(point, fraction);
    this.#listeners.onProgress(this.#progress());
  }

  #progress(): WorkProgress {
    const failed = this.#ended.filter((ended) => "error" in ended).length;
    return { finished: this.#ended.length - failed, failed, running: this.#running };
  }
}
