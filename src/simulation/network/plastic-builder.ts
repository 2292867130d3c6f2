import type { FunctionTable } from "../../equations/definitions/function-table.js";
import { isTable } from "../../equations/definitions/own-functions.js";
import { checkRange } from "../../equations/definitions/parameters.js";
import { refuseSharedChange } from "../../equations/definitions/shared-variables.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { freeSymbols } from "../../equations/language/expression.js";
import {
  DIMENSIONLESS,
  describeDimension,
  isDimensionless,
  parseUnit,
  sameDimension,
} from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Clock } from "../clock.js";
import { read } from "../distributions.js";
import { eventPlan } from "../executors/event-driven/event-plan.js";
import { formulasOf } from "../executors/plastic/synapse-loops.js";
import type { PathwayModel, PlasticModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import { changeDelays, joinPathways, pathwaysOf } from "./changed-delays.js";
import { withDerived } from "./derived-variables.js";
import type { Variables } from "./element-expression.js";
import { heldRows } from "./held-rows.js";
import { connectPathways, withKernel } from "./pathways.js";
import { type PlasticProjection, type PlasticProjectionOptions, synapseVariableUnit } from "./plastic-projection.js";
import { PopulationBuilder } from "./population-builder.js";
import {
  type Drawing,
  drawDelays,
  drawProjection,
  ofSynapses,
  pairNames,
  projectionName,
  rowsOf,
  type Side,
  synapsesOf,
} from "./projection.js";
import { oneValue } from "./shared-values.js";
import { withCounts } from "./synapse-counts.js";
import { SynapseEnd } from "./synapse-end.js";
import { connectNeurons, readAndSummed, sizesOf } from "./synapse-neurons.js";
import { drawInitial, drawParameters, rangeOf } from "./synapse-values.js";

/** A plastic projection under construction and its model, whose values may change. */
export class PlasticBuilder {
  readonly projection: PlasticProjection;
  /** Indices of the first neurons that are connected. */
  readonly first: { readonly pre: number; readonly post: number };
  #model: PlasticModel;
  /** The definition with the parameters that are the same for all synapses. */
  #synapse: SynapseDefinition;
  readonly #pre: Side;
  readonly #post: Side;
  readonly #drawing: Drawing;
  readonly #where: string;
  /** Pathways that have the delay of the projection. */
  readonly #inCommon: readonly string[];
  /** Parameters that other synapses or monitors read. */
  readonly #exposed = new Set<string>();

  /**
   * Draws a plastic projection.
   * @throws SpikevineError naming the projection and the problem: the errors of an ordinary projection, a weight whose
   * unit is not that of the target, and a signal that is missing or not used.
   */
  constructor(pre: Side, post: Side, options: PlasticProjectionOptions, drawing: Drawing) {
    const { parameters = {}, initial = {}, pathwayDelays = {}, target } = options;
    const { clock } = drawing;
    const where = projectionName(pre.given, post.given);
    const state = targetIndex(post.whole, options, where);
    const { weightUnit } = options.synapse;
    const unit = weightUnit === "" ? undefined : weightUnit;
    const weight = weightOf(options, where);
    const { draw, ...synapses } = drawProjection(pre, post, { ...options, weight }, unit, drawing, 0);
    const { synapse, perSynapse } = drawParameters(options.synapse, parameters, draw);
    const own = synapse.kernel({ dt: clock.dt, perSynapse: Object.keys(perSynapse) });
    const ends = { pre: pre.whole, post: post.whole };
    const { kernel, parameters: counts } = withCounts(
      withDerived(own, synapse, ends, clock.dt, where),
      synapses,
      sizesOf(pre, post),
    );
    this.first = { pre: pre.from, post: post.from };
    const { neurons, sums } = connectNeurons(synapse, kernel, ends, where, this.first);
    refuseTarget(options, neurons, kernel, where);
    const common = { common: synapses.delays, delays: pathwayDelays };
    const { inCommon, ...pathways } = connectPathways({ kernel, neurons, state, ...common, draw, clock, where });
    this.#pre = pre;
    this.#post = post;
    this.#drawing = drawing;
    this.#where = where;
    this.#inCommon = inCommon;
    this.#synapse = synapse;
    this.#model = {
      ...synapses,
      spikes: { pre: pre.spikes, post: post.spikes },
      active: true,
      ...pathways,
      kernel,
      sums,
      summedParameters: [],
      stepwise: false,
      distinct: [],
      parameters: { ...perSynapse, ...counts },
      initial: drawInitial(synapse, initial, draw, synapses.targets.length),
      integrator: synapse.integrator.name,
      equations: equationsOf(synapse),
      signal: readSignal(options, kernel.usesSignal, clock, where),
    };
    const builder = (): PlasticBuilder => this;
    this.projection = {
      pre: pre.given,
      post: post.given,
      target,
      get synapse() {
        return builder().#synapse;
      },
      size: synapses.targets.length,
      synapses: () => synapsesOf(this.#model, clock.dt, pre.from, post.from),
    };
  }

  get model(): PlasticModel {
    return this.#model;
  }

  /** Synapses that have once been computed at every step remain so, because spikes on the way are kept in another form. */
  set model(model: PlasticModel) {
    this.#model = eventPlan(this.#model) === undefined ? { ...model, stepwise: true } : model;
  }

  /** Makes these synapses an end of other projections: a population of this index stands for them. */
  becomeEnd(population: number): void {
    this.model = { ...this.#model, end: population };
  }

  /** Gives each synapse its own copy of a parameter, so that other synapses and monitors can read it. */
  expose(parameter: string): void {
    if (this.#model.summedParameters.includes(parameter)) throw readAndSummed(this.#where, parameter);
    this.#exposed.add(parameter);
    this.#makeRow(parameter);
  }

  /** Lets a sum over other synapses replace a parameter. */
  sumInto(parameter: string): void {
    const { kernel, summedParameters } = this.#model;
    if (summedParameters.includes(parameter)) return;
    refuseSharedChange(parameter, this.#synapse, "a sum over synapses", this.#where);
    if (this.#exposed.has(parameter)) throw readAndSummed(this.#where, parameter);
    this.#makeRow(parameter);
    const reader = Object.entries(this.#model.kernel.summed).find(([, term]) =>
      freeSymbols([term]).includes(parameter),
    );
    if (reader !== undefined) {
      throw new SpikevineError(
        `${this.#where}: the sum "${reader[0]}" of plasticity/${kernel.name} reads "${parameter}", which would be a sum itself; let it read a state that follows "${parameter}".`,
      );
    }
    this.#model.parameters[parameter]!.fill(0);
    this.model = { ...this.#model, summedParameters: [...summedParameters, parameter] };
  }

  #makeRow(parameter: string): void {
    if (Object.hasOwn(this.#model.parameters, parameter)) return;
    const { value } = this.#synapse.parameters[parameter]!;
    const row = new Float64Array(this.projection.size).fill(value);
    this.#useParameters(this.#synapse, { ...this.#model.parameters, [parameter]: row });
  }

  /** Derives the model again with other parameters. */
  #useParameters(synapse: SynapseDefinition, parameters: PlasticModel["parameters"]): void {
    const own = Object.entries(parameters).filter(([name]) => Object.hasOwn(synapse.parameters, name));
    const perSynapse = own.map(([name]) => name);
    const alone = synapse.kernel({ dt: this.#drawing.clock.dt, perSynapse });
    const ends = { pre: this.#pre.whole, post: this.#post.whole };
    const { kernel, parameters: counts } = withCounts(
      withDerived(alone, synapse, ends, this.#drawing.clock.dt, this.#where),
      this.#model,
      sizesOf(this.#pre, this.#post),
    );
    const connected = connectNeurons(synapse, kernel, ends, this.#where, this.first);
    this.model = {
      ...withKernel(this.#model, kernel, connected),
      parameters: { ...Object.fromEntries(own), ...counts },
    };
    this.#synapse = synapse;
  }

  /**
   * Gives a parameter other values: one for all synapses or one per synapse. An expression may use further names.
   * @throws SpikevineError for a sum, a wrong unit, a value outside its range, or a scheme that needs one value for all.
   */
  setParameter(parameter: string, values: ValueOrDistribution, names: Variables, counters: readonly number[]): void {
    const { parameters, summedParameters } = this.#model;
    const where = `set: "${parameter}" of ${this.#where}`;
    if (summedParameters.includes(parameter)) {
      throw new SpikevineError(`${where}: it is a sum over synapses; change what it is the sum of.`);
    }
    const info = this.#synapse.parameters[parameter]!;
    const unit = info.unit === "" ? undefined : info.unit;
    const read = this.#read(values, where, unit, names, counters);
    const found = info.shared === true ? oneValue(read, "synapses", where) : read;
    const { [parameter]: _, ...others } = parameters;
    if (typeof found === "number") {
      const given =
        typeof read === "number" ? (values as number | string) : rangeOf(this.#synapse, parameter)(found).shown;
      const synapse = this.#synapse.with({ parameters: { [parameter]: given } });
      const row = new Float64Array(this.projection.size).fill(found);
      this.#useParameters(synapse, this.#exposed.has(parameter) ? { ...others, [parameter]: row } : others);
      return;
    }
    const range = rangeOf(this.#synapse, parameter);
    for (const value of found) checkRange(parameter, range(value), where);
    this.#useParameters(this.#synapse, { ...others, [parameter]: found });
  }

  /** Replaces a function of the synapses that is a timed array or a table. */
  setTable(name: string, by: TimedArray | FunctionTable): void {
    this.#useParameters(this.#synapse.with({ functions: { [name]: by } }), this.#model.parameters);
  }

  #read(
    values: ValueOrDistribution,
    where: string,
    unit: string | undefined,
    names: Variables,
    counters: readonly number[],
  ): number | Float64Array {
    return ofSynapses(values, {
      ...{ where, unit },
      rows: rowsOf(this.#model, this.#pre, this.#post),
      variables: () => new Map([...pairNames(this.#pre, this.#post), ...names]),
      counters: (row) => [...counters, row],
    });
  }

  /**
   * Values of a variable of all synapses, from an expression.
   * @param names Names beside those of a condition: the current values of the synapses and of their neurons.
   * @param counters Of the draws of a row.
   */
  evaluate(text: string, variable: string, names: Variables, counters: readonly number[]): Float64Array {
    const where = `set: "${variable}" of ${this.#where}`;
    const found = this.#read(text, where, synapseVariableUnit(this.projection, variable), names, counters);
    return typeof found === "number" ? new Float64Array(this.projection.size).fill(found) : found;
  }

  /**
   * Gives the spikes from a step on other delays: those of the projection, or of a pathway.
   * @param change Distinguishes the draws of changes.
   */
  setDelays(pathway: string | undefined, values: ValueOrDistribution, change: number, step: number): void {
    const model = this.#model;
    const { clock, seed, index } = this.#drawing;
    const all = pathwaysOf(model);
    const names = all.map(({ present }) => present.name);
    if (pathway !== undefined && !names.includes(pathway)) {
      throw unknownName(`pathway of ${this.#where}`, pathway, names);
    }
    const shown = pathway === undefined ? "delay" : `delay of pathway "${pathway}"`;
    const before = pathway === undefined ? model.delays : all[names.indexOf(pathway)]!.present.delays;
    const number = pathway === undefined ? 1 : 2 + names.indexOf(pathway);
    const delays = drawDelays(values, before, {
      ...{ model, pre: this.#pre, post: this.#post, clock, least: 0, where: `${this.#where}: ${shown}` },
      counters: (row) => [SIMULATION_STREAM.changes, seed, index, row, change, number],
    });
    const isChanged = ({ name }: PathwayModel): boolean =>
      pathway === undefined ? this.#inCommon.includes(name) : name === pathway;
    // Spikes with different delays have given the synapses of a neuron different states.
    const differ = step > 0 && model.pathways.some((p) => isChanged(p) && typeof p.delays !== "number");
    this.model = {
      ...model,
      ...(pathway === undefined ? { delays } : {}),
      ...(differ ? { distinct: model.kernel.states } : {}),
      pathways: joinPathways(all.map((one) => (isChanged(one.present) ? changeDelays(one, delays, step) : one))),
    };
  }
}

/** Text of the definition without values. */
function equationsOf({ spec, integrator }: SynapseDefinition): string {
  const { parameters: _, integrator: __, summary: ___, source: ____, ...equations } = spec;
  const withoutValues = (_: string, value: unknown): unknown => (isTable(value) ? "a table" : value);
  return JSON.stringify([integrator.name, equations], withoutValues);
}

/** The weight; 0 if nothing uses it. */
function weightOf({ weight, target, synapse }: PlasticProjectionOptions, where: string): ValueOrDistribution {
  if (weight !== undefined) return weight;
  const kernel = synapse.kernel({ dt: 1 });
  const changed = [kernel.step, ...kernel.pathways.map(({ changes }) => changes)].flatMap(Object.keys);
  const used = target !== undefined || [...changed, ...freeSymbols(formulasOf(kernel))].includes("weight");
  if (!used) return synapse.weightUnit === "" ? 0 : `0 ${synapse.weightUnit}`;
  const of = target === undefined ? `plasticity/${synapse.name} uses it` : `a spike adds it to "${target}"`;
  throw new SpikevineError(`${where}: weight is missing, and ${of}; give the initial weight.`);
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
  if (post instanceof SynapseEnd) {
    throw new SpikevineError(
      `${where}: it ends at synapses, whose equations a target does not reach; leave out the target, and write to "${target}_post" in onPre.`,
    );
  }
  if (!(post instanceof PopulationBuilder)) {
    throw new SpikevineError(
      `${where}: it ends at a source of spikes, which has no state "${target}"; leave out the target to learn only.`,
    );
  }
  const { unit = "" } = post.neuron.states[post.target(target, `target of ${where}`)]!;
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
