import type { Instability } from "../analysis/stability.js";
import type { Scheme, Schemes } from "../integrators/index.js";
import type { NeighborKernel, NeuronKernel } from "../kernels/kernels.js";
import type { DistanceFactor } from "../kernels/neighbor-kernel.js";
import type { FunctionTable } from "./function-table.js";
import type { InputSpec, NeuronSpec } from "./neuron-spec.js";
import type { Parameters, ParameterValues } from "./parameters.js";
import type { StateSpec } from "./state-spec.js";
import type { SurrogateDefinition } from "./surrogate.js";
import type { TimedArray } from "./timed-array.js";

export interface KernelOptions {
  /** Length of a step: text with a unit, or a number of ms. */
  readonly dt: number | string;
  /**
   * Replaces the spike by the surrogate's smooth primitive, so that finite differences can check the adjoint. Default: false.
   */
  readonly smooth?: boolean;
  /**
   * Parameters that are trained. `adjointNeeds` lists what their derivatives and those of input, states and output
   * need; fewer names may mean less to store. Default: all, or none with `numbers`.
   */
  readonly trained?: readonly string[];
  /**
   * Substitutes the parameters' values into the formulas, so that constant subexpressions are folded and the kernel has no
   * parameters but those of `varied`. Default: false, unless the integrator needs the values.
   */
  readonly numbers?: boolean;
  /** Parameters that differ between the neurons: they stay symbols with `numbers`. Default: none. */
  readonly varied?: readonly string[];
}

export interface NeuronDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  readonly output: "spikes" | "values";
  /** The input's name in equations; `unit` is left out for a plain number. */
  readonly input: InputSpec & { readonly symbol: string };
  /** Subexpressions without white noise, with the internal unit of each; left out for a plain number. */
  readonly derived: Readonly<Record<string, { readonly unit?: string }>>;
  /** All inputs by name, the first one included. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly integrator: Scheme;
  /**
   * Name of the scheme of every state with a differential equation, as simulations use it: with `automatic`, the one that
   * it chose.
   */
  readonly schemes: Readonly<Record<string, string>>;
  readonly states: Readonly<Record<string, StateSpec>>;
  /** Values and ranges in internal units (ms, mV, pA). */
  readonly parameters: Parameters;
  readonly surrogate: SurrogateDefinition | undefined;
  /** Names of the events beside the spike. */
  readonly events: readonly string[];
  /** Name that only simulations know, such as `rand()` or `t`; undefined for equations that can be trained. */
  readonly simulatedOnly: string | undefined;
  /** The original specification; parameters, surrogate and integrator may be others now. */
  readonly spec: NeuronSpec;
  /**
   * A copy with other parameter values, another surrogate or another integrator.
   * @throws SpikevineError for an unknown parameter, a wrong unit, a value outside its range, or an integrator that does
   * not support the equations.
   */
  with(changes: NeuronChanges): NeuronDefinition;
  /**
   * @throws SpikevineError if `dt` is not a time above 0, an unknown parameter is to be trained, or the integrator needs the
   * value of a parameter that is to be trained.
   */
  kernel(options: KernelOptions): NeuronKernel;
  /**
   * The kernel for training by neighborhood aggregation.
   * @throws SpikevineError as `kernel`, and for a graded output or a threshold that no single state reaches.
   */
  neighborKernel(options: Omit<KernelOptions, "smooth">, factor: DistanceFactor): NeighborKernel;
  /** Time constant of every state at the neuron's initial state, ms; states that do not relax are left out. */
  timeConstants(): Readonly<Record<string, number>>;
  /**
   * Instabilities of the integrator with a step, certain limits first. Empty if it is stable or has no limit.
   * @param options In internal units: `dt`, parameters and states at the start that are not those of the definition, and the input.
   */
  instabilities(options: StabilityOptions): readonly Instability[];
  /** Markdown: equations, parameters with units, source. */
  describe(): string;
}

export interface StabilityOptions {
  /** Length of a step, ms. */
  readonly dt: number;
  readonly parameters?: Readonly<Record<string, number>>;
  /** Values around which the stability limit of a non-linear neuron is estimated. */
  readonly states?: Readonly<Record<string, number>>;
  readonly input?: number;
}

export interface NeuronChanges {
  readonly parameters?: ParameterValues;
  readonly surrogate?: SurrogateDefinition;
  /** One for all states, or by state; states that are not named keep theirs. */
  readonly integrator?: Schemes;
  /** Replaces the refractory period: a time or a condition. */
  readonly refractory?: string;
  /** Replaces functions that are timed arrays or tables. */
  readonly functions?: Readonly<Record<string, TimedArray | FunctionTable>>;
}
