import type { Point } from "./point.js";
import type { PointResult } from "./runner.js";

/** Marker by which a thread recognizes that it belongs to a sweep. */
export const POINT_WORKER = "works on points of a sweep";

/** Data that a thread is started with. */
export interface PointWorkerStart {
  readonly role: typeof POINT_WORKER;
  readonly module: string;
  readonly run: string;
}

/** Request to a thread: run a point, or stop the sweep. */
export type PointWorkerRequest = { readonly point: Point } | { readonly abort: true };

/** Message of a thread. */
export type PointWorkerMessage =
  | { readonly fraction: number }
  | { readonly result: PointResult }
  /** @property isOurs true for an error that a person can cause */
  | { readonly failure: string; readonly isOurs: boolean };
