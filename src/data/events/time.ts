import { fields, number, optional, signature, text } from "../../arguments/index.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { rowKey, STREAM } from "../../random/counter.js";
import { drawNormal } from "../../random/normal.js";
import { SEED } from "../../random/seed.js";
import { EVENTS, type Events } from "../series/events.js";
import { keepEvents, retimed, sortEvents } from "./changes.js";

const JITTER = 4;

/** A time in microseconds, without the rounding of the conversion from ms. */
export const timeOf = (where: string, given: string): number =>
  Number((1000 * quantity(where, given, "ms")).toPrecision(12));

interface CropTimeOptions {
  /** First time that is kept. Default: "0 ms". */
  readonly from?: string;
  /** Last time that is kept, e.g. "100 ms". Default: the end. */
  readonly to?: string;
}

const TIME = text('a time, e.g. "10 ms"');
const checkCrop = signature("cropTime", {
  events: EVENTS,
  options: fields<CropTimeOptions>({ from: optional(TIME), to: optional(TIME) }, { root: "options" }),
});

/** The events from one time to another, both included. Their times stay. Source: tonic 1.6, CropTime. */
export function cropTime(events: Events, options: CropTimeOptions): Events {
  checkCrop([events, options]);
  const from = timeOf("cropTime: from", options.from ?? "0 ms");
  const to = options.to === undefined ? Number.POSITIVE_INFINITY : timeOf("cropTime: to", options.to);
  return keepEvents(events, (i) => events.t[i]! >= from && events.t[i]! <= to);
}

const checkAlign = signature("alignTime", { events: EVENTS });

/** The events with the earliest at time 0. Source: tonic 1.6, TimeAlignment. */
export function alignTime(events: Events): Events {
  checkAlign([events]);
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < events.t.length; i++) first = Math.min(first, events.t[i]!);
  return events.t.length === 0 ? events : { ...events, t: events.t.map((one) => one - first) };
}

interface TimeSkewOptions {
  /** Factor of all times. */
  readonly factor: number;
  /** Time that is added then. Default: "0 ms". */
  readonly offset?: string;
}

const checkSkew = signature("timeSkew", {
  events: EVENTS,
  options: fields<TimeSkewOptions>({ factor: number({ least: 0 }), offset: optional(TIME) }, { root: "options" }),
});

/**
 * Stretches and shifts all times: t becomes factor * t + offset.
 * @throws SpikevineError if a time would be negative.
 * Source: tonic 1.6, TimeSkew.
 */
export function timeSkew(events: Events, options: TimeSkewOptions): Events {
  checkSkew([events, options]);
  const offset = timeOf("timeSkew: offset", options.offset ?? "0 ms");
  return retimed("timeSkew", events, (i) => events.t[i]! * options.factor + offset);
}

interface TimeJitterOptions {
  /** Standard deviation of the shift, e.g. "1 ms". */
  readonly deviation: string;
  readonly seed: number;
}

const checkJitter = signature("timeJitter", {
  events: EVENTS,
  options: fields<TimeJitterOptions>({ deviation: TIME, seed: SEED }, { root: "options" }),
});

/**
 * Shifts every event by a normally distributed time, rounded to microseconds. Events before time 0 are dropped, and the rest is sorted.
 * Source: tonic 1.6, TimeJitter with clip_negative and sort_timestamps.
 */
export function timeJitter(events: Events, options: TimeJitterOptions): Events {
  checkJitter([events, options]);
  const deviation = timeOf("timeJitter: deviation", options.deviation);
  if (!(deviation >= 0)) {
    throw new SpikevineError(`timeJitter: deviation is ${options.deviation}; give a time of at least 0.`);
  }
  const key = rowKey(options.seed, STREAM.events, JITTER);
  const t = Float64Array.from(events.t, (one, i) => Math.round(one + deviation * drawNormal(key, i)));
  return sortEvents(keepEvents({ ...events, t }, (i) => t[i]! >= 0));
}
