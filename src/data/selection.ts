import { fields, kind, list, number, optional, signature, tagOf, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { drawBits, rowKey, STREAM } from "../random/counter.js";
import { SEED } from "../random/seed.js";
import { DATASET, type Dataset } from "./dataset.js";
import type { Series } from "./series/series.js";
import { targetsPerSample } from "./targets.js";

/** Which samples of a data set are used, and in which order. */

interface SeedOptions {
  /** The same seed gives the same samples in the same order. Default: 1. */
  readonly seed?: number;
}

interface SplitOptions extends SeedOptions {
  /** Share of the samples of every class that are for the test, above 0 and below 1. */
  readonly share: number;
}

const seed = { seed: optional(SEED) };
const SEEDED = optional(fields<SeedOptions>(seed, { root: "options" }));
const checkSelect = signature("selectSamples", {
  data: DATASET,
  indices: kind("a Uint32Array of the numbers of samples", (value) => tagOf(value) === "Uint32Array"),
});
const checkShuffle = signature("shuffleSamples", { data: DATASET, options: SEEDED });
const checkSplit = signature("splitSamples", {
  data: DATASET,
  options: fields<SplitOptions>(
    { share: number({ above: 0, below: 1 }, "the share of the test, above 0 and below 1"), ...seed },
    { root: "options" },
  ),
});
const checkClasses = signature("selectClasses", { data: DATASET, classes: list(whole(0, 255), 1) });
const checkBalance = signature("balanceClasses", { data: DATASET, options: SEEDED });

/**
 * The samples with these numbers, in this order, as a copy.
 * @throws SpikevineError for a number that no sample has, or if there is none
 */
export function selectSamples<D extends Dataset>(data: D, indices: Uint32Array): D {
  checkSelect([data, indices]);
  const { name, count, pixels, images, series, labels, targets } = data;
  const outside = indices.find((index) => index >= count);
  if (outside !== undefined) {
    throw new SpikevineError(`data: sample ${outside} of "${name}" does not exist; it has ${count} samples.`);
  }
  if (indices.length === 0) throw new SpikevineError(`data: indices for "${name}" is empty; give at least one sample.`);
  const width = targets === undefined ? 0 : targetsPerSample(targets);
  return {
    ...data,
    count: indices.length,
    ...(images === undefined ? {} : { images: rows(images, pixels, indices) }),
    ...(series === undefined ? {} : { series: seriesOf(series, indices) }),
    labels: labels.length === 0 ? labels : rows(labels, 1, indices),
    ...(targets === undefined ? {} : { targets: { ...targets, values: rows(targets.values, width, indices) } }),
  };
}

function rows<A extends Uint8Array | Float32Array>(values: A, size: number, indices: Uint32Array): A {
  const chosen = (
    values instanceof Float32Array ? new Float32Array(size * indices.length) : new Uint8Array(size * indices.length)
  ) as A;
  indices.forEach((index, i) => {
    chosen.set(values.subarray(index * size, (index + 1) * size), i * size);
  });
  return chosen;
}

/** Samples in time are not changed, so their arrays are shared. */
function seriesOf(series: Series, indices: Uint32Array): Series {
  const samples = Array.from(indices, (index) => series.samples[index]!);
  return { ...series, samples } as Series;
}

/** All samples in a random order. */
export function shuffleSamples<D extends Dataset>(data: D, options: SeedOptions = {}): D {
  checkShuffle([data, options]);
  return selectSamples(data, shuffled(data.count, options.seed ?? 1, 0));
}

/**
 * Splits a data set in two: the test set has the same share of every class (rounded), so that small classes are in both sets. Both keep the order of
 * the samples. Without labels, all samples count as one class.
 * @throws SpikevineError if one of the two would be empty
 */
export function splitSamples<D extends Dataset>(data: D, options: SplitOptions): { train: D; test: D } {
  checkSplit([data, options]);
  const { share, seed: given = 1 } = options;
  const isTest = new Uint8Array(data.count);
  let tests = 0;
  for (const members of samplesByClass(data)) {
    const wanted = Math.round(share * members.length);
    const order = shuffled(members.length, given, 1);
    for (const place of order.subarray(0, wanted)) isTest[members[place]!] = 1;
    tests += wanted;
  }
  if (tests === 0 || tests === data.count) {
    throw new SpikevineError(
      `data: a share of ${share} of the ${data.count} samples of "${data.name}" leaves none for ${tests === 0 ? "the test" : "training"}; give another share.`,
    );
  }
  const part = (wanted: number): D =>
    selectSamples(
      data,
      Uint32Array.from(isTest.keys()).filter((sample) => isTest[sample] === wanted),
    );
  return { train: part(0), test: part(1) };
}

/**
 * The samples of some classes, in their order. The labels are renumbered: the first of `classes` becomes 0.
 * @throws SpikevineError for a class that the data set does not have, or one that is given twice
 */
export function selectClasses<D extends Dataset>(data: D, classes: readonly number[]): D {
  checkClasses([data, classes]);
  const numbers = new Map(classes.map((label, number) => [label, number]));
  const absent = classes.find((label) => label >= data.classes);
  if (absent !== undefined || numbers.size < classes.length) {
    const what = absent === undefined ? "has a class twice" : `has the class ${absent}`;
    throw new SpikevineError(
      `data: classes ${what}; give different ones of the ${data.classes} classes of "${data.name}" (0 to ${data.classes - 1}).`,
    );
  }
  const chosen = selectSamples(
    data,
    Uint32Array.from(data.labels.keys()).filter((sample) => numbers.has(data.labels[sample]!)),
  );
  return {
    ...chosen,
    labels: chosen.labels.map((label) => numbers.get(label)!),
    classes: classes.length,
    ...(data.classNames === undefined ? {} : { classNames: classes.map((label) => data.classNames![label]!) }),
  };
}

/**
 * As many samples of every class as the smallest class has, chosen at random, in their order.
 * @throws SpikevineError if a class has no samples
 */
export function balanceClasses<D extends Dataset>(data: D, options: SeedOptions = {}): D {
  checkBalance([data, options]);
  const members = samplesByClass(data);
  const least = Math.min(...members.map(({ length }) => length));
  const empty = members.findIndex(({ length }) => length === 0);
  if (empty >= 0) {
    throw new SpikevineError(`data: class ${empty} of "${data.name}" has no samples; leave it out with selectClasses.`);
  }
  const chosen = members.flatMap((samples) =>
    Array.from(shuffled(samples.length, options.seed ?? 1, 2).subarray(0, least), (place) => samples[place]!),
  );
  return selectSamples(data, Uint32Array.from(chosen).sort());
}

/** Numbers of the samples of every class. */
function samplesByClass({ labels, classes, count }: Dataset): number[][] {
  if (labels.length === 0) return [Array.from({ length: count }, (_, sample) => sample)];
  const members = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, sample) => {
    members[label]!.push(sample);
  });
  return members;
}

/** The numbers from 0 to count - 1 in a random order (Fisher and Yates). */
function shuffled(count: number, seed: number, purpose: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const key = rowKey(seed, STREAM.samples, 0, purpose, 0);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((drawBits(key, i) / 2 ** 32) * (i + 1));
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}
