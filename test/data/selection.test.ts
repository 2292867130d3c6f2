import { describe, expect, it } from "vitest";
import {
  balanceClasses,
  type Dataset,
  dataset,
  normalize,
  selectClasses,
  selectSamples,
  seriesDataset,
  shuffleSamples,
  splitSamples,
} from "#spikevine/src/data/index";

/** Sample i has the values i and 100 i. */
const labels = [...Array<number>(20).fill(0), ...Array<number>(10).fill(1), ...Array<number>(5).fill(2)];
const data = {
  ...dataset({ images: Float32Array.from({ length: 70 }, (_, i) => Math.floor(i / 2) * (i % 2 ? 100 : 1)), labels }),
  classNames: ["a", "b", "c"],
};
const samples = ({ images }: Dataset): number[] => [...images!].filter((_, i) => i % 2 === 0);
const counts = (set: Dataset): number[] =>
  Array.from({ length: set.classes }, (_, label) => set.labels.filter((one) => one === label).length);
const isSorted = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > values[i - 1]!);

describe("choosing samples", () => {
  it("takes the values, labels, targets and steps of the chosen ones, as a copy", () => {
    const chosen = selectSamples(data, Uint32Array.of(34, 0, 21));
    expect(chosen).toMatchObject({
      count: 3,
      images: Float32Array.of(34, 3400, 0, 0, 21, 2100),
      labels: Uint8Array.of(2, 0, 1),
    });
    chosen.images[0] = 7;
    expect(data.images[68]).toBe(34);
    const targets = { values: [1, 2, 3, 4, 5, 6], width: 2 };
    const series = seriesDataset({ values: Float32Array.of(1, 2, 3, 4, 5, 6), inputs: 1, targets });
    const one = selectSamples(series, Uint32Array.of(2));
    expect([[...(one.series!.samples[0] as Float32Array)], [...one.targets!.values], one.labels.length]).toEqual([
      [5, 6],
      [5, 6],
      0,
    ]);
    expect(() => selectSamples(data, Uint32Array.of(35))).toThrow('sample 35 of "in memory" does not exist; it has 35');
    expect(() => selectSamples(data, new Uint32Array(0))).toThrow("give at least one sample");
  });

  it("shuffles by the seed", () => {
    const order = samples(shuffleSamples(data));
    expect([...order].sort((a, b) => a - b)).toEqual(samples(data));
    expect(order).toEqual(samples(shuffleSamples(data, { seed: 1 })));
    expect(order).not.toEqual(samples(shuffleSamples(data, { seed: 2 })));
    expect(isSorted(order)).toBe(false);
    // Every sample is in every place about equally often.
    const places = new Uint32Array(4);
    const four = dataset({ images: Float32Array.of(0, 1, 2, 3), labels: [0, 0, 0, 0] });
    for (let seed = 0; seed < 4000; seed++) places[shuffleSamples(four, { seed }).images.indexOf(0)]!++;
    for (const found of places) expect(Math.abs(found - 1000)).toBeLessThan(4 * Math.sqrt(4000 * 0.25 * 0.75));
  });

  it("splits every class by the same share, in the order of the samples", () => {
    const { train, test } = splitSamples(data, { share: 0.2 });
    expect([counts(train), counts(test)]).toEqual([
      [16, 8, 4],
      [4, 2, 1],
    ]);
    expect([...samples(train), ...samples(test)].sort((a, b) => a - b)).toEqual(samples(data));
    expect(isSorted(samples(train)) && isSorted(samples(test))).toBe(true);
    expect(samples(splitSamples(data, { share: 0.2, seed: 2 }).test)).not.toEqual(samples(test));
    const targets = { values: [1, 2, 3, 4], width: 1 };
    const unlabeled = splitSamples(dataset({ images: Float32Array.of(1, 2, 3, 4), targets }), { share: 0.5 });
    expect(unlabeled.test.targets!.values).toEqual(unlabeled.test.images);
    expect(() => splitSamples(data, { share: 0.01 })).toThrow(
      'data: a share of 0.01 of the 35 samples of "in memory" leaves none for the test; give another share.',
    );
    expect(() => splitSamples(data, { share: 0.99 })).toThrow("leaves none for training");
    expect(() => splitSamples(data, { share: 1 })).toThrow(
      "share is 1; give the share of the test, above 0 and below 1",
    );
  });

  it("keeps some classes, which are renumbered", () => {
    const chosen = selectClasses(data, [2, 0]);
    expect([chosen.count, chosen.classes, chosen.classNames, counts(chosen)]).toEqual([25, 2, ["c", "a"], [5, 20]]);
    expect(chosen.labels[24]).toBe(0);
    expect(() => selectClasses(data, [3])).toThrow(
      'classes has the class 3; give different ones of the 3 classes of "in memory" (0 to 2)',
    );
    expect(() => selectClasses(data, [1, 1])).toThrow("has a class twice");
  });

  it("balances the classes", () => {
    const balanced = balanceClasses(data);
    expect(counts(balanced)).toEqual([5, 5, 5]);
    expect(isSorted(samples(balanced))).toBe(true);
    expect(samples(balanceClasses(data, { seed: 3 }))).not.toEqual(samples(balanced));
    const gap = dataset({ images: Float32Array.of(1, 2), labels: [0, 2] });
    expect(() => balanceClasses(gap)).toThrow('class 1 of "in memory" has no samples; leave it out with selectClasses');
  });
});

describe("normalizing", () => {
  const train = dataset({ images: Float32Array.of(0, 10, 7, 2, 30, 7, 4, 50, 7), labels: [0, 1, 0] });
  const test = dataset({ images: Float32Array.of(8, 20, 9), labels: [1] });

  it("scales every value by the range of the training samples", () => {
    expect(normalize(train, { method: "range" }).images).toEqual(Float32Array.of(0, 0, 0, 0.5, 0.5, 0, 1, 1, 0));
    expect(normalize(test, { method: "range", like: train }).images).toEqual(Float32Array.of(2, 0.25, 0));
  });

  it("gives every value the mean 0 and the deviation 1", () => {
    const { images } = normalize(train, { method: "standard" });
    // Deviations: sqrt(8 / 3) of 0, 2, 4, and ten times that.
    const one = Math.fround(2 / Math.sqrt(8 / 3));
    expect(images).toEqual(Float32Array.of(-one, -one, 0, 0, 0, 0, one, one, 0));
    expect(normalize(test, { method: "standard", like: train }).images[0]).toBeCloseTo(6 / Math.sqrt(8 / 3), 6);
  });

  it("reads bytes as fractions of 255", () => {
    const bytes = dataset({ images: Uint8Array.of(0, 51, 255), labels: [0, 1, 0] });
    expect(normalize(bytes, { method: "range" }).images).toEqual(Float32Array.of(0, 0.2, 1));
  });

  it("refuses samples in time and samples of another size", () => {
    const series = seriesDataset({ values: Float32Array.of(1, 2), inputs: 1, labels: [0] });
    expect(() => normalize(series, { method: "range" })).toThrow("has samples in time");
    const other = dataset({ images: Float32Array.of(1), labels: [0] });
    expect(() => normalize(other, { method: "range", like: train })).toThrow(
      'like has 3 values per sample, but "in memory" has 1',
    );
  });
});
