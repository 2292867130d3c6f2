import { either, fields, number, optional, signature, tuple, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { drawUniform, rowKey, STREAM } from "../../random/counter.js";
import { drawNormal } from "../../random/normal.js";
import { SEED } from "../../random/seed.js";
import { EVENTS, type Events } from "../series/events.js";
import { keepEvents, SENSOR_KIND, type Sensor } from "./changes.js";

/** Random draws of this file are keyed by the seed and the function. */
const CROP = 1;
const JITTER = 2;
const FLIP = 3;

const SIZE = tuple(whole(1), whole(1));

interface CropOptions {
  readonly sensor: Sensor;
  /** Height and width of the part that is kept. */
  readonly size: readonly [height: number, width: number];
}

const checkCenter = signature("centerCrop", {
  events: EVENTS,
  options: fields<CropOptions>({ sensor: SENSOR_KIND, size: SIZE }, { root: "options" }),
});

/**
 * The events in the middle of the sensor, with the part's own rows and columns.
 * @throws SpikevineError if the part is larger than the sensor.
 * Source: tonic 1.6, CenterCrop.
 */
export function centerCrop(events: Events, options: CropOptions): Events {
  checkCenter([events, options]);
  const [rows, columns] = spareOf("centerCrop", options);
  return crop(events, Math.floor(columns / 2), Math.floor(rows / 2), options.size);
}

const checkRandom = signature("randomCrop", {
  events: EVENTS,
  options: fields<CropOptions & { readonly seed: number }>(
    { sensor: SENSOR_KIND, size: SIZE, seed: SEED },
    { root: "options" },
  ),
});

/** The events in a part of the sensor, whose place is drawn. Otherwise as `centerCrop`. Source: tonic 1.6, RandomCrop. */
export function randomCrop(events: Events, options: CropOptions & { readonly seed: number }): Events {
  checkRandom([events, options]);
  const [rows, columns] = spareOf("randomCrop", options);
  const key = rowKey(options.seed, STREAM.events, CROP);
  const place = (spare: number, draw: number): number => Math.floor(drawUniform(key, draw) * (spare + 1));
  return crop(events, place(columns, 0), place(rows, 1), options.size);
}

function spareOf(where: string, { sensor: [, height, width], size }: CropOptions): [rows: number, columns: number] {
  const spare: [number, number] = [height - size[0], width - size[1]];
  if (spare[0] >= 0 && spare[1] >= 0) return spare;
  throw new SpikevineError(
    `${where}: size is [${size.join(", ")}], but the sensor has ${height} rows and ${width} columns; give at most that.`,
  );
}

function crop(events: Events, left: number, top: number, [height, width]: CropOptions["size"]): Events {
  const { x, y } = events;
  const kept = keepEvents(events, (i) => {
    const [column, row] = [x[i]! - left, (y?.[i] ?? 0) - top];
    return column >= 0 && column < width && row >= 0 && row < height;
  });
  return {
    ...kept,
    x: kept.x.map((one) => one - left),
    ...(kept.y === undefined ? {} : { y: kept.y.map((one) => one - top) }),
  };
}

interface DownsampleOptions {
  /** Factor of rows and columns, or one for each: 0.5 makes one pixel of two by two. */
  readonly space: number | readonly [height: number, width: number];
}

const FACTOR = number({ above: 0, most: 1 });
const checkDownsample = signature("downsampleEvents", {
  events: EVENTS,
  options: fields<DownsampleOptions>({ space: either(FACTOR, tuple(FACTOR, FACTOR)) }, { root: "options" }),
});

/**
 * The events on a sensor with fewer pixels: rows and columns are multiplied and rounded down. No event is dropped.
 * Source: tonic 1.6, Downsample.
 */
export function downsampleEvents(events: Events, options: DownsampleOptions): Events {
  checkDownsample([events, options]);
  const { space } = options;
  const [rows, columns] = typeof space === "number" ? [space, space] : space;
  return {
    ...events,
    x: events.x.map((one) => Math.floor(one * columns)),
    ...(events.y === undefined ? {} : { y: events.y.map((one) => Math.floor(one * rows)) }),
  };
}

interface FlipOptions {
  readonly sensor: Sensor;
  /** Probability of the flip of the whole recording. Default: 1. */
  readonly probability?: number;
  /** Default: 1. */
  readonly seed?: number;
}

const FLIP_OPTIONS = { probability: optional(number({ least: 0, most: 1 })), seed: optional(SEED) };
const checkX = signature("flipLeftRight", {
  events: EVENTS,
  options: fields<FlipOptions>({ sensor: SENSOR_KIND, ...FLIP_OPTIONS }, { root: "options" }),
});
const checkY = signature("flipUpDown", {
  events: EVENTS,
  options: fields<FlipOptions>({ sensor: SENSOR_KIND, ...FLIP_OPTIONS }, { root: "options" }),
});
const checkP = signature("flipPolarity", {
  events: EVENTS,
  options: optional(fields<Omit<FlipOptions, "sensor">>(FLIP_OPTIONS, { root: "options" })),
});

const isFlipped = ({ probability = 1, seed = 1 }: Omit<FlipOptions, "sensor">, purpose: number): boolean =>
  drawUniform(rowKey(seed, STREAM.events, FLIP), purpose) < probability;

/** Mirrors the columns: x becomes width - 1 - x. Source: tonic 1.6, RandomFlipLR. */
export function flipLeftRight(events: Events, options: FlipOptions): Events {
  checkX([events, options]);
  const last = options.sensor[2] - 1;
  return isFlipped(options, 0) ? { ...events, x: events.x.map((one) => last - one) } : events;
}

/** Mirrors the rows: y becomes height - 1 - y. Source: tonic 1.6, RandomFlipUD. */
export function flipUpDown(events: Events, options: FlipOptions): Events {
  checkY([events, options]);
  const last = options.sensor[1] - 1;
  const { y } = events;
  return y !== undefined && isFlipped(options, 1) ? { ...events, y: y.map((one) => last - one) } : events;
}

/** Swaps the polarities 0 and 1. Source: tonic 1.6, RandomFlipPolarity. */
export function flipPolarity(events: Events, options: Omit<FlipOptions, "sensor"> = {}): Events {
  checkP([events, options]);
  const { p } = events;
  return p !== undefined && isFlipped(options, 2) ? { ...events, p: p.map((one) => (one === 0 ? 1 : 0)) } : events;
}

const checkMerge = signature("mergePolarities", { events: EVENTS });

/** Gives all events the polarity 0, for a sensor of one polarity. Source: tonic 1.6, MergePolarities. */
export function mergePolarities(events: Events): Events {
  checkMerge([events]);
  const { p: _, ...rest } = events;
  return rest;
}

interface SpatialJitterOptions {
  readonly sensor: Sensor;
  /** Standard deviation of the shift in pixels, or one for rows and one for columns. */
  readonly deviation: number | readonly [rows: number, columns: number];
  readonly seed: number;
}

const DEVIATION = number({ least: 0 });
const checkJitter = signature("spatialJitter", {
  events: EVENTS,
  options: fields<SpatialJitterOptions>(
    { sensor: SENSOR_KIND, deviation: either(DEVIATION, tuple(DEVIATION, DEVIATION)), seed: SEED },
    { root: "options" },
  ),
});

/**
 * Shifts every event by a normally distributed number of pixels, rounded. Events that leave the sensor are dropped.
 * Source: tonic 1.6, SpatialJitter with clip_outliers; tonic rounds towards zero.
 */
export function spatialJitter(events: Events, options: SpatialJitterOptions): Events {
  checkJitter([events, options]);
  const { sensor, deviation, seed } = options;
  const [, height, width] = sensor;
  const [rows, columns] = typeof deviation === "number" ? [deviation, deviation] : deviation;
  const key = rowKey(seed, STREAM.events, JITTER);
  const xs = Float64Array.from(events.x, (one, i) => Math.round(one + columns * drawNormal(key, 2 * i)));
  const ys = Float64Array.from(events.x, (_, i) =>
    Math.round((events.y?.[i] ?? 0) + (height === 1 ? 0 : rows * drawNormal(key, 2 * i + 1))),
  );
  const isInside = (i: number): boolean => xs[i]! >= 0 && xs[i]! < width && ys[i]! >= 0 && ys[i]! < height;
  const moved = keepEvents(
    { ...events, x: Uint16Array.from(xs), ...(events.y === undefined ? {} : { y: Uint16Array.from(ys) }) },
    isInside,
  );
  return moved;
}
