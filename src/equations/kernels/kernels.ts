import type { TimedValue } from "../definitions/timed-array.js";
import type { Loop } from "../integrators/index.js";
import type { Expression, Formulas } from "../language/expression.js";

/**
 * Kernels: the form of a definition's equations that devices receive, plain formulas over named symbols. Devices depend
 * only on these types, not on neurons, encoders or optimizers.
 *
 * Symbol names are plain identifiers (`[A-Za-z_][A-Za-z0-9_]*`). A prefix with two underscores marks the role:
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
  /** Binary (a spike train) or graded output. */
  readonly output: "spikes" | "values";

  /**
   * One step. Symbols: `input`, each state `v`, `y`, parameters.
   * Formulas: `now__v` for each state, and `y__now`.
   */
  readonly step: Formulas;
  /**
   * From the stored state of a step to the initial values of the next step. Symbols: `now__v`, parameters
   * (and `input` where `adjointNeeds` lists it). Formulas: `v` for each state, and `y`.
   * A forward scan applies it to new values and an adjoint scan to stored ones; both get the same numbers.
   */
  readonly carry: Formulas;
  /**
   * The adjoint of one step. Symbols: parameters, `now__v` (stored), `v` and `y` (at the beginning of the step: from the
   * previous step by `carry`, or the initial values), `input` only if listed in `adjointNeeds`, and the seeds
   * `d__y__now` (from the next layer, plus the `d__y` of the next step), and for each state `d__v__next` (dL/d of `v` as the
   * next step starts from it; 0 after the last step) and `d__now__v` (dL/d of the stored value itself, for read-outs of a
   * state; else 0).
   * Formulas: `d__input`; `d__v` for each state and `d__y` (propagated back to the previous step);
   * `d__p` for each parameter p (a device computes only those of trained parameters).
   */
  readonly adjoint: Formulas;
  /**
   * Gradients of the parameters that the initial values of the states depend on. Symbols: parameters, and for each state
   * `d__v` (from the first step). Formulas: `d__p` for the parameters p that an initial value depends on, to be
   * added to those of the first step.
   */
  readonly initialAdjoint: Formulas;
  /** Stored values the adjoint needs: a subset of the states `now__v`, and `input` if the stored state is not enough. */
  readonly adjointNeeds: readonly string[];
  /** Name of the scheme of every state with a differential equation. */
  readonly schemes: Readonly<Record<string, string>>;
  /** Repeated formulas whose variables `step` has among its symbols, in order. Only simulations run them. */
  readonly loops?: readonly Loop[];
  /** Random numbers per unit and step that the formulas have as symbols. Only simulations draw them. */
  readonly draws?: readonly Draw[];
  /** Conditions of events beside the spike, over `now__v` and `input`. Only simulations have them. */
  readonly events?: Formulas;
  /** Timed arrays whose present values the formulas have as symbols, by symbol. Only simulations have them. */
  readonly timed?: Readonly<Record<string, TimedValue>>;
  /** Subexpressions over the same symbols as `step`, for monitors. */
  readonly derived?: Formulas;
}

/** A random number. */
export interface Draw {
  readonly symbol: string;
  /** Uniform in [0, 1), or normal with mean 0 and variance 1. */
  readonly kind: "uniform" | "normal";
  /** True for one number per step for all units. */
  readonly shared?: boolean;
}

/**
 * A spiking neuron's kernel for neighborhood aggregation. A neighbor of a spike train differs from it in the spike of one
 * step; its later spikes follow from the same currents. The adjoint takes d__y__now as the error at the number that is above
 * 0 where the neuron fires, and propagates none through `affected` states and y.
 */
export interface NeighborKernel extends NeuronKernel {
  /**
   * Values from which the neighbor starts the step after the one whose spike is flipped. Symbols: `now__v`, `input`,
   * parameters, and `y`, the flipped output. Formulas: `v` for each state, and `y`.
   */
  readonly flipped: Formulas;
  /** One formula, `factor`: the weight of a neighbor's effect. Symbols: `now__v`, `input`, parameters. */
  readonly weighting: Formulas;
  /** Stored values `now__v` that `flipped`, `weighting` and `carry.y` need. */
  readonly neighborNeeds: readonly string[];
  /** States whose later values depend on the neuron's own spikes. */
  readonly affected: readonly string[];
  /** Affected states that the membrane potential changes by spikes alone, e.g. a trace of the output. */
  readonly traces: readonly string[];
}

/**
 * Encoding of one pixel as a spike or a current at one step.
 * Symbols: `x` (the pixel at this step), `x_before` (the pixel at the step before; 0 at step 0), `t` (the step, from 0), `u`
 * (uniform in [0, 1), fresh for every sample, step and unit), parameters.
 */
