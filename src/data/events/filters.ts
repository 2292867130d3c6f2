import { fields, number, signature, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { drawBits, rowKey, STREAM } from "../../random/counter.js";
import { SEED } from "../../random/seed.js";
import { EVENTS, type Events } from "../series/events.js";
import { keepEvents, sortEvents } from "./changes.js";
import { timeOf } from "./time.js";

const DROP = 5;
const TIME = text('a time above 0, e.g. "10 ms"');

interface DenoiseOptions {
  /** Longest time between an event and one of a neighbor, e.g. "10 ms". */
  readonly within: string;
}

const checkDenoise = signature("denoise", {
  events: EVENTS,
  options: fields<DenoiseOptions>({ within: TIME }, { root: "options" }),
});

/**
 * The events that are not alone: one of the four neighbors of their pixel had an event less than `within` before, of either
 * polarity. Events are sorted by time.
 * Source: tonic 1.6, Denoise, whose filter passes the events of the first `within` next to pixels without any event.
 */
export function denoise(events: Events, options: DenoiseOptions): Events {
  checkDenoise([events, options]);
  const within = positive("denoise: within", options.within);
  const sorted = sortEvents(events);
  const last = new Map<number, number>();
  const { x, y, t } = sorted;
  return keepEvents(sorted, (i) => {
    const [column, row] = [x[i]!, y?.[i] ?? 0];
    last.set(row * 2 ** 17 + column, t[i]!);
    const isNear = (u: number, v: number): boolean => {
      const before = u < 0 || v < 0 ? undefined : last.get(v * 2 ** 17 + u);
      return before !== undefined && t[i]! - before < within;
    };
    return isNear(column - 1, row) || isNear(column + 1, row) || isNear(column, row - 1) || isNear(column, row + 1);
  });
}

interface RefractoryOptions {
  /** Time after an event of a pixel in which its next one is dropped, e.g. "1 ms". */
  readonly period: string;
}

const checkRefractory = signature("refractoryPeriod", {
  events: EVENTS,
  options: fields<RefractoryOptions>({ period: TIME }, { root: "options" }),
});

/**
 * The events that come more than `period` after the last event of their pixel, of either polarity, whether that was kept or not. Events
 * are sorted by time.
 * Source: tonic 1.6, RefractoryPeriod, which drops an event at time 0 as well.
 */
export function refractoryPeriod(events: Events, options: RefractoryOptions): Events {
  checkRefractory([events, options]);
  const period = positive("refractoryPeriod: period", options.period);
  const sorted = sortEvents(events);
  const last = new Map<number, number>();
  return keepEvents(sorted, (i) => {
    const pixel = (sorted.y?.[i] ?? 0) * 2 ** 17 + sorted.x[i]!;
    const before = last.get(pixel);
    last.set(pixel, sorted.t[i]!);
    return before === undefined || sorted.t[i]! - before > period;
  });
}

interface DropOptions {
  /** Fraction of the events that is dropped, from 0 to 1; rounded to whole events. */
  readonly fraction: number;
  readonly seed: number;
}

const checkDrop = signature("dropEvents", {
  events: EVENTS,
  options: fields<DropOptions>({ fraction: number({ least: 0, most: 1 }), seed: SEED }, { root: "options" }),
});

/** Drops events at random. Source: tonic 1.6, DropEvent. */
export function dropEvents(events: Events, options: DropOptions): Events {
  checkDrop([events, options]);
  const key = rowKey(options.seed, STREAM.events, DROP);
  const draws = Array.from(events.t, (_, i) => ({ i, bits: drawBits(key, i) })).sort(
    (a, b) => a.bits - b.bits || a.i - b.i,
  );
  const dropped = new Set(draws.slice(0, Math.floor(options.fraction * draws.length + 0.5)).map(({ i }) => i));
  return keepEvents(events, (i) => !dropped.has(i));
}

interface DropPixelsOptions {
  /** Fraction of the pixels that are silent, from 0 to 1: the probability of every pixel. */
  readonly fraction: number;
  readonly seed: number;
}

const checkPixels = signature("dropPixels", {
  events: EVENTS,
  options: fields<DropPixelsOptions>({ fraction: number({ least: 0, most: 1 }), seed: SEED }, { root: "options" }),
});

/** Drops all events of some pixels. Which ones, depends on the seed only. Source: tonic 1.6, RandomDropPixel. */
export function dropPixels(events: Events, options: DropPixelsOptions): Events {
  checkPixels([events, options]);
  const key = rowKey(options.seed, STREAM.events, DROP + 1);
  const bound = options.fraction * 2 ** 32;
  return keepEvents(events, (i) => drawBits(key, (events.y?.[i] ?? 0) * 2 ** 16 + events.x[i]!) >= bound);
}

interface DecimateOptions {
  /** One of so many events is kept. */
  readonly every: number;
}

const checkDecimate = signature("decimateEvents", {
  events: EVENTS,
  options: fields<DecimateOptions>({ every: whole(1) }, { root: "options" }),
});

/** Every n-th event of each pixel, of either polarity, in the order of time. Source: tonic 1.6, Decimation. */
export function decimateEvents(events: Events, options: DecimateOptions): Events {
  checkDecimate([events, options]);
  const sorted = sortEvents(events);
  const counts = new Map<number, number>();
  return keepEvents(sorted, (i) => {
    const pixel = (sorted.y?.[i] ?? 0) * 2 ** 17 + sorted.x[i]!;
    const count = (counts.get(pixel) ?? 0) + 1;
    counts.set(pixel, count % options.every);
    return count === options.every;
  });
}

function positive(where: string, given: string): number {
  const found = timeOf(where, given);
  if (found > 0) return found;
  throw new SpikevineError(`${where} is ${given}; give a time above 0, e.g. "10 ms".`);
}
