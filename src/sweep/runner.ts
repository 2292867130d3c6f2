import type { Point } from "./point.js";

/** What a point came to. A figure that is not a finite number is kept as "not a number". */
export interface PointResult {
  readonly metrics: Readonly<Record<string, number>>;
  /** Figures over epochs, steps or whatever the point counts. */
  readonly curves?: Readonly<Record<string, readonly number[]>>;
  /** Seconds of work, where the point has waited in a queue. Default: the time from its start to its end. */
  readonly seconds?: number;
}

export interface PointOptions {
  /** Aborted when the sweep is stopped. What a point gives after that is dropped, and the point runs anew in the next call. */
  readonly signal: AbortSignal;
  /** @param share how much of the point is done, in [0, 1] */
  onProgress(share: number): void;
}

/** Where points are worked on: threads of this process, or a queue that several machines take from. */
export interface Runner {
  /** Points that it works on at the same time. */
  readonly slots: number;
  /** Works on a point. A promise that rejects is the failure of that point alone. */
  start(point: Point, options: PointOptions): Promise<PointResult>;
  /** Gives back what it holds; called once, when no point is under way. */
  close(): Promise<void>;
}
