import { z } from "zod";
import { SpikevineError } from "../../errors.js";
import { sha256 } from "../../io/sha256.js";
import { type Point, sweepPoint } from "../point.js";
import { pointCurves, pointMetrics, pointSettings } from "../point-file.js";
import type { PointResult } from "../runner.js";

/**
 * What goes through the queue: a point on its way to a worker, its result on the way back. Both are checked like a file from
 * elsewhere; neither is ever run as code.
 */

const pointMessage = z.strictObject({ settings: pointSettings, seed: z.int() });

const resultMessage = z.strictObject({
  metrics: pointMetrics,
  curves: pointCurves.exactOptional(),
  /** Seconds of work, without the time that the point has waited. */
  seconds: z.number().min(0),
});

export const toMessage = ({ settings, seed }: Point): unknown => ({ settings, seed });

/**
 * A point from the queue.
 * @throws SpikevineError where it is not a point, or is not the one that its id names
 */
export function readPoint(message: unknown, id: string | undefined): Point {
  const checked = pointMessage.safeParse(message);
  const point = checked.success ? sweepPoint(checked.data.settings, checked.data.seed) : undefined;
  if (point !== undefined && point.id === id) return point;
  throw new SpikevineError(`queue: "${id}" is not a point of a sweep; remove it from the queue.`);
}

/**
 * A result from the queue.
 * @throws SpikevineError where it is not one
 */
export function readResult(message: unknown, id: string): PointResult & { readonly seconds: number } {
  const checked = resultMessage.safeParse(message);
  if (checked.success) return checked.data;
  throw new SpikevineError(`queue: the result of "${id}" is not one of a point; run a worker of this version.`);
}

/** Hash of the figures of a result. Measured times, whose names end in "seconds", differ between two runs of a point. */
export function figuresHash({ metrics, curves = {} }: PointResult): string {
  const figures = [metrics, curves].map((named) =>
    Object.entries(named)
      .filter(([name]) => !/seconds$/i.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return sha256(JSON.stringify(figures));
}

/** Hash of Redis with the figures' hash of every point that a worker has finished. */
export const figuresKey = (name: string): string => `${name}:spikevine:figures`;

/** Hash of Redis with the points that two workers have finished with different figures. */
export const conflictsKey = (name: string): string => `${name}:spikevine:conflicts`;
