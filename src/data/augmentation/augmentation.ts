import { fields, kind, list, number, optional, signature, tagged } from "../../arguments/index.js";

/**
 * Random changes of training images, drawn again for every sample and epoch. Plain data, so that it can be sent to a
 * worker. Every figure is the largest change; the drawn change is uniform between minus and plus this figure.
 */
export type Augmentation = AffineAugmentation | ElasticAugmentation;

export interface AffineAugmentation {
  readonly kind: "affine";
  /** Degrees. */
  readonly rotation: number;
  /** Change of width and of height, drawn independently, as a fraction: 0.15 draws factors from 0.85 to 1.15. */
  readonly scale: number;
  /** Shear of the vertical axis, degrees. */
  readonly shear: number;
  /** Shift along each axis, pixels. */
  readonly translation: number;
}

export interface ElasticAugmentation {
  readonly kind: "elastic";
  /** Standard deviation of the smoothing of the displacement field, pixels. */
  readonly sigma: number;
  /** Multiplies the smoothed field: each axis is displaced by `alpha / (sigma * sqrt(12 pi))` pixels, standard deviation. */
  readonly alpha: number;
}

type AffineOptions = Partial<Omit<AffineAugmentation, "kind">>;
type ElasticOptions = Partial<Omit<ElasticAugmentation, "kind">>;

const AFFINE = {
  rotation: number({ least: 0, most: 180 }, "degrees from 0 to 180"),
  scale: number({ least: 0, most: 0.9 }, "a fraction from 0 to 0.9"),
  shear: number({ least: 0, most: 80 }, "degrees from 0 to 80"),
  translation: number({ least: 0, most: 1e4 }, "pixels from 0 to 10000"),
};
const ELASTIC = {
  sigma: number({ least: 0.5, most: 1e4 }, "pixels from 0.5 to 10000"),
  alpha: number({ least: 0, most: 1e6 }, "a number from 0 to 1000000"),
};

const checkAffine = signature("randomAffine", {
  options: fields<AffineOptions>(
    {
      rotation: optional(AFFINE.rotation),
      scale: optional(AFFINE.scale),
      shear: optional(AFFINE.shear),
      translation: optional(AFFINE.translation),
    },
    { root: "options" },
  ),
});
const checkElastic = signature("elasticTransform", {
  options: fields<ElasticOptions>(
    { sigma: optional(ELASTIC.sigma), alpha: optional(ELASTIC.alpha) },
    { root: "options" },
  ),
});

/** A list of augmentations. */
export const AUGMENTATIONS = list(
  tagged(
    "kind",
    {
      affine: fields<AffineAugmentation>({ kind: kind("affine", () => true), ...AFFINE }),
      elastic: fields<ElasticAugmentation>({ kind: kind("elastic", () => true), ...ELASTIC }),
    },
    "an augmentation, e.g. randomAffine() or elasticTransform()",
  ),
);

/**
 * Random rotation, scaling, shear and translation about the center of the image. Changes that are left out are off.
 * The augmentation of D. Ciresan et al., Neural Computation 22 (2010), has rotation 15 and scale 0.15 to 0.2 on MNIST.
 * @throws SpikevineError naming the option that is out of range
 */
export function randomAffine(options: AffineOptions = {}): AffineAugmentation {
  checkAffine([options]);
  const { rotation = 0, scale = 0, shear = 0, translation = 0 } = options;
  return { kind: "affine", rotation, scale, shear, translation };
}

/**
 * Elastic deformation: every pixel is displaced by a random field that is smooth over `sigma` pixels.
 * Source: P. Simard, D. Steinkraus and J. Platt, ICDAR 2003 (sigma 4, alpha 34 on MNIST, the defaults here); D. Ciresan et al.
 * 2010 have sigma 5 to 6 and alpha 36 to 38.
 * @throws SpikevineError naming the option that is out of range
 */
export function elasticTransform(options: ElasticOptions = {}): ElasticAugmentation {
  checkElastic([options]);
  const { sigma = 4, alpha = 34 } = options;
  return { kind: "elastic", sigma, alpha };
}
