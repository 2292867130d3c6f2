import { describe, expect, it } from "vitest";
import { dataFingerprint } from "#spikevine/src/data/fingerprint";
import {
  type Dataset,
  dataset,
  eventDataset,
  seriesDataset,
  spikeDataset,
  streamedDataset,
} from "#spikevine/src/data/index";

const labels = [0, 1, 2];
const images = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
const bits = Uint8Array.of(0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0);
const events = [0, 1, 2].map((x) => ({ x: Uint16Array.of(x, x), t: Uint32Array.of(5, 1500) }));

/** Pairs of data sets that differ in one thing. */
const PAIRS: Readonly<Record<string, readonly [Dataset, Dataset]>> = {
  pixel: [dataset({ images, labels }), dataset({ images: images.with(7, 1), labels })],
  label: [dataset({ images, labels }), dataset({ images, labels: [0, 2, 2] })],
  shape: [dataset({ images, labels, shape: [2, 2] }), dataset({ images, labels, shape: [1, 4] })],
  bytes: [dataset({ images, labels }), dataset({ images: Float32Array.from(images, (byte) => byte / 255), labels })],
  targets: [
    dataset({ images, targets: { values: [1, 2, 3], width: 1 } }),
    dataset({ images, targets: { values: [1, 2, 4], width: 1 } }),
  ],
  steps: [
    dataset({ images, targets: { values: new Float32Array(6), width: 2 } }),
    dataset({ images, targets: { values: new Float32Array(6), width: 1, steps: 2 } }),
  ],
  spike: [
    spikeDataset({ spikes: bits, inputs: 2, labels }),
    spikeDataset({ spikes: bits.with(0, 1), inputs: 2, labels }),
  ],
  value: [
    seriesDataset({ values: Float32Array.from(images), inputs: 2, labels }),
    seriesDataset({ values: Float32Array.from(images).with(3, 1), inputs: 2, labels }),
  ],
  time: [
    eventDataset({ events, shape: [1, 1, 3], bin: "1 ms", labels }),
    eventDataset({
      events: events.with(1, { x: Uint16Array.of(1, 1), t: Uint32Array.of(5, 1501) }),
      shape: [1, 1, 3],
      bin: "1 ms",
      labels,
    }),
  ],
  bin: [
    eventDataset({ events, shape: [1, 1, 3], bin: "1 ms", steps: 2, labels }),
    eventDataset({ events, shape: [1, 1, 3], bin: "2 ms", steps: 2, labels }),
  ],
};

describe("the fingerprint of data", () => {
  it.each(Object.entries(PAIRS))("depends on one %s, and not on the name", async (_, [one, other]) => {
    expect(await dataFingerprint(one)).toBe(await dataFingerprint({ ...one, name: "other" }));
    expect(await dataFingerprint(other)).not.toBe(await dataFingerprint(one));
  });

  it("of streamed data covers its fields and 64 evenly spaced samples", async () => {
    const count = 1000;
    const stream = (change: (index: number) => number, classes = 10) => {
      const reads: number[][] = [];
      const data = streamedDataset({
        name: "s",
        count,
        pixels: 1,
        classes,
        async read(indices) {
          reads.push([...indices]);
          return dataset({
            images: Uint8Array.from(indices, (index) => change(index)),
            labels: Uint8Array.from(indices, (index) => index % 10),
            classes: 10,
          });
        },
      });
      return { data, reads };
    };
    const plain = (index: number): number => index % 200;
    const { data, reads } = stream(plain);
    const found = await dataFingerprint(data);
    expect(reads).toEqual([Array.from({ length: 64 }, (_, i) => Math.floor((i * count) / 64))]);
    expect(await dataFingerprint(stream(plain).data)).toBe(found);
    expect(await dataFingerprint(stream((index) => plain(index) + (index === 500 ? 1 : 0)).data)).not.toBe(found);
    expect(await dataFingerprint(stream(plain, 11).data)).not.toBe(found);
  });
});
