import { describe, expect, it } from "vitest";
import { snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { type Dataset, dataset, makeDigits, permutePixels, subset } from "#spikevine/src/data/index";
import { SpikevineError } from "#spikevine/src/errors";
import { constantCurrent, dense, evaluate, network, predict, rate, record, train } from "#spikevine/src/index";

const device = "reference";
const small = (inputs: number, encoder = rate({ maxRate: 1 })) =>
  network({ inputs, encoder, steps: 20, layers: [dense(2, snu({ threshold: 0.2 }))], seed: 1 });
const bytes = Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
const labels = [0, 1, 0, 1];

/** The same bytes in everything that holds bytes. */
const HOLDERS = {
  Uint8Array: Uint8Array.from(bytes),
  Uint8ClampedArray: Uint8ClampedArray.from(bytes),
  Buffer: Buffer.from(bytes),
  "a part of shared memory": (() => {
    const view = new Uint8Array(new SharedArrayBuffer(80), 8, 64);
    view.set(bytes);
    return view;
  })(),
} as const;

describe.each(Object.entries(HOLDERS))("%s", (_, images) => {
  const floats = Float32Array.from(bytes, (byte) => byte / 255);

  it("is read as value / 255 by train, evaluate and record", async () => {
    const net = small(16);
    const [own, wanted] = [dataset({ images, labels }), dataset({ images: floats, labels })];
    expect(await evaluate(net, own, { device })).toEqual(await evaluate(net, wanted, { device }));
    expect((await record(net, images, { device })).input).toEqual((await record(net, floats, { device })).input);
    const trained = async (data: Dataset) => {
      const fresh = small(16);
      await train(fresh, { data, epochs: 1, batchSize: 2, optimizer: sgd(), device });
      return fresh.parameters.get("layer1.weights")!.data;
    };
    expect(await trained(own)).toEqual(await trained(wanted));
  });

  it("is as it was after its pixels have been reordered", () => {
    const before = [...images];
    const order = Uint32Array.from({ length: 16 }, (_, i) => 15 - i);
    const reordered = permutePixels(dataset({ images, labels }), order);
    expect([...images]).toEqual(before);
    expect([...reordered.images.subarray(0, 16)]).toEqual(before.slice(0, 16).reverse());
  });
});

it("a hand-made data set of clamped bytes is read as bytes", async () => {
  const { images, ...rest } = dataset({ images: HOLDERS.Uint8Array, labels });
  const clamped = { ...rest, images: Uint8ClampedArray.from(images) as unknown as Uint8Array };
  const net = small(16);
  expect(await evaluate(net, clamped, { device })).toEqual(await evaluate(net, { ...rest, images }, { device }));
});

describe("the scale", () => {
  it("divides bytes and floats by the value that is read as 1", () => {
    const sixteenths = dataset({ images: Uint8Array.of(0, 4, 8, 16), labels: [0], scale: 16 });
    expect([...sixteenths.images]).toEqual([0, 0.25, 0.5, 1]);
    const halves = dataset({ images: Float64Array.of(0, 1, 2), labels: [0], scale: 2 });
    expect([...halves.images]).toEqual([0, 0.5, 1]);
  });

  it("of 255 leaves bytes as they are, in the same memory", () => {
    const images = Uint8Array.of(0, 255);
    expect(dataset({ images, labels: [0], scale: 255 }).images).toBe(images);
  });
});

describe("pixels outside their range", () => {
  const warningsOf = (images: Uint8Array | Float32Array): string[] => {
    const warnings: string[] = [];
    dataset({ name: "mine", images, labels: [0], onWarning: (message) => warnings.push(message) });
    return warnings;
  };

  it.each([
    [
      Uint8Array.of(0, 16),
      'data: the largest byte of "mine" is 16, and bytes are read as value / 255; give scale: 16 (--scale 16) if that is white.',
    ],
    [
      Float32Array.of(0, 16),
      'data: the largest pixel of "mine" is 16, and an encoder codes numbers in [0, 1]; give scale: 16 (--scale 16) if that is white.',
    ],
    [
      Float32Array.of(-1, 1),
      'data: the pixels of "mine" go from -1 to 1, and an encoder codes numbers in [0, 1]; shift and scale them.',
    ],
  ])("are said of %s", (images, sentence) => {
    expect(warningsOf(images)).toEqual([sentence]);
  });

  it.each([Uint8Array.of(0, 200), Float32Array.of(0, 1), Uint8Array.of(0, 0)])("are not reported for %s", (images) => {
    expect(warningsOf(images)).toEqual([]);
  });

  it("are reported by evaluate and predict", async () => {
    const data = dataset({ images: Float32Array.of(0, 1, 0, 3), labels: [0, 1] });
    const warnings: string[] = [];
    const onWarning = (message: string): number => warnings.push(message);
    await evaluate(small(2, rate()), data, { device, onWarning });
    await predict(small(2, rate()), data, { device, onWarning });
    await evaluate(small(2, constantCurrent()), data, { device, onWarning });
    expect(warnings).toEqual([expect.stringMatching(/scale: 3 /), expect.stringMatching(/scale: 3 /)]);
  });

  it("are reported by train: for floats if an encoder converts them to spikes, for dark bytes always", async () => {
    const warned = async (images: Uint8Array | Float32Array, encoder = rate()): Promise<string[]> => {
      const warnings: string[] = [];
      const data = dataset({ images, labels: [0, 1] });
      const onWarning = (message: string): number => warnings.push(message);
      await train(small(2, encoder), { data, epochs: 1, optimizer: sgd(), device, onWarning });
      return warnings.filter((message) => message.startsWith("data: "));
    };
    expect(await warned(Float32Array.of(0, 1, 0, 3))).toEqual([expect.stringMatching(/scale: 3 /)]);
    expect(await warned(Float32Array.of(0, 1, 0, 3), constantCurrent())).toEqual([]);
    expect(await warned(Uint8Array.of(0, 1, 0, 3), constantCurrent())).toEqual([expect.stringMatching(/scale: 3 /)]);
    expect(await warned(makeDigits({ train: 1, test: 1 }).train.images.slice(300, 304).fill(255))).toEqual([]);
  });

  it("are not reported for the built-in digits", () => {
    const { train: digits } = makeDigits({ train: 2, test: 1 });
    expect(warningsOf(digits.images as Uint8Array)).toEqual([]);
  });
});

describe("a data set refuses", () => {
  const images = new Uint8Array(16);
  const hostile: Readonly<Record<string, readonly [options: object, sentence: RegExp]>> = {
    "a list of numbers": [
      { images: Array(16).fill(1), labels },
      /images is a list of 16 values; give a Uint8Array .* e\.g\. Float32Array\.from\(images\)/,
    ],
    "nested lists": [
      {
        images: [
          [1, 2],
          [3, 4],
        ],
        labels: [0, 1],
      },
      /Float32Array\.from\(images\.flat\(Infinity\)\)/,
    ],
    "16-bit numbers": [{ images: new Uint16Array(16), labels }, /images is a Uint16Array of 16 values; .* scale/],
    "64-bit integers": [{ images: new BigInt64Array(16), labels }, /Float32Array\.from\(images, Number\)/],
    "a buffer without a type": [{ images: new ArrayBuffer(16), labels }, /new Uint8Array\(images\)/],
    "a view without a type": [
      { images: new DataView(new ArrayBuffer(16)), labels },
      /new Uint8Array\(images\.buffer\)/,
    ],
    "a promise of images": [{ images: Promise.resolve(images), labels }, /a promise that must be awaited first/],
    "no images": [{ labels }, /images is missing/],
    "no labels": [{ images }, /labels is missing/],
    "empty labels": [{ images, labels: [] }, /labels is empty/],
    "empty images": [{ images: new Uint8Array(0), labels }, /images has 0 values for 4 labels/],
    "NaN in doubles": [{ images: new Float64Array(16).fill(Number.NaN), labels }, /images\[sample 0, pixel 0\] is NaN/],
    "infinity in floats": [
      { images: new Float32Array(16).fill(Infinity, 6), labels },
      /images\[sample 1, pixel 2\] is Infinity/,
    ],
    "doubles beyond single precision": [
      { images: new Float64Array(16).fill(1e300, 6), labels },
      /\[sample 1, pixel 2\] is 1e\+300/,
    ],
    "a shape of other pixels": [{ images, labels, shape: [20, 20] }, /the shape 20 x 20 does not fit the 4 pixels/],
    "a shape that is none": [{ images, labels, shape: [4] }, /shape is \[4\]/],
    "a shape of no rows": [{ images, labels, shape: [0, 4] }, /shape\[0\] is 0|shape is/],
    "one-hot labels": [
      { images, labels: [1, 0, 0, 1, 1, 0, 0, 1], shape: [2, 2] },
      /does not fit the 2 pixels.*one label for each image/,
    ],
    "rows of one-hot labels": [
      {
        images,
        labels: [
          [1, 0],
          [0, 1],
          [1, 0],
          [0, 1],
        ],
      },
      /labels\[0\] is \[1,0\]/,
    ],
    "labels with a fraction": [{ images, labels: [0, 1.5, 0, 1] }, /labels\[1\] is 1\.5/],
    "negative labels": [{ images, labels: Int8Array.of(0, -1, 0, 1) }, /labels\[1\] is -1/],
    "labels as texts": [{ images, labels: ["0", "1", "0", "1"] }, /labels\[0\] is "0"/],
    "a list of labels with a hole": [{ images, labels: [0, undefined, 0, 1] }, /labels\[1\] is undefined/],
    "64-bit labels": [{ images, labels: new BigInt64Array(4) }, /labels is a BigInt64Array of 4 values/],
    "labels above the classes": [{ images, labels, classes: 1 }, /a label is 1, but there are 1 classes/],
    "classes of a fraction": [{ images, labels, classes: 2.5 }, /classes is 2\.5; give a whole number from 1 to 256/],
    "classes that are no number": [{ images, labels, classes: Number.NaN }, /classes is NaN/],
    "a scale of 0": [{ images, labels, scale: 0 }, /scale is 0/],
    "an option that is misspelt": [{ images, labels, scal: 16 }, /unknown option "scal"; did you mean "scale"\?/],
  };

  it.each(Object.entries(hostile))("%s", (_, [options, sentence]) => {
    const make = (): unknown => dataset(options as never);
    expect(make).toThrow(SpikevineError);
    expect(make).toThrow(sentence);
  });
});

describe("a data set put together by hand is refused", () => {
  const good = dataset({ images: new Uint8Array(16), labels });
  const hostile: Readonly<Record<string, readonly [data: object, sentence: RegExp]>> = {
    "with labels above its classes": [
      { ...good, labels: Uint8Array.of(0, 1, 7, 1) },
      /data\.labels\[2\] is 7, but there are 2 classes/,
    ],
    "with labels for other images": [
      { ...good, labels: new Uint8Array(3) },
      /16 pixels and 3 labels for 4 samples of 4 pixels/,
    ],
    "with fewer pixels than it says": [{ ...good, images: new Uint8Array(12) }, /12 pixels and 4 labels/],
    "without samples": [{ ...good, count: 0, images: new Uint8Array(0), labels: new Uint8Array(0) }, /for 0 samples/],
    "with a list of images": [{ ...good, images: Array(16).fill(0) }, /data\.images is a list/],
    "in parts": [makeDigits({ train: 1, test: 1 }), /data is an object with train, test; give a data set/],
  };

  it.each(Object.entries(hostile))("%s", async (_, [data, sentence]) => {
    const given = data as Dataset;
    await expect(train(small(4), { data: given, epochs: 1, optimizer: sgd(), device })).rejects.toThrow(sentence);
    await expect(evaluate(small(4), given, { device })).rejects.toThrow(sentence);
    expect(() => subset(given, 1)).toThrow(SpikevineError);
  });
});

describe("record refuses", () => {
  it.each([
    [[0, 1, 0, 1], /samples is \[0,1,0,1\]; give a data set, .* or a Uint8Array/],
    [new Int32Array(4), /samples is an Int32Array of 4 values/],
    [Float64Array.of(0, 1, Number.NaN, 0), /images\[2\] is NaN/],
  ])("%o", async (images, sentence) => {
    await expect(record(small(4), images as never, { device })).rejects.toThrow(sentence);
  });
});
