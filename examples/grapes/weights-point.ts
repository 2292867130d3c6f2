import type { Network } from "spikevine";
import type { Point, PointContext, PointResult } from "spikevine/sweep";
import { type Bins, density, excessKurtosis, momentsOf } from "./distribution.js";
import { trainNetwork } from "./train-point.js";

/** Weights in standard deviations of their layer. */
export const WEIGHT_BINS: Bins = { from: -12, to: 12, count: 96 };

/**
 * Trains, and records for every layer k the excess kurtosis of its weights after every epoch (`kurtosis k`, the last one
 * also as a metric) and the density of its weights at the end, in units of their standard deviation (`weight density
 * k`).
 */
export async function weightsPoint(point: Point, context: PointContext): Promise<PointResult> {
  const kurtosis: number[][] = [];
  const { network, result } = await trainNetwork(point, context, (now) => {
    kurtosis.push(weightsOf(now).map(excessKurtosis));
  });
  const { metrics, curves } = result;
  for (const [index, weights] of weightsOf(network).entries()) {
    const layer = index + 1;
    const { mean, deviation } = momentsOf(weights);
    metrics[`kurtosis ${layer}`] = excessKurtosis(weights);
    metrics[`deviation ${layer}`] = deviation;
    curves[`kurtosis ${layer}`] = kurtosis.map((epoch) => epoch[index]!);
    curves[`weight density ${layer}`] = density(
      weights.map((w) => (w - mean) / deviation),
      WEIGHT_BINS,
    );
  }
  return result;
}

const weightsOf = ({ layerNames, parameters }: Network): Float32Array[] =>
  layerNames.map((layer) => parameters.get(`${layer}.weights`)!.data);
