import type { Point } from "./point.js";
import type { PointResult } from "./runner.js";

/** By this a thread knows that it is one of a sweep. */
export const POINT_WORKER = "works on points of a sweep";

/** What a thread is started with. */
export interface PointWorkerStart {
  readonly role: typeof POINT_WORKER;
  readonly module: string;
  readonly run: string;
}

/** What a thread is told: to work on a point, or that the sweep is stopped. */
export type PointWorkerRequest = { readonly point: Point } | { readonly abort: true };

/** What a thread says. */
export type PointWorkerMessage =
  | { readonly share: number }
  | { readonly result: PointResult }
  /** @property isOurs whether it is an error that a person can cause */
  | { readonly failure: string; readonly isOurs: boolean };
