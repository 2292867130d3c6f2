import { drawUniform, type RowKey } from "../../random/counter.js";
import type { AffineAugmentation } from "./augmentation.js";

/** What one image is put through: scaled, then sheared, then rotated about its middle, then shifted. */
export interface AffineDraw {
  /** Degrees, clockwise as one sees it. */
  readonly rotation: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Degrees; above 0 the top leans to the right. */
  readonly shear: number;
  /** Pixels to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Where a pixel of the result is read: at `xx x + xy y + x0` and `yx x + yy y + y0`, from the middle of the image. */
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

/** The inverse of what the image is put through: the result is filled pixel by pixel from where each comes from. */
export function affineMap({ rotation, scaleX, scaleY, shear, shiftX, shiftY }: AffineDraw): AffineMap {
  const turn = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const lean = Math.tan((shear * Math.PI) / 180);
  // Undone in turn: shift, rotation, shear (x - lean y goes back to x), scaling. Rows go down, so clockwise is (cos, -sin; sin, cos).
  const xx = (cos - lean * sin) / scaleX;
  const xy = (sin + lean * cos) / scaleX;
  const yx = -sin / scaleY;
  const yy = cos / scaleY;
  return { xx, xy, yx, yy, x0: -xx * shiftX - xy * shiftY, y0: -yx * shiftX - yy * shiftY };
}
