import type { Point } from "./point.js";
import type { PointResult } from "./runner.js";

/** Context of a point function. */
export interface PointContext {
  /** Aborted when the sweep is stopped; later results are dropped. */
  readonly signal: AbortSignal;
  /** Reports progress, a fraction in [0, 1]. */
  report(fraction: number): void;
}

/** Function that computes one point. It runs in a thread and depends on the point alone. */
export type Objective = (point: Point, context: PointContext) => Promise<PointResult> | PointResult;
