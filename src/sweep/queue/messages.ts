import { z } from "zod";
import { SpikevineError } from "../../errors.js";
import { sha256 } from "../../io/sha256.js";
import { type Point, sweepPoint } from "../point.js";
import { pointCurves, pointMetrics, pointSettings } from "../point-file.js";
import type { PointResult } from "../runner.js";

/**
 * Messages of the queue: a point sent to a worker, and its result. Both are checked like an external file; neither is
 * ever run as code.
 */

const pointMessage = z.strictObject({ settings: pointSettings, seed: z.int() });

const resultMessage = z.strictObject({
  metrics: pointMetrics,
  curves: pointCurves.exactOptional(),
  /** Seconds of work, without the time in the queue. */
  seconds: z.number().min(0),
});

export const toMessage = ({ settings, seed }: Point): unknown => ({ settings, seed });

/**
 * Reads a point from the queue.
 * @throws SpikevineError if it is not a point, or its id does not match
 */
export function readPoint(message: unknown, id: string | undefined): Point {
  const checked = pointMessage.safeParse(message);
  const point = checked.success ? sweepPoint(checked.data.settings, checked.data.seed) : undefined;
  if (point !== undefined && point.id === id) return point;
  throw new SpikevineError(`queue: "${id}" is not a point of a sweep; remove it from the queue.`);
}

/**
 * Reads a result from the queue.
 * @throws SpikevineError if it is not a result
 */
export function readResult(message: unknown, id: string): PointResult & { readonly seconds: number } {
  const checked = resultMessage.safeParse(message);
  if (checked.success) return checked.data;
  throw new SpikevineError(`queue: the result of "${id}" is not one of a point; run a worker of this version.`);
}

/**
 * Hash of the figures of a result. Measured times, whose names end in "seconds", are left out, since they differ
 * between two runs of a point.
 */
export function figuresHash({ metrics, curves = {} }: PointResult): string {
  const figures = [metrics, curves].map((named) =>
    Object.entries(named)
      .filter(([name]) => !/seconds$/i.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return sha256(JSON.stringify(figures));
}

/** Redis hash with the hash of the figures of every point that a worker has finished. */
export const figuresKey = (name: string): string => `${name}:spikevine:figures`;

/** Redis hash with the points that two workers finished with different figures. */
export const conflictsKey = (name: string): string => `${name}:spikevine:conflicts`;
