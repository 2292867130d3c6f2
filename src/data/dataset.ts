import {
  callback,
  fields,
  number,
  optional,
  type RequiredKind,
  signature,
  text,
  whole,
  wrong,
} from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import type { DataShape } from "./channels-last.js";
import { isBytes, LABELS, PIXELS, type Pixels, rangeProblem, SHAPE, storedPixels } from "./pixels.js";
import { type Series, seriesFault } from "./series/series.js";
import { readAnswers, TARGETS, type TargetOptions, type Targets, targetsPerSample } from "./targets.js";

/** Labelled samples in memory: still images, or samples that change in time. One of `images` and `series` is there. */
export interface Dataset {
  readonly name: string;
  /** `[count, pixels]` row-major: bytes 0..255 (read as value / 255) or floats used as they are. */
  readonly images?: Uint8Array | Float32Array;
  /** Samples that change from step to step. */
  readonly series?: Series;
  /** `[count]`, each in 0..classes-1. */
  readonly labels: Uint8Array;
  readonly count: number;
  /** Values of an image, or of one step of a sample in time. */
  readonly pixels: number;
  readonly classes: number;
  /** Names of the classes, if the source has them. */
  readonly classNames?: readonly string[];
  /** Shape of a sample, if its values are an image. Images of several channels have one channel after the other. */
  readonly shape?: DataShape;
  /** Values that the outputs should have. Without labels, `labels` is empty and `classes` is 0. */
  readonly targets?: Targets;
}

/** A data set of still images. */
export interface ImageDataset extends Dataset {
  readonly images: Uint8Array | Float32Array;
}

export interface DatasetOptions {
  /** Name in messages. Default: "in memory". */
  readonly name?: string;
  /**
   * `[count, pixels]`, row-major. Bytes (`Uint8Array`, `Uint8ClampedArray`, a Node Buffer) share their memory with the data set
   * and are read as value / 255. A `Float32Array` shares it too. A `Float64Array` is rounded to single precision. Lists are
   * refused, because their numbers might be bytes or not.
   */
  readonly images: Pixels;
  /** `[count]`: whole numbers from 0 to classes - 1, 255 at most. Left out if there are targets only. */
  readonly labels?: ArrayLike<number>;
  /** Default: the largest label + 1. */
  readonly classes?: number;
  /** Values that the outputs of a network should have (regression): one row per sample, or per step with `steps`. */
  readonly targets?: TargetOptions;
  /**
   * Shape of an image: `[height, width]`, or `[channels, height, width]` with one channel after the other. Needed by
   * augmentations; networks check it.
   */
  readonly shape?: DataShape;
  /**
   * The value of a pixel that is read as 1, e.g. 16 for images of 0 to 16: pixels are divided by it. Default: 255 for bytes, 1
   * for floats.
   */
  readonly scale?: number;
  /** Called with one sentence if pixels are outside the expected range. Default: ignored. */
  readonly onWarning?: (message: string) => void;
}

const check = signature("data", {
  options: fields<DatasetOptions>(
    {
      name: optional(text()),
      images: PIXELS,
      labels: optional(LABELS),
      classes: optional(whole(1, 256)),
      targets: optional(TARGETS),
      shape: optional(SHAPE),
      scale: optional(number({ above: 0 }, "the value of a pixel that is read as 1, a number above 0")),
      onWarning: optional(callback()),
    },
    { root: "options" },
  ),
});

/**
 * Creates a data set from arrays in memory.
 * @throws SpikevineError naming the invalid field, its value and the fix.
 */
export function dataset(options: DatasetOptions): ImageDataset {
  check([options]);
  const { name = "in memory", images, shape, scale } = options;
  const answers = readAnswers(options);
  const { count } = answers;
  if (images.length === 0 || images.length % count !== 0) {
    throw new SpikevineError(
      `data: images has ${images.length} values for ${count} ${options.labels === undefined ? "targets" : "labels"}; give count * pixels values.`,
    );
  }
  const pixels = images.length / count;
  if (shape !== undefined && shape.reduce((a, b) => a * b, 1) !== pixels) {
    throw new SpikevineError(
      `data: the shape ${shape.join(" x ")} does not fit the ${pixels} pixels of a sample (${images.length} values for ${count} labels); give one label for each image and [height, width] or [channels, height, width] of an image.`,
    );
  }
  const stored = storedPixels(images, pixels, scale);
  if (options.onWarning !== undefined) {
    const problem = rangeProblem(name, stored, true);
    if (problem !== undefined) options.onWarning(problem);
  }
  return { name, images: stored, ...answers, pixels, ...(shape === undefined ? {} : { shape }) };
}

/** A data set as an argument. One that was not made by `dataset` is checked in the same way: every label is in its range. */
export const DATASET: RequiredKind = {
  expects: "a data set, e.g. dataset({ images, labels })",
  optional: false,
  fault(value, path) {
    const known = ["labels", "count", "pixels", "classes"];
    const isDataset =
      typeof value === "object" &&
      value !== null &&
      known.every((field) => field in value) &&
      ("images" in value || "series" in value);
    if (!isDataset) return wrong(path, value, DATASET.expects);
    const { images, series, labels, count, pixels, classes, targets } = value as Dataset;
    const isLabeled = targets === undefined || labels.length > 0;
    if (series === undefined) {
      const fault = PIXELS.fault(images, `${path}.images`);
      if (fault !== undefined) return fault;
    }
    if (!isBytes(labels)) return wrong(`${path}.labels`, labels, "a Uint8Array");
    if (series === undefined) {
      if (!(count >= 1) || (isLabeled && labels.length !== count) || images!.length !== count * pixels) {
        return `${path} has ${images!.length} pixels and ${labels.length} labels for ${count} samples of ${pixels} pixels; create it with dataset({ images, labels }).`;
      }
    } else {
      const fault = seriesFault(series, { count, pixels });
      if (fault !== undefined) return `${path} ${fault}`;
      if (isLabeled && labels.length !== count)
        return `${path} has ${labels.length} labels for ${count} samples; give one for each.`;
    }
    if (targets !== undefined && targets.values.length !== count * targetsPerSample(targets)) {
      return `${path}.targets has ${targets.values.length} numbers for ${count} samples of ${targetsPerSample(targets)}; create it with dataset({ images, targets }).`;
    }
    const bad = labels.findIndex((label) => !(label < classes));
    if (bad < 0) return undefined;
    return `${path}.labels[${bad}] is ${labels[bad]}, but there are ${classes} classes (0 to ${classes - 1}); create it with dataset({ images, labels }).`;
  },
};
