import { SpikevineError } from "../errors.js";

/** Labelled images in memory. Pixels are stored as they come and read as numbers in [0, 1]. */
export interface Dataset {
  readonly name: string;
  /** `[count, pixels]` row-major: bytes 0..255 (read as value / 255) or floats used as they are. */
  readonly images: Uint8Array | Float32Array;
  /** `[count]`, each in 0..classes-1. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly pixels: number;
  readonly classes: number;
  /** Image height and width, where the pixels are an image. */
  readonly shape?: readonly [height: number, width: number];
}

/** Checks and wraps arrays in memory as a data set. Throws SpikevineError naming the field that does not fit. */
export function dataset(options: {
  name?: string;
  images: Uint8Array | Float32Array;
  labels: Uint8Array | readonly number[];
  classes?: number;
  shape?: readonly [number, number];
}): Dataset {
  const count = options.labels.length;
  if (count === 0) throw new SpikevineError("data: labels is empty; give at least one sample.");
  if (options.images.length === 0 || options.images.length % count !== 0) {
    throw new SpikevineError(
      `data: images has ${options.images.length} values for ${count} labels; give count * pixels values.`,
    );
  }
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const label = options.labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label > 255) {
      throw new SpikevineError(`data: labels[${i}] is ${label}; give whole numbers from 0 to classes - 1.`);
    }
    largest = Math.max(largest, label);
  }
  const classes = options.classes ?? largest + 1;
  if (largest >= classes)
    throw new SpikevineError(`data: a label is ${largest}, but there are ${classes} classes (0 to ${classes - 1}).`);
  const pixels = options.images.length / count;
  if (options.images instanceof Float32Array) {
    const bad = options.images.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      throw new SpikevineError(
        `data: images[sample ${Math.floor(bad / pixels)}, pixel ${bad % pixels}] is ${options.images[bad]}; give finite numbers.`,
      );
    }
  }
  return {
    name: options.name ?? "in memory",
    images: options.images,
    labels: options.labels instanceof Uint8Array ? options.labels : Uint8Array.from(options.labels),
    count,
    pixels,
    classes,
    ...(options.shape === undefined ? {} : { shape: options.shape }),
  };
}
