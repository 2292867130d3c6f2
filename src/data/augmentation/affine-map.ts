import { drawUniform, type RowKey } from "../../random/counter.js";
import type { AffineAugmentation } from "./augmentation.js";

/** Transformation of one image: scaled, then sheared, then rotated about its center, then shifted. */
export interface AffineDraw {
  /** Degrees, clockwise on the screen. */
  readonly rotation: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Degrees; for positive values the top leans to the right. */
  readonly shear: number;
  /** Pixels to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Source position of a pixel of the result, relative to the center of the image: `xx x + xy y + x0` and `yx x + yy y + y0`. */
export interface AffineMap {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly x0: number;
  readonly y0: number;
}

export const IDENTITY: AffineMap = { xx: 1, xy: 0, yx: 0, yy: 1, x0: 0, y0: 0 };

/** Uniform draws for one image. */
export function drawAffine({ rotation, scale, shear, translation }: AffineAugmentation, key: RowKey): AffineDraw {
  const either = (unit: number, most: number): number => most * (2 * drawUniform(key, unit) - 1);
  return {
    rotation: either(0, rotation),
    scaleX: 1 + either(1, scale),
    scaleY: 1 + either(2, scale),
    shear: either(3, shear),
    shiftX: either(4, translation),
    shiftY: either(5, translation),
  };
}

/** Inverse of the transformation, since every pixel of the result is read from its source position. */
export function affineMap({ rotation, scaleX, scaleY, shear, shiftX, shiftY }: AffineDraw): AffineMap {
  const turn = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const lean = Math.tan((shear * Math.PI) / 180);
  // Inverts the shift, the rotation, the shear (x - lean y becomes x) and the scaling. Rows go down, so clockwise is (cos,
  // -sin; sin, cos).
  const xx = (cos - lean * sin) / scaleX;
  const xy = (sin + lean * cos) / scaleX;
  const yx = -sin / scaleY;
  const yy = cos / scaleY;
  return { xx, xy, yx, yy, x0: -xx * shiftX - xy * shiftY, y0: -yx * shiftX - yy * shiftY };
}
