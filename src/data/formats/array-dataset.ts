import { SpikevineError } from "../../errors.js";
import type { TensorData } from "../../io/formats/safetensors.js";
import type { DataShape } from "../channels-last.js";
import { dataset, type ImageDataset } from "../dataset.js";
import { broken } from "../idx.js";
import type { Pixels } from "../pixels.js";

/** Numbers of a file with their shape, row-major. */
export interface NumberArray {
  /** Name in messages: of the file, or of the file and the array in it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Labels of a file: numbers, or the names of classes. */
export interface FileLabels {
  readonly labels: ArrayLike<number>;
  readonly classNames?: readonly string[];
}

/** Options for the samples of a file. */
export interface SampleOptions {
  readonly name: string;
  readonly shape?: DataShape | undefined;
  readonly scale?: number | undefined;
  readonly classes?: number | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A data set of an array of samples and an array of labels. */
export function arrayDataset(images: NumberArray, answers: FileLabels, options: SampleOptions): ImageDataset {
  const { pixels, count, shape } = imagesOf(images, options.shape);
  const { labels, classNames } = answers;
  if (count !== labels.length) {
    throw new SpikevineError(
      `data: "${images.name}" has ${count} samples for ${labels.length} labels; give one label for each sample.`,
    );
  }
  const given = options.shape ?? shape;
  const classes = options.classes ?? classNames?.length;
  return {
    ...dataset({
      name: options.name,
      images: pixels,
      labels,
      ...(classes === undefined ? {} : { classes }),
      ...(given === undefined ? {} : { shape: given }),
      ...(options.scale === undefined ? {} : { scale: options.scale }),
      ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    }),
    ...(classNames === undefined ? {} : { classNames }),
  };
}

/** Largest number of channels of an image whose channels are stored last: red, green, blue and opacity. */
const MOST_CHANNELS = 4;

/**
 * Samples of an array, with the shape of an image. Images whose channels are last, as programs for pictures store them, are reordered.
 * @param given shape of an image as the user knows it, which decides for arrays that can be read in two ways
 */
function imagesOf(
  { name, shape, data }: NumberArray,
  given: DataShape | undefined,
): { pixels: Pixels; count: number; shape?: DataShape } {
  const [count = 1, ...sizes] = shape;
  if (shape.length === 0 || data.length === 0) {
    throw broken(name, `has no samples: its shape is [${shape.join(", ")}]`, "give [count, values] or images");
  }
  const values = asPixels(data);
  if (sizes.length < 2) return { pixels: values, count };
  if (sizes.length === 2) return { pixels: values, count, shape: sizes as [number, number] };
  if (sizes.length > 3) {
    throw broken(
      name,
      `has ${shape.length} dimensions: [${shape.join(", ")}]`,
      "give [count, values], [count, height, width] or [count, channels, height, width]",
    );
  }
  const [first, second, third] = sizes as [number, number, number];
  const mayBeFirst = first <= MOST_CHANNELS || third > MOST_CHANNELS;
  const mayBeLast = third <= MOST_CHANNELS;
  if (mayBeFirst && (!mayBeLast || given?.join() === sizes.join())) {
    return { pixels: values, count, shape: [first, second, third] };
  }
  if (mayBeFirst && given?.join() !== [third, first, second].join()) {
    throw broken(
      name,
      `has the shape [${shape.join(", ")}], whose channels may be first or last`,
      `give shape: ${sizes.join()} if they are first, ${third},${first},${second} if they are last (--shape)`,
    );
  }
  return { pixels: channelsFirst(values, first * second, third), count, shape: [third, first, second] };
}

function channelsFirst(values: Pixels, pixels: number, channels: number): Pixels {
  const moved = values.slice();
  for (let start = 0; start < values.length; start += pixels * channels) {
    for (let channel = 0; channel < channels; channel++) {
      for (let p = 0; p < pixels; p++) moved[start + channel * pixels + p] = values[start + p * channels + channel]!;
    }
  }
  return moved;
}

/** Bytes and floats as they are; other integers as floats. */
function asPixels(data: TensorData): Pixels {
  if (data instanceof Uint8Array || data instanceof Float32Array || data instanceof Float64Array) return data;
  return numbersOf(data);
}

function numbersOf(data: TensorData): Float64Array {
  const numbers = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) numbers[i] = Number(data[i]!);
  return numbers;
}

/** Labels in an array `[count]` or `[count, 1]`. */
export function labelsOf({ name, shape, data }: NumberArray): FileLabels {
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return { labels: numbersOf(data) };
  const fix = shape.length === 2 ? "give the largest entry of each row, e.g. numpy.argmax(y, axis=1)" : "give [count]";
  throw broken(name, `has no labels of the shape [count]: its shape is [${shape.join(", ")}]`, fix);
}

/**
 * Labels as they are written: whole numbers, or names, which are numbered in their order (by character codes).
 * @param classNames names in the order of their numbers; others are refused
 */
export function writtenLabels(
  file: string,
  written: readonly string[],
  classNames: readonly string[] | undefined,
): FileLabels {
  if (classNames === undefined && written.every((label) => /^\s*[+-]?[\d.]+(?:e[+-]?\d+)?\s*$/i.test(label))) {
    return { labels: written.map(Number) };
  }
  const names = classNames ?? [...new Set(written)].sort();
  if (names.length > 256) {
    throw broken(file, `has ${names.length} different labels, the first "${names[0]}"`, "give 256 classes at most");
  }
  const numbers = new Map(names.map((name, number) => [name, number]));
  const labels = written.map((label, i) => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    const known = names.slice(0, 10).join(", ");
    throw broken(file, `has the label "${label}" at sample ${i}`, `the classes are ${known}`);
  });
  return { labels, classNames: names };
}
