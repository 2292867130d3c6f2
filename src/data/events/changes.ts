import { SpikevineError } from "../../errors.js";
import type { Events } from "../series/events.js";
import { SENSOR } from "../series/rows.js";

/** Polarities, rows (y) and columns (x) of a sensor. */
export type Sensor = readonly [polarities: number, height: number, width: number];

export const SENSOR_KIND = SENSOR;

/** The events of a recording that are kept, in their order. */
export function keepEvents({ x, y, p, t }: Events, isKept: (index: number) => boolean): Events {
  const kept: number[] = [];
  for (let i = 0; i < t.length; i++) if (isKept(i)) kept.push(i);
  return pickEvents({ x, ...(y ? { y } : {}), ...(p ? { p } : {}), t }, kept);
}

/** The events with these indices, in this order. */
export function pickEvents({ x, y, p, t }: Events, indices: readonly number[]): Events {
  return {
    x: Uint16Array.from(indices, (i) => x[i]!),
    ...(y === undefined ? {} : { y: Uint16Array.from(indices, (i) => y[i]!) }),
    ...(p === undefined ? {} : { p: Uint8Array.from(indices, (i) => p[i]!) }),
    t: t instanceof Uint32Array ? Uint32Array.from(indices, (i) => t[i]!) : Float64Array.from(indices, (i) => t[i]!),
  };
}

/** A recording with its events in the order of their times; events of one time keep their order. */
export function sortEvents(events: Events): Events {
  const { t } = events;
  let isSorted = true;
  for (let i = 1; i < t.length && isSorted; i++) isSorted = t[i - 1]! <= t[i]!;
  if (isSorted) return events;
  return pickEvents(
    events,
    Array.from(t, (_, i) => i).sort((a, b) => t[a]! - t[b]! || a - b),
  );
}

/**
 * The same events at other times.
 * @param time microseconds of an event, by its index
 * @throws SpikevineError for a time that is negative
 */
export function retimed(where: string, events: Events, time: (index: number) => number): Events {
  const t = Float64Array.from(events.t, (_, i) => time(i));
  const early = t.findIndex((one) => !(one >= 0));
  if (early < 0) return { ...events, t };
  throw new SpikevineError(
    `${where}: event ${early} would be at ${t[early]} us; give values that keep times at 0 or above.`,
  );
}
