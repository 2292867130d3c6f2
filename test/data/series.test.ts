import { describe, expect, it } from "vitest";
import { dataset, eventDataset, seriesDataset, spikeDataset, subset } from "#spikevine/src/data/index";
import { batches } from "#spikevine/src/training/loop/batches";

/** Bits of rows of units, one list of firing units per row. */
const bits = (rows: readonly (readonly number[])[], words: number): Uint32Array => {
  const found = new Uint32Array(rows.length * words);
  rows.forEach((units, row) => {
    for (const unit of units) found[row * words + Math.floor(unit / 32)]! += 2 ** (unit % 32);
  });
  return found;
};

const first = (data: Parameters<typeof batches>[0], steps: number) => {
  const [batch] = batches(data, data.count, {
    inputShape: { channels: data.pixels, height: 1, width: 1 },
    outputs: 2,
    steps,
  });
  return batch!;
};

describe("spikeDataset", () => {
  it("stores spikes as bits, 32 inputs per word", () => {
    const spikes = new Uint8Array(2 * 3 * 40);
    for (const [sample, step, input] of [
      [0, 0, 0],
      [0, 0, 39],
      [0, 2, 31],
      [1, 1, 32],
    ] as const) {
      spikes[(sample * 3 + step) * 40 + input] = 1;
    }
    const data = spikeDataset({ spikes, inputs: 40, labels: [0, 1] });
    expect(data).toMatchObject({ count: 2, pixels: 40, classes: 2, series: { kind: "spikes", steps: 3 } });
    expect(first(data, 3).pixels).toEqual(bits([[0, 39], [], [31], [], [32], []], 2));
  });

  it("gives samples of different lengths silence at the end, and leaves out steps after the last", () => {
    const spikes = [Uint8Array.of(1, 0, 1, 1), Uint8Array.of(0, 1), Uint8Array.of(1, 1, 0, 0, 0, 1)];
    const data = spikeDataset({ spikes, inputs: 2, labels: [0, 1, 1] });
    expect(data.series!.steps).toBe(3);
    expect(first(data, 4).pixels).toEqual(bits([[0], [0, 1], [], [], [1], [], [], [], [0, 1], [], [1], []], 1));
    const cut = spikeDataset({ spikes, inputs: 2, labels: [0, 1, 1], steps: 2 });
    expect(first(cut, 3).pixels).toEqual(bits([[0], [0, 1], [], [1], [], [], [0, 1], [], []], 1));
  });

  it("puts channels last", () => {
    // Two channels of 1 x 3 pixels: channel 0 fires at x 1, channel 1 at x 0 and x 2.
    const data = spikeDataset({ spikes: Uint8Array.of(0, 1, 0, 1, 0, 1), shape: [2, 1, 3], labels: [0] });
    expect(first(data, 1).pixels).toEqual(bits([[1, 2, 5]], 1));
  });

  it("refuses what does not fit", () => {
    const make = (more: object) => () =>
      spikeDataset({ spikes: new Uint8Array(12), inputs: 2, labels: [0, 1], ...more });
    expect(make({ inputs: undefined })).toThrow("spikes has no inputs; give inputs");
    expect(make({ inputs: 5 })).toThrow("spikes has 12 values for 2 labels; give count * steps * 5 of them");
    expect(make({ spikes: [new Uint8Array(4), new Uint8Array(3)] })).toThrow(
      "spikes[1] has 3 values; give whole steps",
    );
    expect(make({ spikes: [new Uint8Array(4)] })).toThrow("spikes has 1 samples for 2 labels");
    expect(make({ spikes: [1, 0, 1, 1] as never })).toThrow(
      "spikes is [1,0,1,1]; give a Uint8Array of 0 and 1, e.g. Uint8Array.from(spikes).",
    );
    expect(make({ spikes: Uint8Array.from({ length: 12 }, (_, i) => (i === 9 ? 3 : 0)) })).toThrow(
      "spikes[sample 1, step 1, input 1] is 3; give 0 or 1, or counts to seriesDataset",
    );
    expect(make({ shape: [2, 1, 3] })).toThrow("inputs is 2, but the shape 2 x 1 x 3 has 6 values");
  });
});

