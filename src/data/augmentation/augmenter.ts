import { choice, fields, kind, optional, signature, tagOf, whole } from "../../arguments/index.js";
import { rowKey, STREAM } from "../../random/counter.js";
import { SEED } from "../../random/seed.js";
import { type DataShape, imageShape } from "../channels-last.js";
import { SHAPE } from "../pixels.js";
import { type AffineMap, affineMap, drawAffine, IDENTITY } from "./affine-map.js";
import { type AffineAugmentation, AUGMENTATIONS, type Augmentation, type ElasticAugmentation } from "./augmentation.js";
import { ElasticField } from "./elastic-field.js";

/** Configuration of an augmenter: plain data, so that it can be sent to a worker. */
export interface AugmentationConfig {
  readonly augmentations: readonly Augmentation[];
  /** Shape of an image: `[height, width]` or `[channels, height, width]`. */
  readonly shape: DataShape;
  /** Place of the channels in the pixels: one channel after the other ("first"), or innermost ("last"). Default: "first". */
  readonly channels?: "first" | "last";
  readonly seed: number;
}

const check = signature("Augmenter", {
  config: fields<AugmentationConfig>(
    { augmentations: AUGMENTATIONS, shape: SHAPE, channels: optional(choice(["first", "last"])), seed: SEED },
    { root: "config" },
  ),
});
const checkApply = signature("Augmenter.apply", {
  pixels: kind("a Float32Array", (value) => tagOf(value) === "Float32Array"),
  sampleIds: kind("a Uint32Array", (value) => tagOf(value) === "Uint32Array"),
  epoch: whole(0),
});

/** Keys that separate the random draws of one image's augmentations. */
const PURPOSE = { affine: 0, elastic: 1 } as const;

/**
 * Augments images. Pixel x of the result is the image at A(x + d(x)), with the elastic field d and the affine map A. It is
 * interpolated once, bilinearly, and pixels outside the image are 0. A draw depends only on (seed, epoch, sample), so an image
 * is the same in every thread and in every order. All channels of an image change alike.
 */
export class Augmenter {
  readonly #seed: number;
  readonly #height: number;
  readonly #width: number;
  /** First value of each channel in an image. */
  readonly #firsts: readonly number[];
  /** Distance between two values of a channel. */
  readonly #stride: number;
  readonly #affine: AffineAugmentation | undefined;
  readonly #elastic: ElasticAugmentation | undefined;
  readonly #field: ElasticField | undefined;
  readonly #source: Float32Array;

  constructor(config: AugmentationConfig) {
    check([config]);
    const { augmentations, seed } = config;
    const { channels, height, width } = imageShape(config.shape);
    const isLast = config.channels === "last";
    this.#seed = seed;
    this.#height = height;
    this.#width = width;
    this.#firsts = Array.from({ length: channels }, (_, channel) => (isLast ? channel : channel * height * width));
    this.#stride = isLast ? channels : 1;
    this.#affine = augmentations.find((augmentation) => augmentation.kind === "affine");
    this.#elastic = augmentations.find((augmentation) => augmentation.kind === "elastic");
    this.#field = this.#elastic && new ElasticField(this.#elastic, width, height);
    this.#source = new Float32Array(height * width);
  }

  /**
   * Augments images in place.
   * @param pixels `[samples, channels * height * width]`
   * @param sampleIds `[samples]`, the index of each in its data set
   */
  apply(pixels: Float32Array, sampleIds: Uint32Array, epoch: number): void {
    checkApply([pixels, sampleIds, epoch]);
    const source = this.#source;
    const stride = this.#stride;
    const size = source.length * this.#firsts.length;
    sampleIds.forEach((sample, i) => {
      const image = pixels.subarray(i * size, (i + 1) * size);
      const key = (purpose: number) => rowKey(this.#seed, STREAM.augmentation, epoch, sample, purpose);
      this.#field?.draw(key(PURPOSE.elastic));
      const map = this.#affine ? affineMap(drawAffine(this.#affine, key(PURPOSE.affine))) : IDENTITY;
      for (const first of this.#firsts) {
        if (stride === 1) source.set(image.subarray(first, first + source.length));
        else for (let p = 0, from = first; p < source.length; p++, from += stride) source[p] = image[from]!;
        resample(source, image, this.#height, this.#width, map, this.#field, { first, stride });
      }
    });
  }
}

/** Places of a channel in an image: pixel p is at `first + p * stride`. */
interface Channel {
  readonly first: number;
  readonly stride: number;
}

const SOLE_CHANNEL: Channel = { first: 0, stride: 1 };

/** Fills a channel of `result` from `source` (`[height, width]`). */
export function resample(
  source: Float32Array,
  result: Float32Array,
  height: number,
  width: number,
  { xx, xy, yx, yy, x0, y0 }: AffineMap,
  field?: Pick<ElasticField, "dx" | "dy">,
  { first, stride }: Channel = SOLE_CHANNEL,
): void {
  const [midX, midY] = [(width - 1) / 2, (height - 1) / 2];
  for (let row = 0, i = 0, to = first; row < height; row++) {
    for (let column = 0; column < width; column++, i++, to += stride) {
      const x = column - midX + (field === undefined ? 0 : field.dx[i]!);
      const y = row - midY + (field === undefined ? 0 : field.dy[i]!);
      const fromX = xx * x + xy * y + x0 + midX;
      const fromY = yx * x + yy * y + y0 + midY;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const s = fromX - left;
      const t = fromY - top;
      const above = between(source, top, left, s, height, width);
      const below = between(source, top + 1, left, s, height, width);
      result[to] = above * (1 - t) + below * t;
    }
  }
}

/** The value at `left + fraction` in a row of the image. */
function between(image: Float32Array, row: number, left: number, share: number, height: number, width: number): number {
  if (row < 0 || row >= height || left < -1 || left >= width) return 0;
  const at = row * width + left;
  return (left < 0 ? 0 : image[at]! * (1 - share)) + (left + 1 < width ? image[at + 1]! * share : 0);
}
