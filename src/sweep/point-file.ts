import { z } from "zod";
import { SpikevineError } from "../errors.js";
import { parseJson } from "../io/formats/json.js";
import { sha256 } from "../io/sha256.js";
import type { Point } from "./point.js";
import type { PointResult } from "./runner.js";

/**
 * The file of a finished point: `{ "sha256": ..., "finished": ... }`. The hash covers the second field as
 * `JSON.stringify` writes it, so that any flipped bit is detected.
 */

/** JSON has no NaN, so a figure that is not a number is null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const plain = z.union([z.string(), z.number()]);

export const pointSettings = z.record(z.string(), z.union([plain, z.boolean(), z.null(), z.array(plain).readonly()]));
export const pointMetrics = z.record(z.string(), figure);
export const pointCurves = z.record(z.string(), z.array(figure));

const finishedPoint = z.strictObject({
  format: z.literal("spikevine sweep point"),
  version: z.literal(1),
  id: z.string(),
  settings: pointSettings,
  seed: z.int(),
  metrics: pointMetrics,
  curves: pointCurves,
  /** Duration in seconds. */
  seconds: z.number().min(0),
});

/** A point with its result. */
export type FinishedPoint = Omit<z.output<typeof finishedPoint>, "format" | "version">;

/** The text of a point's file. */
export function serializePoint({ id, settings, seed }: Point, result: PointResult, seconds: number): string {
  const { metrics, curves = {} } = result;
  const content = { format: "spikevine sweep point", version: 1, id, settings, seed, metrics, curves, seconds };
  return `${JSON.stringify({ sha256: sha256(JSON.stringify(content)), finished: content }, null, 2)}\n`;
}

/**
 * Reads a point's file.
 * @param name the file's name, for messages
 * @throws SpikevineError if it is damaged or belongs to another point
 */
export function parsePoint(text: string, name: string, expected: Point): FinishedPoint {
  const finished = readPoint(text, name);
  if (finished.id !== expected.id) throw unusable(name, `is the result of point ${finished.id}`);
  return finished;
}

const unusable = (name: string, what: string): SpikevineError =>
  new SpikevineError(`sweep: "${name}" ${what}; the point runs again.`);

/**
 * Reads the file of any point.
 * @throws SpikevineError if it is damaged
 */
export function readPoint(text: string, name: string): FinishedPoint {
  const fail = (what: string): SpikevineError => unusable(name, what);
  const file = parseJson(text, fail) as { sha256?: unknown; finished?: unknown } | null;
  if (file?.finished === undefined || file.sha256 !== sha256(JSON.stringify(file.finished))) {
    throw fail("is damaged (its checksum differs)");
  }
  const checked = finishedPoint.safeParse(file.finished);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw fail(`is not a point of this version (${path.join(".") || "the whole"}: ${message})`);
  }
  const { format, version, ...finished } = checked.data;
  return finished;
}
