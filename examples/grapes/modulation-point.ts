import type { Point, PointContext, PointResult } from "spikevine/sweep";
import { type Bins, density, momentsOf } from "./distribution.js";
import { factorsOf } from "./methods.js";
import { trainNetwork } from "./train-point.js";

/** Factors lie in 1 to 2. */
export const FACTOR_BINS: Bins = { from: 1, to: 2, count: 40 };

/**
 * Trains, and records for every hidden layer k the mean and the standard deviation of the modulation factors after every
 * epoch (`factor mean k`, `factor spread k`) and their density at the end (`factor density k`). The factors are those of
 * GRAPES for the current weights, for any method of training.
 */
export async function modulationPoint(point: Point, context: PointContext): Promise<PointResult> {
  const hidden = (point.settings.hidden as readonly number[]).map((_, index) => index);
  const moments: { mean: number; deviation: number }[][] = [];
  const { network, result } = await trainNetwork(point, context, (now) => {
    moments.push(factorsOf(now).map(momentsOf));
  });
  const factors = factorsOf(network);
  for (const layer of hidden) {
    result.curves[`factor mean ${layer + 1}`] = moments.map((epoch) => epoch[layer]!.mean);
    result.curves[`factor spread ${layer + 1}`] = moments.map((epoch) => epoch[layer]!.deviation);
    result.curves[`factor density ${layer + 1}`] = density(factors[layer]!, FACTOR_BINS);
  }
  return result;
}
