import { choice, either, fields, made, optional, quantity } from "../../arguments/index.js";
import { neuronVariable } from "../../equations/definitions/neuron-variables.js";
import { SYNAPSE, type SynapseDefinition } from "../../equations/definitions/synapse.js";
import { unknownName } from "../../nearest-name.js";
import type { QuantityLike } from "../distributions.js";
import { VALUES, type ValueOrDistribution } from "../values.js";
import { HELD } from "./held-rows.js";
import type { Population } from "./population.js";
import { DRAWN, type Projection, type ProjectionOptions, TARGET } from "./projection.js";
import { SynapseEnd } from "./synapse-end.js";
import { BY_NAME, type ValuesByName } from "./synapse-values.js";

/** Neurons, or the synapses of a plastic projection, which are numbered in the order of `synapses()`. */
export type ProjectionEnd = Population | PlasticProjection;

export interface PlasticProjectionOptions extends Omit<ProjectionOptions, "target" | "delay" | "weight" | "when"> {
  /** Initial weight, in the unit of the synapse. Required if the equations have the weight, or if there is a target. */
  readonly weight?: ValueOrDistribution;
  /**
   * Delay of presynaptic spikes: at least dt, or 0, with which a spike changes the synapse in its own step, before
   * postsynaptic spikes of that step. Rounded to whole steps, in the same forms as the weight. Default: dt.
   */
  readonly delay?: ValueOrDistribution;
  /** Definition of the synapses, e.g. `stdp({ unit: "nS", maxWeight: "0.3 nS" })`. */
  readonly synapse: SynapseDefinition;
  /**
   * State of the postsynaptic neuron that an event adds the weight to. Omit it if the synapse's equations write to neurons,
   * or if synapses only learn.
   */
  readonly target?: string;
  /** Parameters of the synapse, in the same forms as the weight. */
  readonly parameters?: ValuesByName;
  /** Values of the synapse's states at the start, the same in every trial, in the same forms as the weight. */
  readonly initial?: ValuesByName;
  /** Delays of pathways by name: 0, or at least dt. Default: `delay` for presynaptic spikes, 0 for postsynaptic spikes. */
  readonly pathwayDelays?: ValuesByName;
  /**
   * Signal for definitions that have one: one value in its unit, or values over time in internal units, each held for
   * `dt`, 0 after the last.
   */
  readonly signal?: QuantityLike | { readonly array: ArrayLike<number>; readonly dt: QuantityLike };
}

/**
 * Synapses with states of their own. `synapses()` has the initial weights. If synapses are at an end, `pre` or `post` stands
 * for them, with one element per synapse.
 */
export interface PlasticProjection extends Omit<Projection, "target"> {
  readonly synapse: SynapseDefinition;
  readonly target: string | undefined;
}

/**
 * The options of `connect`, one type for both kinds of projections, so that the compiler names a misspelt option.
 * Without a synapse, `target` is required.
 */
export type ConnectionOptions<S extends SynapseDefinition | undefined> = Omit<
  PlasticProjectionOptions,
  "synapse" | "target" | "weight"
> & {
  readonly synapse?: S;
} & (S extends SynapseDefinition
    ? Pick<PlasticProjectionOptions, "target" | "weight">
    : Pick<ProjectionOptions, "target" | "weight" | "when">);

/** Result of `connect`: a projection, or one per population of a list; plastic if a synapse is given. */
export type Connected<P, S> = P extends readonly unknown[] ? readonly Made<S>[] : Made<S>;
type Made<S> = S extends SynapseDefinition ? PlasticProjection : Projection;

/** These options with everything optional that one of the two may omit. */
export interface ConnectOptions extends Omit<PlasticProjectionOptions, "synapse">, Pick<ProjectionOptions, "when"> {
  readonly synapse?: SynapseDefinition;
}

const PLASTIC = {
  ...DRAWN,
  weight: optional(VALUES),
  parameters: optional(BY_NAME),
  initial: optional(BY_NAME),
  pathwayDelays: optional(BY_NAME),
  synapse: optional(SYNAPSE),
  signal: optional(either(quantity, fields<{ readonly array: ArrayLike<number>; readonly dt: QuantityLike }>(HELD))),
};
const needs = {
  signal: ["synapse", "a synapse that has one"],
  parameters: ["synapse", "a synapse that has them"],
  initial: ["synapse", "a synapse with states"],
  pathwayDelays: ["synapse", "a synapse with pathways"],
} as const;

/** Options of a projection, as an argument: without a synapse an event needs a target. */
export const CONNECT = {
  plain: fields<ConnectOptions & Pick<ProjectionOptions, "target" | "weight">>(
    { ...PLASTIC, weight: VALUES, target: TARGET, when: optional(choice(["after reset", "before reset"])) },
    { root: "options", needs },
  ),
  plastic: fields<Omit<ConnectOptions, "when">>({ ...PLASTIC, target: optional(TARGET) }, { root: "options", needs }),
};

/** A plastic projection as an argument. */
export const PLASTIC_PROJECTION = made(
  "a plastic projection, the result of connect with a synapse",
  "pre",
  "post",
  "synapse",
  "synapses",
);

/**
 * The unit of a variable of a synapse, undefined for a plain number.
 * @throws SpikevineError for a variable that the synapse does not have.
 */
export function synapseVariableUnit({ synapse, pre, post }: PlasticProjection, variable: string): string | undefined {
  const { states, derived, summed, weightUnit, parameters } = synapse;
  if (variable === "weight") return unitOr(weightUnit);
  if (Object.hasOwn(states, variable)) return states[variable]!.unit;
  if (Object.hasOwn(derived, variable)) return derived[variable]!.unit;
  if (Object.hasOwn(parameters, variable)) return unitOr(parameters[variable]!.unit);
  if (Object.hasOwn(summed, variable)) {
    const { side, variable: name } = neuronVariable(variable)!;
    const end = { pre, post }[side];
    if (end instanceof SynapseEnd) return unitOr(end.synapse.parameters[name]!.unit);
    const { inputs, parameters: ofNeurons } = end.neuron!;
    return unitOr(Object.hasOwn(inputs, name) ? inputs[name]!.unit : ofNeurons[name]!.unit);
  }
  const all = [states, derived, parameters, summed].flatMap((named) => Object.keys(named));
  throw unknownName(`variable of plasticity/${synapse.name}`, variable, ["weight", ...all]);
}

const unitOr = (unit: string | undefined): string | undefined => (unit === "" ? undefined : unit);
