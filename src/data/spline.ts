/** Standard deviation of the cubic B-spline, in cells. */
export const SPLINE_DEVIATION = 1 / Math.sqrt(3);

/** Weight of the k-th of the four grid points around a cell, at position t in [0, 1] in the cell (uniform cubic B-spline). */
export function splineWeight(k: number, t: number): number {
  const u = 1 - t;
  if (k === 0) return (u * u * u) / 6;
  if (k === 1) return (3 * t * t * t - 6 * t * t + 4) / 6;
  if (k === 2) return (3 * u * u * u - 6 * u * u + 4) / 6;
  return (t * t * t) / 6;
}
