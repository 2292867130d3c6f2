import { describe, expect, it } from "vitest";
import { dataset, describeDataset, eventDataset, seriesDataset, spikeDataset } from "#spikevine/src/data/index";

describe("a data set in two lines", () => {
  it.each<[string, Parameters<typeof describeDataset>[0], string]>([
    [
      "bytes",
      dataset({ name: "a", images: Uint8Array.of(0, 10, 20, 250), labels: [0, 1], shape: [1, 2] }),
      "a: 2 samples of 1 x 2 pixels; bytes 0 to 250, mean 70\n2 classes of 1 samples",
    ],
    [
      "numbers, and classes of unequal size",
      dataset({ images: Float32Array.of(-1, 0.5, 2), labels: [1, 1, 3], classes: 4 }),
      "in memory: 3 samples of 1 values; numbers -1 to 2, mean 0.5\n4 classes of 0 to 2 samples",
    ],
    [
      "targets",
      dataset({ images: Float32Array.of(1, 2), targets: { values: [1, 2, 3, 4], width: 1, steps: 2 } }),
      "in memory: 2 samples of 1 values; numbers 1 to 2, mean 1.5\n1 targets per step",
    ],
    [
      "spikes",
      spikeDataset({ spikes: Uint8Array.of(1, 1, 0, 1, 0, 0), inputs: 1, labels: [0, 1] }),
      "in memory: 2 samples of 3 steps of 1 inputs; 1.5 spikes per sample\n2 classes of 1 samples",
    ],
    [
      "values in time",
      seriesDataset({ values: Float32Array.of(1, 3), inputs: 1, labels: [0] }),
      "in memory: 1 samples of 2 steps of 1 inputs; values 1 to 3, mean 2\n1 classes of 1 samples",
    ],
    [
      "events",
      eventDataset({
        events: [{ x: Uint16Array.of(0, 0, 1), t: Uint32Array.of(0, 999, 2000) }],
        shape: [1, 1, 2],
        bin: "1 ms",
        steps: 2,
        labels: [0],
      }),
      "in memory: 1 samples of 2 steps of 1 x 1 x 2 inputs; 3 events per sample, as spikes of 1 ms; 33.3 % of the events are after the last step\n1 classes of 1 samples",
    ],
  ])("names number, shape, range and balance of %s", (_, data, text) => expect(describeDataset(data)).toBe(text));
});
