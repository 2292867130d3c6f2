import { splineWeight } from "../spline.js";

/**
 * An elastic deformation of the plane: random displacements on a coarse grid, joined by a uniform cubic B-spline, so
 * that the field is smooth (twice continuously differentiable) without a convolution. Same effect as the smoothed
 * random fields of Simard, Steinkraus and Platt (2003), applied to the strokes instead of to the pixels.
 */

/** Grid points along each side: three spline cells over the unit square and one more point on either side. */
const GRID = 6;
const CELLS = GRID - 3;

/** Buffer for the displacements of one field: `[2, GRID, GRID]`. */
export function warpField(): Float64Array {
  return new Float64Array(2 * GRID * GRID);
}

/** Fills a field with displacements drawn by `normal`, each scaled to `amplitude`. */
export function drawWarp(field: Float64Array, amplitude: number, normal: () => number): void {
  for (let i = 0; i < field.length; i++) field[i] = amplitude * normal();
}

/** Moves the points `x0, y0, x1, y1, ...` of the first `length` entries by the field. Points are clamped to [0, 1]. */
export function applyWarp(field: Float64Array, points: Float64Array, length: number): void {
  for (let i = 0; i < length; i += 2) {
    const gx = clampUnit(points[i]!) * CELLS;
    const gy = clampUnit(points[i + 1]!) * CELLS;
    const cx = Math.min(CELLS - 1, Math.floor(gx));
    const cy = Math.min(CELLS - 1, Math.floor(gy));
    let dx = 0;
    let dy = 0;
    for (let row = 0; row < 4; row++) {
      const wy = splineWeight(row, gy - cy);
      for (let column = 0; column < 4; column++) {
        const w = wy * splineWeight(column, gx - cx);
        const at = (cy + row) * GRID + cx + column;
        dx += w * field[at]!;
        dy += w * field[GRID * GRID + at]!;
      }
    }
    points[i] = points[i]! + dx;
    points[i + 1] = points[i + 1]! + dy;
  }
}

function clampUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
