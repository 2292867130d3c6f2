import type { Integrator } from "../integrators/index.js";
import type { ParameterSpec } from "./parameters.js";

/**
 * Specification of an optimizer: the effect of one update on one weight.
 *
 * The equations of `update` are read in order, then `weight`. A state's name means its **newest** value: the previous
 * one in its own equation and in those above it, the updated one in those below it and in `weight`.
 *
 * Names: `weight` (before the update), `gradient` (dL/dweight), `factor` (one number for the postsynaptic unit), `k` (the
 * number of this update, from 1), the states, the parameters. All are plain numbers.
 *
 *     defineOptimizer({
 *       name: "momentum", summary: "...", source: "...",
 *       parameters: { learningRate: { value: 0.1, min: 0, exclusiveMin: true, summary: "..." }, ... },
 *       states: { m: { initial: 0, summary: "running sum of gradients" } },
 *       update: { m: "momentum * m + gradient" },
 *       weight: "weight - learningRate * m",
 *     })
 */
export interface OptimizerSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  readonly states?: Readonly<Record<string, OptimizerState>>;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly update?: Readonly<Record<string, string>>;
  /** States in continuous time, all computed from their previous values; a state has either this or an update. */
  readonly dynamics?: OptimizerDynamics;
  readonly weight: string;
  /** Values of parameters for trained values that are not synapses: biases, thresholds. */
  readonly offSynapses?: Readonly<Record<string, number>>;
}

export interface OptimizerState {
  readonly initial: number;
  readonly summary: string;
  /** Training stops with the advice if the absolute value of the state exceeds this parameter. */
  readonly limit?: { readonly parameter: string; readonly advice: string };
}

/** Differential equations of an optimizer's states; one update integrates them over the time between two updates. */
export interface OptimizerDynamics {
  /** d(state)/dt, with a constant gradient. */
  readonly rates: Readonly<Record<string, string>>;
  readonly integrator: Integrator;
  /** The parameter that is the time between two updates. */
  readonly interval: string;
}