export interface EncoderKernel {
  readonly name: string;
  readonly output: "spikes" | "values";
  /** One formula: `value`. For spikes: fires where `value` > 0. */
  readonly formulas: Formulas;
  /** True when `value` at x = 0 can never fire (spikes) or is 0 (values), whatever `x_before`, so that a device may skip zero pixels. */
  readonly zeroIsSilent: boolean;
  /** True if the formula uses none of `t`, `u` and `x_before`: every step of a still image is the same, and one row is enough. */
  readonly static: boolean;
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * The elementwise step of an optimizer: one update of one weight.
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
 * A synapse in continuous time: its change over one step without spikes, and its changes at presynaptic and postsynaptic
 * spikes.
 * Symbols: `weight`, each state, and `signal` (the external input, one value per step; only if
 * `usesSignal`). Parameters are in the formulas as numbers.
 *
 * Formulas: `weight` and the states that change, as they are afterwards; every right side reads the values before. If spikes
 * coincide at the end of a step, the order is: step, presynaptic, postsynaptic.
 */
export interface SynapseKernel {
  readonly name: string;
  readonly states: readonly string[];
  /** Parameters that are variables: each synapse has its own value. The other formulas contain the values of the others. */
  readonly parameters: readonly string[];
  /** Value of every state at the start, over `parameters`. */
  readonly initial: Formulas;
  readonly usesSignal: boolean;
  /** Name of the scheme of every variable with a differential equation. */
  readonly schemes: Readonly<Record<string, string>>;
  /** One step of dt. */
  readonly step: Formulas;
  /** Symbols of the step that are normal random numbers with mean 0 and variance 1, new at every step. */
  readonly noise: readonly string[];
  /** In the order in which they act on spikes of the same step. */
  readonly pathways: readonly SynapsePathway[];
  /** Quantities that are computed from the states and `weight`, for monitors. */
  readonly derived: Formulas;
  /** Terms that are added up over the synapses of a neuron, by its variable, e.g. `gap_post`. */
  readonly summed: Formulas;
  /** Variables of the neurons that the formulas read, e.g. `v_pre`; `changes` may write to further ones. */
  readonly reads: readonly string[];
  /** Symbols among those of `TIME_AND_INDICES` and `COUNTS` that the formulas have. */
  readonly given: readonly string[];
  /**
   * For every state whose scheme is exact for its decay: dt df/dx, the exponent of its own factor in `step`, with all its
   * digits.
   */
  readonly growths: Formulas;
  /**
   * For every state (and `weight`) whose scheme has a stability limit: dt |df/dx| divided by that limit. The step is unstable
   * from 1 on.
   */
  readonly stiffness: Formulas;
}

/** Changes at the spikes of one side. */
export interface SynapsePathway {
  readonly name: string;
  readonly side: "pre" | "post";
  /** In ms; undefined if the projection decides. */
  readonly delay: number | undefined;
  /** New values of states, of `weight`, and of neurons' states such as `g_post`. */
  readonly changes: Formulas;
}

/** An axis of the numbers that a loss reads. */
export type LossAxis = "steps" | "outputs";

/** One reduction of a loss: a number for every element of the axes that remain. */
export interface LossReduction {
  /** The symbol that later formulas read. */
  readonly name: string;
  /** `argmax`: the index, along the reduced axis, of the first largest value. */
  readonly kind: "sum" | "max" | "argmax";
  /** Axes of the elements that are reduced. */
  readonly axes: readonly LossAxis[];
  /** The reduced ones among them; a single one unless `kind` is `sum`. */
  readonly over: readonly LossAxis[];
  /** Value of an element. */
  readonly formula: Expression;
}

/**
 * A loss of one sample and its derivative, of `outputs` numbers, or of so many at each of `steps` steps.
 * Symbols of an element: `y` (the output), `target`, `n` (the index of the output), `t` (the step, from 0), and the names of
 * the reductions that come before. Parameters and sizes are in the formulas as numbers.
 */
export interface LossKernel {
  readonly name: string;
  /** Rows of y and of the gradient. */
  readonly rows: "sample" | "steps";
  /** Rows of the target; `none` if the loss reads no target. Targets per step need a y per step. */
  readonly target: "sample" | "steps" | "none";
  /** Reductions that the value needs, in order. */
  readonly reductions: readonly LossReduction[];
  /** The value is the sum of this formula over its axes. */
  readonly value: { readonly axes: readonly LossAxis[]; readonly formula: Expression };
  /** Further reductions that the gradient needs, in order. */
  readonly gradientReductions: readonly LossReduction[];
  /** Derivative of the value by y, for every element of y. */
  readonly gradient: Expression;
}

/** The elementwise penalty of a weight. Symbol: `weight`. */
export interface PenaltyKernel {
  readonly name: string;
  readonly value: Expression;
  /** Derivative of the value. */
  readonly gradient: Expression;
}
