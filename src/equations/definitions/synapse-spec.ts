import type { Integrator, SystemIntegrator } from "../integrators/index.js";
import type { ParameterSpec } from "./parameters.js";
import type { StateSpec } from "./state-spec.js";

/** A quantity that is computed from the states, e.g. `m = (mMinus - mPlus) / 2`. */
export interface DerivedSpec {
  readonly equation: string;
  /** Default: none (a plain number). */
  readonly unit?: string;
  readonly summary: string;
}

/**
 * Specification of a synapse: state variables with their differential equations, events at spikes, units.
 *
 * Names in equations: `weight`, the states, the derived quantities, the parameters, and in `dynamics` the signal.
 *
 * - `dynamics` holds between spikes: d(state)/dt, all from the values at the beginning of a step. The rate of `weight`
 *   reads the states as they are at the end of the step.
 * - `onPre` and `onPost` are read in order, like statements: a name means its newest value.
 *
 *     defineSynapse({
 *       name: "trace", summary: "...", source: "...",
 *       parameters: { tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "time constant" } },
 *       states: { x: { summary: "trace of presynaptic spikes" } },
 *       dynamics: { x: "-x / tau" },
 *       onPre: { x: "x + 1" },
 *       onPost: { weight: "weight + x" },
 *     })
 */
export interface SynapseSpec {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /**
   * The weight's unit (default: none), and the scheme for its own equation (default: forward Euler, since a change of
   * weight that depends on the weight is seldom linear in it).
   */
  readonly weight?: { readonly unit?: string; readonly integrator?: Integrator };
  /** External input of the synapse, e.g. a gradient or a modulator. Constant during a step. */
  readonly signal?: { readonly symbol: string; readonly unit?: string; readonly summary: string };
  readonly states?: Readonly<Record<string, StateSpec>>;
  readonly derived?: Readonly<Record<string, DerivedSpec>>;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** d(state)/dt, d(weight)/dt. Variables without an equation are constant between spikes. */
  readonly dynamics?: Readonly<Record<string, string>>;
  /** Scheme for the states. Default: exponential Euler, which is exact for traces and other linear equations. */
  readonly integrator?: Integrator | SystemIntegrator;
  readonly onPre?: Readonly<Record<string, string>>;
  readonly onPost?: Readonly<Record<string, string>>;
}
