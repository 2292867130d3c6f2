import { choice, either, fields, flag, number, optional, signature, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { checkEvents, EVENTS, type Events } from "../series/events.js";
import { SENSOR_KIND, type Sensor, sortEvents } from "./changes.js";
import { timeOf } from "./time.js";

/** Division of a recording into frames: exactly one of `window`, `count`, `windows` and `eventBins`. */
export interface FrameOptions {
  readonly sensor: Sensor;
  /** Time of a frame, e.g. "10 ms". */
  readonly window?: string;
  /** Events of a frame. */
  readonly count?: number;
  /** Number of frames of equal time. */
  readonly windows?: number;
  /** Number of frames of equally many events. */
  readonly eventBins?: number;
  /** Overlap of two frames: a time with `window`, events with `count`, else a fraction of a frame. Default: none. */
  readonly overlap?: string | number;
  /** True: the rest of the recording is a frame, too, with `window` and `count`. Default: false. */
  readonly includeIncomplete?: boolean;
  /** Time at which the first frame begins, with `window`. Default: that of the first event. */
  readonly start?: string;
  /** Values of a frame: the number of events, or 1 where there is any. Default: "counts". */
  readonly as?: "counts" | "bits";
}

/** Frames of a recording. */
export interface EventFrames {
  readonly shape: readonly [frames: number, polarities: number, height: number, width: number];
  /** `[frames, polarities, height, width]`; a count stops at 65,535. */
  readonly data: Uint16Array;
}

const check = signature("eventFrames", {
  events: EVENTS,
  options: fields<FrameOptions>(
    {
      sensor: SENSOR_KIND,
      window: optional(text('a time, e.g. "10 ms"')),
      count: optional(whole(1)),
      windows: optional(whole(1)),
      eventBins: optional(whole(1)),
      overlap: optional(either(text('a time, e.g. "1 ms"'), number({ least: 0 }))),
      includeIncomplete: optional(flag),
      start: optional(text('a time, e.g. "0 ms"')),
      as: optional(choice(["counts", "bits"])),
    },
    { root: "options" },
  ),
});

const DIVISIONS = ["window", "count", "windows", "eventBins"] as const;
/** Most values of all frames: 4 GiB. */
const MOST_VALUES = 2 ** 31;

/** Events from one index up to, but not including, another. */
type Slice = readonly [from: number, to: number];

/**
 * Frames of a recording by time or by number of events, as tonic makes them: a frame by time has the events from its start up
 * to, but not including, its end.
 * @throws SpikevineError for several divisions, an overlap of whole frames, an event outside the sensor, or frames beyond 4 GiB.
 * Source: tonic 1.6, ToFrame.
 */
export function eventFrames(given: Events, options: FrameOptions): EventFrames {
  check([given, options]);
  const { sensor, as = "counts" } = options;
  const wanted = DIVISIONS.filter((name) => options[name] !== undefined);
  if (wanted.length !== 1) {
    throw new SpikevineError(
      `eventFrames: ${wanted.length === 0 ? "no division is given" : `${wanted.join(" and ")} are given`}; give one of ${DIVISIONS.join(", ")}.`,
    );
  }
  checkEvents(given, sensor, "events");
  const { x, y, p, t } = sortEvents(given);
  const frameSize = sensor[0] * sensor[1] * sensor[2];
  const slices = t.length === 0 ? [] : slicesOf(t, options, Math.floor(MOST_VALUES / frameSize));
  const data = new Uint16Array(slices.length * frameSize);
  slices.forEach(([from, to], frame) => {
    for (let i = from; i < to; i++) {
      const at = ((frame * sensor[0] + (p?.[i] ?? 0)) * sensor[1] + (y?.[i] ?? 0)) * sensor[2] + x[i]!;
      data[at] = as === "bits" ? 1 : Math.min(data[at]! + 1, 0xffff);
    }
  });
  return { shape: [slices.length, ...sensor], data };
}

/** @param most most frames that fit the memory */
function slicesOf(t: Events["t"], options: FrameOptions, most: number): Slice[] {
  const { window, count, windows, eventBins, overlap = 0, includeIncomplete = false } = options;
  const [first, last, events] = [t[0]!, t[t.length - 1]!, t.length];
  const round = includeIncomplete ? Math.ceil : Math.floor;
  const asked = (frames: number): number => {
    if (frames <= most) return frames;
    throw new SpikevineError(`eventFrames: the recording has ${frames} frames, more than ${most}; give longer ones.`);
  };
  if (window !== undefined) {
    const length = lengthOf("window", window);
    const stride = length - (typeof overlap === "string" ? timeOf("eventFrames: overlap", overlap) : noTime(overlap));
    checkStride(stride, overlap);
    const start = options.start === undefined ? first : timeOf("eventFrames: start", options.start);
    const frames = asked(Math.max(1, round((last - start - length) / stride) + 1));
    return byTime(t, frames, start, stride, length);
  }
  if (typeof overlap === "string") {
    throw new SpikevineError(`eventFrames: overlap is "${overlap}", but frames are not by time; give a number.`);
  }
  if (count !== undefined) {
    const stride = count - overlap;
    checkStride(stride, overlap);
    const size = Math.min(count, events);
    const frames = asked(round((events - size) / stride) + 1);
    return byIndex(events, frames, stride, size);
  }
  if (overlap >= 1) throw overlapping(overlap);
  if (windows !== undefined) {
    const length = Math.floor((last - first) / windows) * (1 + overlap);
    return byTime(t, asked(windows), first, length * (1 - overlap), length);
  }
  const size = Math.floor(Math.floor(events / eventBins!) * (1 + overlap));
  return byIndex(events, asked(eventBins!), Math.floor(size * (1 - overlap)), size);
}

function lengthOf(name: string, given: string): number {
  const found = timeOf(`eventFrames: ${name}`, given);
  if (found > 0) return found;
  throw new SpikevineError(`eventFrames: ${name} is ${given}; give a time above 0, e.g. "10 ms".`);
}

function noTime(overlap: number): number {
  if (overlap === 0) return 0;
  throw new SpikevineError(`eventFrames: overlap is ${overlap}; give a time with window, e.g. "1 ms".`);
}

const overlapping = (overlap: string | number): SpikevineError =>
  new SpikevineError(`eventFrames: overlap is ${overlap}, not less than a frame; give a shorter one.`);

function checkStride(stride: number, overlap: string | number): void {
  if (!(stride > 0)) throw overlapping(overlap);
}

const byTime = (t: Events["t"], frames: number, start: number, stride: number, length: number): Slice[] =>
  Array.from({ length: frames }, (_, i) => [firstAt(t, start + i * stride), firstAt(t, start + i * stride + length)]);

const byIndex = (events: number, frames: number, stride: number, size: number): Slice[] =>
  Array.from({ length: frames }, (_, i) => {
    const from = Math.floor(i * stride);
    return [from, Math.min(from + size, events)];
  });

/** Index of the first event at or after a time. */
function firstAt(t: Events["t"], time: number): number {
  let [low, high] = [0, t.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (t[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
