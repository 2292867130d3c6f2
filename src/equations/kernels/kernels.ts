import type { Formulas } from "../language/expression.js";

/**
 * What the equations of one definition become before any device sees them: plain formulas over named symbols.
 * Devices know these shapes and nothing of neurons, encoders or rules.
 *
 * Symbol names are plain identifiers (`[A-Za-z_][A-Za-z0-9_]*`). A prefix with two underscores tells roles apart:
 *   `v`            (carry) state variable v after the reset of the previous step
 *   `now__v`       state variable v after this step's update and before its reset: the value that is stored for BPTT
 *   `y`            output of the previous step (0 at the start)
 *   `y__now`       output of this step
 *   `input`        the synaptic current of this step
 *   `d__X`         derivative of the loss with respect to X
 */
export interface NeuronKernel {
  readonly name: string;
  /** State variables in storage order. A stateless unit (ReLU, tanh) has none. */
  readonly states: readonly string[];
  /** Value of every state variable before the first step, as constants or expressions of the parameters. */
  readonly initial: Formulas;
  /** Parameters the formulas use; each is bound to a number or to a trained tensor by the plan. */
  readonly parameters: readonly string[];
  /** Whether the output is binary (a spike train) or graded. */
  readonly output: "spikes" | "values";

  /**
   * One step. Symbols: `input`, each state `v`, `y`, parameters.
   * Formulas: `now__v` for each state, and `y__now`.
   */
  readonly step: Formulas;
  /**
   * From the stored state of a step to what the next step starts from. Symbols: `now__v`, parameters
   * (and `input` where `adjointNeeds` lists it). Formulas: `v` for each state, and `y`.
   * A forward scan may use it on fresh values, an adjoint scan on stored ones: both get the same numbers.
   */
  readonly carry: Formulas;
  /**
   * The adjoint of one step. Symbols: parameters, `now__v` (stored), `v` and `y` (what this step started from, by `carry`
   * from the previous step, or the initial values), `input` only if listed in `adjointNeeds`, and the seeds
   * `d__y__now` (from above, plus what the next step hands back), and for each state `d__v__next` (dL/d of `v` as the
   * next step starts from it; 0 after the last step) and `d__now__v` (dL/d of the stored value itself, for read-outs of a
   * state; else 0).
   * Formulas: `d__input`; `d__v` for each state and `d__y` (what this step hands back to the previous one);
   * `d__p` for each parameter p (all of them; a device computes only those that are trained).
   */
  readonly adjoint: Formulas;
  /**
   * What the initial values of the states hand on to the parameters that they are made of. Symbols: parameters, and for each
   * state `d__v` (what the first step hands back). Formulas: `d__p` for the parameters p that an initial value depends on, to be
   * added to those of the first step.
   */
  readonly initialAdjoint: Formulas;
  /** Stored values the adjoint needs: a subset of the states `now__v`, and `input` if the stored state is not enough. */
  readonly adjointNeeds: readonly string[];
}

/**
 * How one pixel becomes a spike or a current at one step.
 * Symbols: `x` (the pixel), `t` (the step, from 0), `u` (uniform in [0, 1), fresh for every sample, step and unit), parameters.
 */
export interface EncoderKernel {
  readonly name: string;
  readonly output: "spikes" | "values";
  /** One formula: `value`. For spikes: fires where `value` > 0. */
  readonly formulas: Formulas;
  /** True when `value` at x = 0 can never fire (spikes) or is 0 (values), so that a device may skip zero pixels. */
  readonly zeroIsSilent: boolean;
  /** True when the formula does not use `t` or `u`: every step is the same, and one row serves all. */
  readonly static: boolean;
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * The elementwise step of a plasticity rule: one synapse, one update.
 * Symbols: `weight`, `gradient`, state names, `factor` (of the synapse's postsynaptic unit; only if `usesFactor`),
 * and `uniforms`, numbers that are the same for every synapse in one update and arrive with the run.
 * Formulas: `weight` and every state, as they are after the update.
 */
export interface OptimizerKernel {
  readonly name: string;
  readonly states: readonly string[];
  readonly uniforms: readonly string[];
  readonly usesFactor: boolean;
  readonly formulas: Formulas;
}

/**
 * A synapse in continuous time: what one step without spikes does to it, and what a spike on either side does.
 * Symbols: `weight`, each state, and `signal` (what drives the synapse from outside, one value a step; only if
 * `usesSignal`). Parameters are in the formulas as numbers.
 *
 * Formulas: `weight` and the states that change, as they are afterwards; every right side reads the values before. Where
 * spikes meet at the end of a step the order is step, presynaptic, postsynaptic.
 */
export interface SynapseKernel {
  readonly name: string;
  readonly states: readonly string[];
  /** Value of every state at the start. */
  readonly initial: Readonly<Record<string, number>>;
  readonly usesSignal: boolean;
  /** One step of dt. */
  readonly step: Formulas;
  readonly onPre: Formulas;
  readonly onPost: Formulas;
  /** Quantities that are read off the states and `weight`, for monitors. */
  readonly derived: Formulas;
  /**
   * For every state (and `weight`) whose scheme is stable up to a limit only: dt |df/dx| over that limit. From 1 on the
   * step is unstable.
   */
  readonly stiffness: Formulas;
}
