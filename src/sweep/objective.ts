import type { Point } from "./point.js";
import type { PointResult } from "./runner.js";

/** What a point function gets besides its point. */
export interface PointContext {
  /** Aborted when the sweep is stopped; what is returned after that is dropped. */
  readonly signal: AbortSignal;
  /** Says how much is done, in [0, 1]. */
  report(share: number): void;
}

/** The work of one point; it runs in a thread and depends on the point alone. */
export type Objective = (point: Point, context: PointContext) => Promise<PointResult> | PointResult;
