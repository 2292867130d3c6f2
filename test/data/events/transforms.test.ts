import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  alignTime,
  centerCrop,
  cropTime,
  decimateEvents,
  denoise,
  downsampleEvents,
  dropEvents,
  dropPixels,
  type Events,
  eventFrames,
  type FrameOptions,
  flipLeftRight,
  flipPolarity,
  flipUpDown,
  mergePolarities,
  randomCrop,
  refractoryPeriod,
  spatialJitter,
  timeJitter,
  timeSkew,
} from "#spikevine/src/data/index";

type Columns = Record<"x" | "y" | "t" | "p", number[]>;
interface Sparse {
  readonly shape: readonly number[];
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** Results of tonic's own functions: see fixtures/make-tonic-events.py. */
const tonic = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/tonic-events.json"), "utf8")) as Record<
  "events" | "denoise" | "refractory" | "decimate" | "skew" | "downsample" | "crop",
  Columns
> & { readonly sensor: [number, number, number]; readonly frames: Readonly<Record<string, Sparse>> };

const { sensor } = tonic;
const given: Events = {
  x: Uint16Array.from(tonic.events.x),
  y: Uint16Array.from(tonic.events.y),
  p: Uint8Array.from(tonic.events.p),
  t: Uint32Array.from(tonic.events.t),
};
const columns = ({ x, y, p, t }: Events): Columns => ({ x: [...x], y: [...y!], t: [...t], p: [...p!] });

describe("transforms of events", () => {
  it.each<[keyof typeof tonic, () => Events]>([
    ["denoise", () => denoise(given, { within: "3 ms" })],
    ["refractory", () => refractoryPeriod(given, { period: "15 ms" })],
    ["decimate", () => decimateEvents(given, { every: 3 })],
    ["skew", () => timeSkew(given, { factor: 2, offset: "0.5 ms" })],
    ["downsample", () => downsampleEvents(given, { space: [0.25, 0.5] })],
    ["crop", () => centerCrop(given, { sensor, size: [6, 5] })],
  ])("%s has tonic's values, and leaves its input as it is", (name, transform) => {
    const before = columns(given);
    expect(columns(transform())).toEqual(tonic[name]);
    expect(columns(given)).toEqual(before);
  });

  it.each<[string, Partial<FrameOptions>]>([
    ["window", { window: "10 ms" }],
    ["overlap", { window: "10 ms", overlap: "4 ms" }],
    ["incomplete", { window: "17 ms", includeIncomplete: true }],
    ["start", { window: "15 ms", start: "0 ms" }],
    ["count", { count: 70 }],
    ["countOverlap", { count: 70, overlap: 20, includeIncomplete: true }],
    ["windows", { windows: 7 }],
    ["windowsOverlap", { windows: 7, overlap: 0.3 }],
    ["eventBins", { eventBins: 6 }],
    ["eventBinsOverlap", { eventBins: 6, overlap: 0.25 }],
  ])("frames by %s have tonic's values", (name, options) => {
    const { shape, at, values } = tonic.frames[name]!;
    const expected = new Uint16Array(shape.reduce((a, b) => a * b));
    at.forEach((index, i) => {
      expected[index] = values[i]!;
    });
    const frames = eventFrames(given, { sensor, ...options });
    expect(frames.shape).toEqual(shape);
    expect(frames.data).toEqual(expected);
    expect(eventFrames(given, { sensor, ...options, as: "bits" }).data).toEqual(
      expected.map((one) => Math.min(one, 1)),
    );
  });

  const three: Events = {
    x: Uint16Array.of(0, 4, 9),
    y: Uint16Array.of(1, 2, 3),
    p: Uint8Array.of(0, 1, 1),
    t: Uint32Array.of(100, 2000, 5000),
  };
  const small = [2, 5, 10] as const;

  it("flip, merge and align", () => {
    expect([...flipLeftRight(three, { sensor: small }).x]).toEqual([9, 5, 0]);
    expect([...flipUpDown(three, { sensor: small }).y!]).toEqual([3, 2, 1]);
    expect([...flipPolarity(three).p!]).toEqual([1, 0, 0]);
    expect(flipPolarity(three, { probability: 0 })).toEqual(three);
    const flipped = Array.from({ length: 400 }, (_, seed) => flipPolarity(three, { probability: 0.3, seed }) !== three);
    expect(Math.abs(flipped.filter(Boolean).length - 120)).toBeLessThan(30);
    expect(mergePolarities(three).p).toBeUndefined();
    expect([...alignTime(three).t]).toEqual([0, 1900, 4900]);
    expect([...cropTime(three, { from: "0.1 ms", to: "2 ms" }).t]).toEqual([100, 2000]);
    expect(randomCrop(three, { sensor: small, size: [5, 10], seed: 3 })).toEqual(three);
  });

  it("of random kinds repeat with their seed, and have the distributions that they say", () => {
    const many: Events = {
      x: new Uint16Array(4000).fill(50),
      y: new Uint16Array(4000).fill(40),
      t: new Uint32Array(4000).fill(1e6),
    };
    const wide = [1, 100, 100] as const;
    const spread = (values: ArrayLike<number>, mean: number): number =>
      Math.sqrt(Array.from(values).reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const moved = spatialJitter(many, { sensor: wide, deviation: [2, 3], seed: 1 });
    expect(spread(moved.x, 50)).toBeCloseTo(3, 0);
    expect(spread(moved.y!, 40)).toBeCloseTo(2, 0);
    expect(moved).toEqual(spatialJitter(many, { sensor: wide, deviation: [2, 3], seed: 1 }));
    expect(moved).not.toEqual(spatialJitter(many, { sensor: wide, deviation: [2, 3], seed: 2 }));
    const late = timeJitter(many, { deviation: "5 ms", seed: 1 });
    expect(spread(late.t, 1e6) / 5000).toBeCloseTo(1, 1);
    expect([...late.t]).toEqual([...late.t].sort((a, b) => a - b));
    expect(timeJitter({ ...many, t: new Uint32Array(4000) }, { deviation: "5 ms", seed: 1 }).t.length).toBeLessThan(
      2200,
    );
    expect(dropEvents(given, { fraction: 0.25, seed: 4 }).t).toHaveLength(300);
    const left = dropPixels(given, { fraction: 0.5, seed: 4 });
    const pixels = new Set(Array.from(left.t, (_, i) => `${left.x[i]},${left.y![i]}`));
    for (let i = 0; i < given.t.length; i++) {
      const here = `${given.x[i]},${given.y![i]}`;
      const kept = Array.from(left.t).filter((_, k) => `${left.x[k]},${left.y![k]}` === here).length;
      const all = Array.from(given.t).filter((_, k) => `${given.x[k]},${given.y![k]}` === here).length;
      expect(kept).toBe(pixels.has(here) ? all : 0);
    }
    expect(pixels.size).toBeGreaterThan(30);
    expect(pixels.size).toBeLessThan(78);
  });

  it("work for a cochlea, whose events have a channel and a time only", () => {
    const cochlea: Events = { x: Uint16Array.of(3, 600, 601), t: Float64Array.of(0, 10, 20) };
    expect([...denoise(cochlea, { within: "1 ms" }).x]).toEqual([601]);
    const frames = eventFrames(cochlea, { sensor: [1, 1, 700], windows: 1 });
    expect([frames.shape, frames.data[600]]).toEqual([[1, 1, 1, 700], 1]);
    expect(
      eventFrames({ x: new Uint16Array(0), t: new Float64Array(0) }, { sensor: [1, 1, 7], count: 2 }).shape[0],
    ).toBe(0);
  });

  it.each<[() => unknown, RegExp]>([
    [
      () => eventFrames(given, { sensor }),
      /eventFrames: no division is given; give one of window, count, windows, eventBins/,
    ],
    [() => eventFrames(given, { sensor, window: "1 ms", count: 3 }), /window and count are given; give one of/],
    [() => eventFrames(given, { sensor, window: "1 ms", overlap: "1 ms" }), /overlap is 1 ms, not less than a frame/],
    [() => eventFrames(given, { sensor, window: "1 ms", overlap: 3 }), /overlap is 3; give a time with window/],
    [() => eventFrames(given, { sensor, count: 3, overlap: "1 ms" }), /overlap is "1 ms", but frames are not by time/],
    [() => eventFrames(given, { sensor: [1, 9, 12], count: 3 }), /outside the shape 1 x 9 x 12/],
    [
      () => eventFrames(given, { sensor: [2, 1000, 1000], windows: 2000 }),
      /has 2000 frames, more than 1073; give longer/,
    ],
    [() => timeSkew(given, { factor: 1, offset: "-30 ms" }), /timeSkew: event 0 would be at -\d+ us; give values/],
    [() => centerCrop(given, { sensor, size: [10, 3] }), /size is \[10, 3\], but the sensor has 9 rows and 12 columns/],
    [() => denoise(given, { within: "0 ms" }), /denoise: within is 0 ms; give a time above 0/],
  ])("are refused: %s", (call, message) => {
    expect(call).toThrow(message);
  });
});
