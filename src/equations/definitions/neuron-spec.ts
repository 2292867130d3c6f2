import type { Calculus, Schemes } from "../integrators/index.js";
import type { FunctionSpec } from "./own-functions.js";
import type { ParameterSpec } from "./parameters.js";
import type { StateSpec, SubexpressionSpec } from "./state-spec.js";
import type { SurrogateDefinition } from "./surrogate.js";

/** Specification of an input current. */
export interface InputSpec {
  /** Default: none (a plain number). */
  readonly unit?: string;
}

/** Specification of an event of a neuron's own. */
export interface EventSpec {
  /** A condition, e.g. `"v > -40 mV"`. */
  readonly when: string;
  /**
   * New values of states where the event happens, from the values that the reset and the events before it leave. Default: no
   * state changes.
   */
  readonly changes?: Readonly<Record<string, string>>;
}

/**
 * Specification of a neuron: equations, units, defaults.
 *
 * Names in equations: the states, the parameters, the subexpressions in `derived`, the input current (`I` unless
 * `input.symbol` says otherwise) and further ones in `inputs`, `dt` (a time) and `y`, the output. What a name means depends on the equation:
 *
 * | equation            | a state                       | `y`             | `I`  |
 * |---------------------|-------------------------------|-----------------|------|
 * | `update`, `dynamics`| as the step starts            | previous output | yes  |
 * | `spike`, `output`   | after this step's update      | not available   | yes  |
 * | `reset`             | after this step's update      | this output     | no   |
 *
 * A subexpression is read like a part of the equation that names it. Quantities may have units (`10 mV`, `10 * mV`,
 * `0.5 / ms`), and `pi` is a number. Where a name of the definition is also one of these, it goes before.
 *
 * Where `y` stands, `detach(y)` is the same number, but derivatives do not pass through it. With `v - threshold *
 * detach(y)`, the error at a state does not reach the spike that reset it (PyTorch's `detach`, TensorFlow's
 * `stop_gradient`).
 *
 * Only simulations have `t` (the time at the start of the step), `i` (the index of the neuron), `N` (the number of neurons)
 * and the draws `rand()` and `randn()`, one number per neuron and step for each call. `dynamics` have white noise in
 * simulations: `xi`, or `xi_1`, `xi_2` and so on for independent ones, in ms^-0.5; `xi_shared` is the same for all neurons.
 */
export interface NeuronSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  readonly input?: InputSpec & { readonly symbol?: string };
  /** Further input currents by name, for simulations. A current or a sum over synapses names the one that it adds to. */
  readonly inputs?: Readonly<Record<string, InputSpec>>;
  readonly states?: Readonly<Record<string, StateSpec>>;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /**
   * Functions that equations may call, by their heads: `{ "rise(v)": "1 / (1 + exp(-v / (5 mV)))" }`. A function may call those
   * before it. Names that are not its inputs mean what they mean in the equation that calls it. In simulations also values in
   * time, `{ stimulus: timedArray(...) }` for `stimulus(t)` or `stimulus(t, i)`, and tables, `{ rise: functionTable(...) }`.
   */
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  /** Subexpressions that equations and each other may name, in any order. */
  readonly derived?: Readonly<Record<string, SubexpressionSpec>>;
  /**
   * Time after a spike in which the neuron does not fire, e.g. `"5 ms"` or an equation of parameters and states (the
   * nearest whole number of steps counts), or a condition that is tested at the start of every step, e.g. `"v > -40 mV"`.
   * Equations may then use `notRefractory`, 1 or 0, and the neuron has a state `refractoryLeft`.
   */
  readonly refractory?: string;
  /** States that do not change by their `update` or `dynamics` while the neuron is refractory. */
  readonly unlessRefractory?: readonly string[];
  /** Difference equations: the state after the step. */
  readonly update?: Readonly<Record<string, string>>;
  /** Differential equations: d(state)/dt. A state has this, an update, or neither: then only events, resets and the user change it. */
  readonly dynamics?: Readonly<Record<string, string>>;
  /**
   * Scheme for `dynamics`, or one for each of some states, e.g. `{ v: exponentialEuler, w: rk4 }`: states with the same scheme
   * are integrated together, and other states are constant during the step. Default, also of states that are not named:
   * exponential Euler; with noise Euler-Maruyama, or Milstein if the noise is multiplicative. `automatic` chooses.
   */
  readonly integrator?: Schemes;
  /** Integral that multiplicative noise means. Default: "stratonovich", as in Brian2. */
  readonly calculus?: Calculus;
  /**
   * Events beside the spike, for simulations: an event happens in a step whose `when` holds after the update, before any reset.
   * `when` has the names of `spike` and `changes` those of `reset`.
   */
  readonly events?: Readonly<Record<string, EventSpec>>;
  /** The neuron fires where this is above 0. Either this or `output`. */
  readonly spike?: string;
  /** The neuron's graded output. */
  readonly output?: string;
  /** New value of a state after the output is computed; a state without an entry does not change. */
  readonly reset?: Readonly<Record<string, string>>;
  /** Replaces the derivative of the spike in training. Default: `arctan()`. */
  readonly surrogate?: SurrogateDefinition;
}
