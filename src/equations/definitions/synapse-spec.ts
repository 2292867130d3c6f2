import type { Calculus, Scheme, Schemes } from "../integrators/index.js";
import type { FunctionSpec } from "./own-functions.js";
import type { ParameterSpec } from "./parameters.js";
import type { StateSpec } from "./state-spec.js";

/** A quantity that is computed from the states, e.g. `m = (mMinus - mPlus) / 2`. */
export interface DerivedSpec {
  readonly equation: string;
  /** Default: none (a plain number). */
  readonly unit?: string;
  readonly summary?: string;
}

/**
 * Statements that are read in order: the variable on the left gets the value of the equation. It is a state, `weight`, or
 * a state of a neuron, e.g. `g_post`.
 */
export type Changes = Readonly<Record<string, string>>;

/** One of several answers to the same spikes, with a delay of its own. */
export interface PathwaySpec {
  /** Its name in `pathwayDelays` of `connect`. */
  readonly name: string;
  /** Default: that of the projection for presynaptic spikes, none for postsynaptic spikes. */
  readonly delay?: number | string;
  readonly changes: Changes;
}

/**
 * Specification of a synapse: state variables with their differential equations, events at spikes, units.
 *
 * Names in equations: `weight`, the states, the derived quantities, the parameters, and in `dynamics` the signal. A name
 * that ends with `_pre` or `_post` and is none of these is a state, a parameter or a subexpression of the pre- or postsynaptic
 * neuron, such as `v_post`; its unit is checked when the synapse is connected. At an end with synapses these are the weight, the
 * states, the parameters and the derived values of those synapses.
 *
 * `t` is the time at the start of the step, or of the spike; `dt` the length of a step; `i` and `j` are the indices of the
 * presynaptic and the postsynaptic neuron among those that are connected, whose numbers are `N_pre` and `N_post`;
 * `N_incoming` and `N_outgoing` are the numbers of synapses of the same projection at the postsynaptic and at the presynaptic
 * neuron.
 *
 * - `dynamics` holds between spikes: d(state)/dt, all from the values at the beginning of a step. The rate of `weight`
 *   reads the states as they are at the end of the step. `xi` is white noise (unit 1/sqrt(ms)) as a factor of a term, drawn
 *   for every synapse and step; `xi_1` and so on are independent of it, and `xi_shared` is the same for all synapses. Schemes
 *   for one equation add noise as by Euler-Maruyama (in the sense of Ito): its amplitude at the beginning of the step, times a
 *   normal number with the variance dt.
 * - `onPre` and `onPost` are read in order, like statements: a name means its newest value. If they write to no neuron, a
 *   presynaptic spike adds the old weight to the `target` of the projection.
 * - `summed` is added up over all synapses of a neuron at every step.
 *
 *     defineSynapse({
 *       name: "trace",
 *       parameters: { tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "time constant" } },
 *       states: { x: { summary: "trace of presynaptic spikes" } },
 *       dynamics: { x: "-x / tau" },
 *       onPre: { x: "x + 1", g_post: "g_post + weight" },
 *       onPost: { weight: "weight + x" },
 *     })
 */
export interface SynapseSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  /**
   * The weight's unit (default: none), and the scheme for its own equation (default: forward Euler, since a change of
   * weight that depends on the weight is seldom linear in it; Milstein for noise that the weight multiplies).
   */
  readonly weight?: { readonly unit?: string; readonly integrator?: Scheme };
  /** External input of the synapse, e.g. a gradient or a modulator. Constant during a step. */
  readonly signal?: { readonly symbol: string; readonly unit?: string; readonly summary: string };
  readonly states?: Readonly<Record<string, StateSpec>>;
  /** Quantities by name: an equation without a unit, or an equation and its unit. */
  readonly derived?: Readonly<Record<string, string | DerivedSpec>>;
  /** Functions that equations may call, as those of a neuron: equations by their heads, timed arrays, tables. */
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** d(state)/dt, d(weight)/dt. Variables without an equation are constant between spikes. */
  readonly dynamics?: Readonly<Record<string, string>>;
  /**
   * Scheme for the states, or one for each of some states, e.g. `{ x: exactLinear, y: rk4 }`. Default, also of states that are
   * not named: exponential Euler, which is exact for traces and other linear equations, or Milstein for noise that a state
   * multiplies which it drives. `automatic` chooses.
   */
  readonly integrator?: Schemes;
  /** Integral that multiplicative noise means. Default: "stratonovich", as in Brian2. */
  readonly calculus?: Calculus;
  /** Changes at a presynaptic spike, or several pathways, which act in the order of the list. */
  readonly onPre?: Changes | readonly PathwaySpec[];
  /** Changes at a postsynaptic spike, likewise. */
  readonly onPost?: Changes | readonly PathwaySpec[];
  /**
   * Equations whose values are added up at every step over all synapses of a neuron, e.g.
   * `{ gap_post: "weight * (v_pre - v_post)" }`: `gap` is the input current of the neuron or one of its parameters, whose
   * value the sum replaces.
   */
  readonly summed?: Readonly<Record<string, string>>;
}
