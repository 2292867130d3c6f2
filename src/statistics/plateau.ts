import { numbers, signature } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";

/** A learning curve as `accuracy = plateau * epoch / (slowness + epoch)`. */
export interface Plateau {
  /** Epochs to half of the plateau (s). */
  readonly slowness: number;
  /** Limit of the accuracy (A). */
  readonly plateau: number;
  /**
   * Standard errors of both, from the residuals: Gauss-Newton covariance `r.r / (n - 2) * inverse(J^T J)`. They hold
   * for independent, identically distributed residuals. If the equation does not quite fit a learning curve, its
   * residuals are neither, and the deviation over seeds is the better measure.
   */
  readonly slownessError: number;
  readonly plateauError: number;
  /** Standard deviation of the residuals, `sqrt(r.r / (n - 2))`. */
  readonly residual: number;
}

/** Search range of the slowness: above -1, where the curve is finite at epoch 1, up to curves that are straight. */
const LEAST = 1e-6;
const MOST = 1e6;
const GRID = 240;

const check = signature("plateau", { accuracies: numbers });

/**
 * Fits the plateau equation to the accuracies of epochs 1, 2, ...: one search over the slowness, with the plateau in
 * closed form. A slowness below 0 (above -1) means that the curve falls. Source: G. Dellaferrera et al., Nature
 * Communications 13 (2022), eq. 5; there it is fitted to epochs 1 to 100.
 * @param accuracies `[epochs]`, in any unit
 * @throws SpikevineError for fewer than 3 epochs, values that are not finite, or a curve without a plateau
 */
export function fitPlateau(accuracies: ArrayLike<number>): Plateau {
  check([accuracies]);
  const y = Array.from(accuracies);
  if (y.length < 3) {
    throw new SpikevineError(
      `plateau: accuracies has ${y.length} epochs; give at least 3, because a fit to two is always exact.`,
    );
  }
  const bad = y.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikevineError(`plateau: accuracies[${bad}] is ${y[bad]}; give finite numbers.`);
  if (y.every((value) => value === 0)) {
    throw new SpikevineError("plateau: accuracies are all 0; give those of a network that learns.");
  }
  const slowness = polish(y, search(y));
  const plateau = bestPlateau(y, slowness);
  const { rr, aa, as, ss } = sums(y, slowness, plateau);
  const determinant = aa * ss - as * as;
  const variance = rr / (y.length - 2);
  return {
    slowness,
    plateau,
    slownessError: Math.sqrt((variance * aa) / determinant),
    plateauError: Math.sqrt((variance * ss) / determinant),
    residual: Math.sqrt(variance),
  };
}

/** Least squares over a grid of 1 + s, even in its logarithm, then golden sections around the best value. */
function search(y: readonly number[]): number {
  const at = (u: number): number => Math.exp(u) - 1;
  const cost = (u: number): number => sums(y, at(u), bestPlateau(y, at(u))).rr;
  const step = Math.log(MOST / LEAST) / GRID;
  const grid = Array.from({ length: GRID + 1 }, (_, i) => Math.log(LEAST) + i * step);
  const costs = grid.map(cost);
  const best = costs.indexOf(Math.min(...costs));
  if (best === 0 || best === GRID) {
    const shape = best === 0 ? "falls away from the first epoch" : "still rises as a straight line";
    throw new SpikevineError(`plateau: the accuracy ${shape}, so no plateau fits it; give more epochs.`);
  }
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [grid[best]! - step, grid[best]! + step];
  while (high - low > 1e-7) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (cost(left) < cost(right)) high = right;
    else low = left;
  }
  return at((low + high) / 2);
}

/**
 * Newton steps on the slope of the squares, which is still exact where the squares themselves have lost their digits.
 */
function polish(y: readonly number[], start: number): number {
  let slowness = start;
  for (let i = 0; i < 20; i++) {
    const plateau = bestPlateau(y, slowness);
    const { ra, rs, aa, as, ss } = sums(y, slowness, plateau);
    const change = (aa * rs - as * ra) / (aa * ss - as * as);
    // Far from a good fit, Gauss-Newton may not converge; the search alone is accurate to 1e-7.
    if (!(Math.abs(change) < 1e-5 * (1 + slowness))) break;
    slowness += change;
  }
  return slowness;
}

/** Least-squares plateau for a slowness. */
function bestPlateau(y: readonly number[], slowness: number): number {
  let yf = 0;
  let ff = 0;
  for (let i = 0; i < y.length; i++) {
    const f = (i + 1) / (slowness + i + 1);
    yf += y[i]! * f;
    ff += f * f;
  }
  return yf / ff;
}

/**
 * Products of the residuals r and of the derivatives with respect to the plateau (a) and the slowness (s), summed over
 * epochs.
 */
function sums(
  y: readonly number[],
  slowness: number,
  plateau: number,
): { rr: number; ra: number; rs: number; aa: number; as: number; ss: number } {
  const sum = { rr: 0, ra: 0, rs: 0, aa: 0, as: 0, ss: 0 };
  for (let i = 0; i < y.length; i++) {
    const a = (i + 1) / (slowness + i + 1);
    const s = (-plateau * a) / (slowness + i + 1);
    const r = y[i]! - plateau * a;
    sum.rr += r * r;
    sum.ra += r * a;
    sum.rs += r * s;
    sum.aa += a * a;
    sum.as += a * s;
    sum.ss += s * s;
  }
  return sum;
}
