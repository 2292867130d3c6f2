import { type Dataset, subset } from "../data/index.js";
import { SpikevineError } from "../errors.js";
import type { Experiment } from "./schema.js";
import type { TrainedClasses } from "./weights.js";

/** Share of the samples of a file that are for the test, if no other test samples are given. */
export const TEST_SHARE = 0.2;

/** Fields that describe samples, and those that choose the test samples, as their flags name them. */
export const OF_SAMPLES = { images: "images", labels: "labels", shape: "shape", scale: "scale" } as const;
export const OF_TEST = { testData: "test-data", testLabels: "test-labels", testShare: "test-share" } as const;

/** @throws SpikevineError if a field is given that these data do not need, so that it would have no effect */
export function refuseFields(
  { data }: Experiment,
  what: string,
  flags: Readonly<Partial<Record<keyof Experiment["data"], string>>>,
): void {
  const given = Object.entries(flags).find(([field]) => data[field as keyof typeof data] !== null);
  if (given === undefined) return;
  throw new SpikevineError(
    `data: "${data.name}" has ${what}, for which ${given[0]} (--${given[1]}) has no meaning; leave it out.`,
  );
}

/** The first samples, as many as an experiment asks for. */
export const firstSamples = (data: Dataset, count: number | null): Dataset =>
  count === null ? data : subset(data, count);

/**
 * Samples whose labels have the numbers that the classes have in other samples: those of the same names, where both have names.
 * @throws SpikevineError if those have no such class
 */
export function withClasses(data: Dataset, file: string, { classes, classNames }: TrainedClasses): Dataset {
  if (classNames === undefined || data.classNames === undefined) {
    if (data.classes === classes) return data;
    const { classNames: _, ...unnamed } = data;
    if (data.classes < classes) return { ...unnamed, classes };
    throw new SpikevineError(
      `data: "${file}" has ${data.classes} classes, more than the ${classes} of the training; give files of one data set.`,
    );
  }
  const numbers = data.classNames.map((name) => {
    const number = classNames.indexOf(name);
    if (number >= 0) return number;
    throw new SpikevineError(`data: "${file}" has the class "${name}"; the classes are ${classNames.join(", ")}.`);
  });
  return { ...data, labels: data.labels.map((label) => numbers[label]!), classes, classNames };
}
