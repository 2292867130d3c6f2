import { fields, flag, kind, number, optional, signature } from "../../arguments/index.js";

/** Gradients of spikes by neighborhood aggregation, made by `neighborhoodAggregation`. */
export interface NeighborhoodAggregation {
  readonly kind: "neighborhood-aggregation";
  readonly power: number;
  readonly largest: number;
  readonly smoothing: number;
  readonly rescaled: boolean;
}

export interface NeighborhoodOptions {
  /** A neighbor's effect is divided by this power of the distance of the potential from the threshold. Default: 1. */
  readonly power?: number;
  /** Largest factor, for potentials close to the threshold, in units of 1 / distance^power. Default: 10. */
  readonly largest?: number;
  /**
   * Decay per step of a filter on the differences of the spike trains, at least 0 and below 1. The error at a spike has
   * passed the adjoint of the synaptic filter already; the decay of that filter here smooths it twice. Default: 0.
   */
  readonly smoothing?: number;
  /**
   * Scales the effects of the spikes of each layer by 1.2 log(N / (m + 1e-5) + 1.02), where m is the mean of their sizes
   * in the batch and N that of the last spiking layer after scaling, rounded to three decimals. Default: false.
   */
  readonly rescaled?: boolean;
}

const POWER = number({ above: 0 }, "the power of the distance, a number above 0");
const LARGEST = number({ above: 0 }, "the largest factor, a number above 0");
const SMOOTHING = number({ least: 0, below: 1 }, "the decay per step, at least 0 and below 1");

/** Gradients of spikes as an argument. */
export const SPIKE_GRADIENT = fields<NeighborhoodAggregation>({
  kind: kind("the result of neighborhoodAggregation()", (value) => value === "neighborhood-aggregation"),
  power: POWER,
  largest: LARGEST,
  smoothing: SMOOTHING,
  rescaled: flag,
});

const check = signature("neighborhoodAggregation", {
  options: fields<NeighborhoodOptions>(
    {
      power: optional(POWER),
      largest: optional(LARGEST),
      smoothing: optional(SMOOTHING),
      rescaled: optional(flag),
    },
    { root: "options" },
  ),
});

/**
 * Neighborhood aggregation (NA): the error at a neuron's current follows from the effect of each of its spikes on the loss,
 * found by flipping the spike and following the neuron to the end of the presentation with the same currents, divided by the
 * distance of its potential from the threshold. It takes the place of the surrogate in `train` and `gradients`:
 * `train(network, { spikeGradient: neighborhoodAggregation(), ... })`. Work grows with the square of the steps.
 *
 * The defaults are the method of the paper. The code of its authors has `{ power: 3, largest: 5, smoothing: 0.5, rescaled: true }`.
 * Source: Y. Yang, W. Zhang and P. Li, Backpropagated Neighborhood Aggregation for Accurate Training of Spiking Neural Networks,
 * ICML 2021.
 * @throws SpikevineError for an option outside its range.
 */
export function neighborhoodAggregation(options: NeighborhoodOptions = {}): NeighborhoodAggregation {
  check([options]);
  const { power = 1, largest = 10, smoothing = 0, rescaled = false } = options;
  return { kind: "neighborhood-aggregation", power, largest, smoothing, rescaled };
}
