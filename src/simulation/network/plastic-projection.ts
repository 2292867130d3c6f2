import { either, fields, made, optional, quantity } from "../../arguments/index.js";
import { neuronVariable } from "../../equations/definitions/neuron-variables.js";
import { SYNAPSE, type SynapseDefinition } from "../../equations/definitions/synapse.js";
import {
  DIMENSIONLESS,
  describeDimension,
  isDimensionless,
  parseUnit,
  sameDimension,
} from "../../equations/language/units.js";
import { SpikevineError, unknownName } from "../../errors.js";
import type { Clock } from "../clock.js";
import { type QuantityLike, read } from "../distributions.js";
import type { PathwayModel, PlasticModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import { changeDelays, joinPathways, pathwaysOf } from "./changed-delays.js";
import type { Variables } from "./element-expression.js";
import { HELD, heldRows } from "./held-rows.js";
import { connectPathways } from "./pathways.js";
import { PopulationBuilder } from "./population-builder.js";
import {
  DRAWN,
  type Drawing,
  drawDelays,
  drawProjection,
  ofSynapses,
  type Projection,
  type ProjectionOptions,
  pairNames,
  projectionName,
  rowsOf,
  type Side,
  synapsesOf,
  TARGET,
} from "./projection.js";
import { connectNeurons } from "./synapse-neurons.js";
import { BY_NAME, drawInitial, drawParameters, type ValuesByName } from "./synapse-values.js";

export interface PlasticProjectionOptions extends Omit<ProjectionOptions, "target" | "delay"> {
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

/** Synapses with states of their own. `synapses()` has the initial weights. */
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
  "synapse" | "target"
> & {
  readonly synapse?: S;
} & (S extends SynapseDefinition ? { readonly target?: string } : { readonly target: string });

/** Result of `connect`: a projection, or one per population of a list; plastic if a synapse is given. */
export type Connected<P, S> = P extends readonly unknown[] ? readonly Made<S>[] : Made<S>;
type Made<S> = S extends SynapseDefinition ? PlasticProjection : Projection;

/** These options with everything optional that one of the two may omit. */
export interface ConnectOptions extends Omit<PlasticProjectionOptions, "synapse"> {
  readonly synapse?: SynapseDefinition;
}

const PLASTIC = {
  ...DRAWN,
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
  plain: fields<ConnectOptions & { readonly target: string }>(
    { ...PLASTIC, target: TARGET },
    { root: "options", needs },
  ),
  plastic: fields<ConnectOptions>({ ...PLASTIC, target: optional(TARGET) }, { root: "options", needs }),
};

/** A plastic projection as an argument. */
export const PLASTIC_PROJECTION = made(
  "a plastic projection, the result of connect with a synapse",
  "pre",
  "post",
  "synapse",
  "synapses",
);

/** A plastic projection and its model. */
export interface MadePlastic {
  model: PlasticModel;
  readonly projection: PlasticProjection;
  /**
   * Values of a variable of all synapses, from an expression.
   * @param names Names beside those of a condition: the current values of the synapses and of their neurons.
   * @param counters Of the draws of a row.
   */
  readonly evaluate: (text: string, variable: string, names: Variables, counters: readonly number[]) => Float64Array;
  /**
   * The model with other delays of the spikes from a step on: those of the projection, or of a pathway.
   * @param change Distinguishes the draws of changes.
   */
  readonly withDelays: (
    pathway: string | undefined,
    values: ValueOrDistribution,
    change: number,
    step: number,
  ) => PlasticModel;
}

/**
 * Draws a plastic projection.
 * @throws SpikevineError naming the projection and the problem: the errors of an ordinary projection, a weight whose
 * unit is not that of the target, and a signal that is missing or not used.
 */
export function makePlasticProjection(
  pre: Side,
  post: Side,
  options: PlasticProjectionOptions,
  drawing: Drawing,
): MadePlastic {
  const { parameters = {}, initial = {}, pathwayDelays = {} } = options;
  const { clock } = drawing;
  const where = projectionName(pre.given, post.given);
  const state = targetIndex(post.whole, options, where);
  const { weightUnit } = options.synapse;
  const unit = weightUnit === "" ? undefined : weightUnit;
  const { draw, ...synapses } = drawProjection(pre, post, options, unit, drawing, 0);
  const { synapse, perSynapse } = drawParameters(options.synapse, parameters, draw);
  const kernel = synapse.kernel({ dt: clock.dt, perSynapse: Object.keys(perSynapse) });
  const { neurons, sums } = connectNeurons(synapse, kernel, { pre: pre.whole, post: post.whole }, where, {
    pre: pre.from,
    post: post.from,
  });
  refuseTarget(options, neurons, kernel, where);
  const common = { common: synapses.delays, delays: pathwayDelays };
  const { inCommon, ...pathways } = connectPathways({ kernel, neurons, state, ...common, draw, clock, where });
  const model: PlasticModel = {
    ...synapses,
    spikes: { pre: pre.spikes, post: post.spikes },
    active: true,
    ...pathways,
    kernel,
    sums,
    distinct: [],
    parameters: perSynapse,
    initial: drawInitial(synapse, initial, draw, synapses.targets.length),
    integrator: synapse.integrator.name,
    signal: readSignal(options, kernel.usesSignal, clock, where),
  };
  const { target } = options;
  const size = model.targets.length;
  const projection: PlasticProjection = {
    pre: pre.given,
    post: post.given,
    target,
    synapse,
    size,
    synapses: () => synapsesOf(made.model, clock.dt, pre.from, post.from),
  };
  const made: MadePlastic = {
    model,
    projection,
    evaluate(text, variable, names, counters) {
      const found = ofSynapses(text, {
        where: `set: "${variable}" of ${where}`,
        unit: synapseVariableUnit(projection, variable),
        rows: rowsOf(made.model, pre, post),
        variables: () => new Map([...pairNames(pre, post), ...names]),
        counters: (row) => [...counters, row],
      });
      return typeof found === "number" ? new Float64Array(size).fill(found) : found;
    },
    withDelays(pathway, values, change, step) {
      const all = pathwaysOf(made.model);
      const names = all.map(({ present }) => present.name);
      if (pathway !== undefined && !names.includes(pathway)) throw unknownName(`pathway of ${where}`, pathway, names);
      const shown = pathway === undefined ? "delay" : `delay of pathway "${pathway}"`;
      const before = pathway === undefined ? made.model.delays : all[names.indexOf(pathway)]!.present.delays;
      const number = pathway === undefined ? 1 : 2 + names.indexOf(pathway);
      const delays = drawDelays(values, before, {
        ...{ model: made.model, pre, post, clock, least: 0, where: `${where}: ${shown}` },
        counters: (row) => [SIMULATION_STREAM.changes, drawing.seed, drawing.index, row, change, number],
      });
      const isChanged = ({ name }: PathwayModel): boolean =>
        pathway === undefined ? inCommon.includes(name) : name === pathway;
      // Spikes with different delays have given the synapses of a neuron different states.
      const differ = step > 0 && made.model.pathways.some((p) => isChanged(p) && typeof p.delays !== "number");
      return {
        ...made.model,
        ...(pathway === undefined ? { delays } : {}),
        ...(differ ? { distinct: kernel.states } : {}),
        pathways: joinPathways(all.map((one) => (isChanged(one.present) ? changeDelays(one, delays, step) : one))),
      };
    },
  };
  return made;
}

/** Refuses a target beside equations that write to neurons. */
function refuseTarget(
  { target, synapse }: PlasticProjectionOptions,
  neurons: PlasticModel["neurons"],
  { pathways }: PlasticModel["kernel"],
  where: string,
): void {
  const written = neurons.find(({ symbol }) => pathways.some(({ changes }) => Object.hasOwn(changes, symbol)));
  if (target === undefined || written === undefined) return;
  throw new SpikevineError(
    `${where}: plasticity/${synapse.name} writes to "${written.symbol}" itself; leave out the target "${target}".`,
  );
}

/** Index of the state that the weight is added to; both must have the same unit. */
function targetIndex(post: Side["whole"], options: PlasticProjectionOptions, where: string): number | undefined {
  const { target, synapse } = options;
  if (target === undefined) return undefined;
  if (!(post instanceof PopulationBuilder)) {
    throw new SpikevineError(
      `${where}: it ends at a source of spikes, which has no state "${target}"; leave out the target to learn only.`,
    );
  }
  const { unit = "" } = post.neuron.states[post.state(target, `target of ${where}`)]!;
  const [weight, wanted] = [synapse.weightUnit, unit].map((u) =>
    u === "" ? DIMENSIONLESS : parseUnit(u, where).dimension,
  );
  if (sameDimension(weight!, wanted!)) return Object.keys(post.neuron.states).indexOf(target);
  const shown = isDimensionless(weight!) ? "has no unit" : `is in ${describeDimension(weight!)}`;
  const needed = isDimensionless(wanted!) ? "has none" : `is in ${describeDimension(wanted!)}`;
  throw new SpikevineError(
    `${where}: the weight of plasticity/${synapse.name} ${shown} and the target "${target}" ${needed}; give the synapse the unit of its target${isDimensionless(wanted!) ? "" : `, e.g. unit: "${unit}"`}.`,
  );
}

function readSignal(
  { synapse, signal }: PlasticProjectionOptions,
  used: boolean,
  clock: Clock,
  where: string,
): PlasticModel["signal"] {
  if (signal === undefined) {
    if (!used) return { values: Float64Array.of(0), stepsPerRow: 1 };
    throw new SpikevineError(
      `${where}: plasticity/${synapse.name} is driven by a signal; give signal, one value or { array, dt }.`,
    );
  }
  if (synapse.signal === undefined) {
    throw new SpikevineError(`${where}: plasticity/${synapse.name} has no signal; leave it out.`);
  }
  if (typeof signal === "object") return heldRows(signal, 1, clock, `${where}: signal`);
  return { values: Float64Array.of(read(signal, `${where}: signal`, synapse.signal.unit)), stepsPerRow: 1 };
}

/**
 * The unit of a variable of a synapse, undefined for a plain number.
 * @throws SpikevineError for a variable that the synapse does not have.
 */
export function synapseVariableUnit({ synapse, pre, post }: PlasticProjection, variable: string): string | undefined {
  const { states, derived, summed, weightUnit } = synapse;
  if (variable === "weight") return weightUnit === "" ? undefined : weightUnit;
  if (Object.hasOwn(states, variable)) return states[variable]!.unit;
  if (Object.hasOwn(derived, variable)) return derived[variable]!.unit;
  if (Object.hasOwn(summed, variable)) {
    const { side, variable: name } = neuronVariable(variable)!;
    const { inputs, parameters } = { pre, post }[side].neuron!;
    const unit = Object.hasOwn(inputs, name) ? inputs[name]!.unit : parameters[name]!.unit;
    return unit === "" ? undefined : unit;
  }
  const known = ["weight", ...Object.keys(states), ...Object.keys(derived), ...Object.keys(summed)];
  throw unknownName(`variable of plasticity/${synapse.name}`, variable, known);
}
