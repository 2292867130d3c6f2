import type { Integrator } from "../integrators/index.js";
import type { ParameterSpec } from "./parameters.js";

/**
 * A plasticity rule as its author writes it: what one update does to one synapse.
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
  readonly summary: string;
  readonly source: string;
  readonly states?: Readonly<Record<string, OptimizerState>>;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly update?: Readonly<Record<string, string>>;
  /** States in continuous time, all taken from their previous values; a state has either this or an update. */
  readonly dynamics?: OptimizerDynamics;
  readonly weight: string;
  /** Values of parameters for what is trained and is no synapse: biases, thresholds. */
  readonly offSynapses?: Readonly<Record<string, number>>;
}

export interface OptimizerState {
  readonly initial: number;
  readonly summary: string;
  /** Training stops when a value is larger in size than this parameter, and gives the advice. */
  readonly limit?: { readonly parameter: string; readonly advice: string };
}

/** Differential equations of a rule's states, which one update takes over the time between two updates. */
export interface OptimizerDynamics {
  /** d(state)/dt, with the gradient held still. */
  readonly rates: Readonly<Record<string, string>>;
  readonly integrator: Integrator;
  /** The parameter that is the time between two updates. */
  readonly interval: string;
}