describe("seriesDataset", () => {
  it("reads values as they are, 0 after the end of a sample", () => {
    const data = seriesDataset({
      values: [Float32Array.of(1, -2, 0.5, 3), Float32Array.of(7, 8)],
      inputs: 2,
      labels: [0, 1],
    });
    expect(first(data, 3).pixels).toEqual(Float32Array.of(1, -2, 0.5, 3, 0, 0, 7, 8, 0, 0, 0, 0));
    expect(first(data, 3).window(1, 2).slice()).toEqual(Float32Array.of(0.5, 3, 0, 0, 0, 0, 0, 0));
    expect(first(data, 3).window(2, 1).slice()).toEqual(Float32Array.of(0, 0, 0, 0));
  });

  it("reads bytes as counts and shares the memory of arrays", () => {
    const values = Uint8Array.of(0, 255, 3, 4);
    const data = seriesDataset({ values, inputs: 2, labels: [0] });
    values[0] = 9;
    expect(first(data, 2).pixels).toEqual(Float32Array.of(9, 255, 3, 4));
  });

  it("puts channels last", () => {
    const data = seriesDataset({ values: Float32Array.of(1, 2, 3, 4), shape: [2, 1, 2], labels: [0] });
    expect(first(data, 1).pixels).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  it("names the value that is not finite", () => {
    const values = Float64Array.of(1, 2, 3, 4, Number.NaN, 6);
    expect(() => seriesDataset({ values, inputs: 1, labels: [0, 1] })).toThrow(
      "values[sample 1, step 1, input 0] is NaN; give finite numbers",
    );
  });
});

const EVENTS = [
  // Two events of one pixel in the first step, one at the border of the second, one in the fourth.
  {
    x: Uint16Array.of(1, 1, 0, 2),
    y: Uint16Array.of(0, 0, 1, 1),
    p: Uint8Array.of(1, 1, 0, 0),
    t: Uint32Array.of(999, 0, 1000, 3500),
  },
  { x: Uint16Array.of(2), y: Uint16Array.of(0), p: Uint8Array.of(1), t: Float64Array.of(1999.5) },
];
const events = (more: object = {}) =>
  eventDataset({ events: EVENTS, shape: [2, 2, 3], bin: "1 ms", labels: [0, 1], ...more });

describe("eventDataset", () => {
  it("bins events to bits, with the polarity last", () => {
    // Input (y * 3 + x) * 2 + p.
    expect(events()).toMatchObject({ pixels: 12, count: 2, series: { kind: "events", steps: 4, bin: 1000 } });
    expect(first(events(), 4).pixels).toEqual(bits([[3], [6], [], [10], [], [5], [], []], 1));
    expect(first(events({ steps: 2 }), 3).pixels).toEqual(bits([[3], [6], [], [], [5], []], 1));
    expect(first(events(), 4).window(1, 1).slice()).toEqual(bits([[6], [5]], 1));
  });

  it("counts events", () => {
    const counts = first(events({ as: "counts" }), 4).pixels;
    const expected = new Float32Array(2 * 4 * 12);
    expected[3] = 2;
    expected[12 + 6] = 1;
    expected[36 + 10] = 1;
    expected[48 + 12 + 5] = 1;
    expect(counts).toEqual(expected);
  });

  it("has no rounding in the borders of steps", () => {
    const data = events({ bin: "0.1 ms" });
    expect(data.series).toMatchObject({ bin: 100, steps: 36 });
    const t = Uint32Array.from({ length: 300 }, (_, i) => 100 * i);
    const regular = eventDataset({
      events: [{ x: new Uint16Array(300), t }],
      shape: [1, 1, 1],
      bin: "0.1 ms",
      labels: [0],
    });
    expect(first(regular, 300).pixels).toEqual(new Uint32Array(300).fill(1));
  });

  it("refuses what does not fit", () => {
    expect(() => events({ shape: [2, 2, 2] })).toThrow(
      "events[0]: event 3 has p 0, y 1, x 2, outside the shape 2 x 2 x 2",
    );
    expect(() => events({ shape: [1, 2, 3] })).toThrow(
      "events[0]: event 0 has p 1, y 0, x 1, outside the shape 1 x 2 x 3",
    );
    expect(() => events({ bin: "1 mV" })).toThrow(/bin/);
    expect(() => events({ bin: "0 ms" })).toThrow('bin is 0 ms; give a time above 0, e.g. "1 ms"');
    expect(() => events({ labels: [0] })).toThrow("events has 2 recordings for 1 labels");
    const [good] = EVENTS;
    expect(() => events({ events: [good, { ...good, t: Uint32Array.of(1) }] })).toThrow(
      "events[1]: x has 4 events, but t has 1",
    );
    expect(() => events({ events: [good, { ...good, t: Float64Array.of(0, 1, -1, 2) }] })).toThrow(
      "events[1]: event 2 has the time -1",
    );
    expect(() => events({ events: [good, { ...good, x: [1, 1, 0, 2] }] } as never)).toThrow(
      "events[1].x is [1,1,0,2]; give a Uint16Array of columns, e.g. Uint16Array.from(events[1].x).",
    );
    // A Uint32Array would cut fractions off.
    expect(() => events({ events: [{ ...good, t: [0.5, 1, 2, 3] }, good] } as never)).toThrow(
      "give a Uint32Array or Float64Array of microseconds, e.g. Float64Array.from(events[0].t).",
    );
    expect(() => events({ events: [{ ...good, x: Int16Array.of(0, 1, 1, 2) }, good] } as never)).toThrow(
      "give a Uint16Array of columns, e.g. Uint16Array.from(events[0].x).",
    );
  });
});

describe("subset", () => {
  it("keeps the first samples of every kind", () => {
    expect(subset(events(), 1)).toMatchObject({ count: 1, labels: Uint8Array.of(0), series: { samples: [EVENTS[0]] } });
    const images = {
      ...dataset({ images: new Uint8Array(8), labels: [0, 1] }),
      targets: { values: Float32Array.of(1, 2, 3, 4, 5, 6), width: 3, perStep: false },
    };
    expect(subset(images, 1).targets.values).toEqual(Float32Array.of(1, 2, 3));
    expect(subset(images, 1)).toMatchObject({ count: 1, images: new Uint8Array(4) });
  });
});
