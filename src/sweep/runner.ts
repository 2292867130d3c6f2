import type { Point } from "./point.js";

/** Result of a point. A figure that is not a finite number is saved as "not a number". */
export interface PointResult {
  readonly metrics: Readonly<Record<string, number>>;
  /** Figures over epochs, steps or another counter of the point. */
  readonly curves?: Readonly<Record<string, readonly number[]>>;
  /** Seconds of work, if the point waited in a queue. Default: the time from its start to its end. */
  readonly seconds?: number;
}

export interface PointOptions {
  /** Aborted when the sweep is stopped. Later results are dropped, and the point runs again in the next call. */
  readonly signal: AbortSignal;
  /** @param fraction of the point that is done, in [0, 1] */
  onProgress(fraction: number): void;
}

/** Runs points: in threads of this process, or through a queue shared by several machines. */
export interface Runner {
  /** Number of points that run at the same time. */
  readonly slots: number;
  /** Runs a point. A rejected promise is the failure of that point alone. */
  start(point: Point, options: PointOptions): Promise<PointResult>;
  /** Releases resources; called once, when no point is running. */
  close(): Promise<void>;
}
