import type { FunctionTable } from "../../equations/definitions/function-table.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { SpikevineError } from "../../errors.js";
import { refuseUnstable } from "../checks/unstable-synapse.js";
import type { Clock } from "../clock.js";
import type { PlasticModel } from "../model.js";
import { longestOf, type ProjectionModel } from "../model.js";
import type { ValueOrDistribution } from "../values.js";
import { type DelayHistory, historyOf, isHistory, joinPathways, pathwaysOf, withHistory } from "./changed-delays.js";
import { counted, equationsOf } from "./describe.js";
import type { Variables } from "./element-expression.js";
import { EventBuilder } from "./event-builder.js";
import { PlasticBuilder } from "./plastic-builder.js";
import {
  type PlasticProjection,
  type PlasticProjectionOptions,
  type ProjectionEnd,
  synapseVariableUnit,
} from "./plastic-projection.js";
import { type Population, wholeOf } from "./population.js";
import { PopulationBuilder } from "./population-builder.js";
import type { Populations } from "./populations.js";
import {
  type Drawing,
  type MadeProjection,
  makeProjection,
  type Projection,
  type ProjectionOptions,
  projectionName,
  type Side,
} from "./projection.js";
import { SynapseEnd } from "./synapse-end.js";

const FOREIGN = "this projection belongs to another simulation; give the result of connect of this one.";

/** Projections with fixed weights, and plastic ones. */
export class Projections {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #warn: (message: string) => void;
  readonly #populations: Populations;
  readonly #projections: MadeProjection[] = [];
  readonly #plastic: PlasticBuilder[] = [];

  constructor(clock: Clock, seed: number, warn: (message: string) => void, populations: Populations) {
    this.#clock = clock;
    this.#seed = seed;
    this.#warn = warn;
    this.#populations = populations;
  }

  get models(): readonly ProjectionModel[] {
    return this.#projections.flatMap(({ model, former }) => {
      const { weights, active } = model;
      return [...former.map((past) => ({ ...past, weights, active })), model];
    });
  }

  get plasticModels(): readonly PlasticModel[] {
    return this.#plastic.map(({ model }) => model);
  }

  connect(pre: Population, post: Population, options: ProjectionOptions): Projection {
    const to = { ...this.#side(post), whole: this.#populations.neurons(post, "a projection ends at") };
    const from = this.#spiking(pre, post);
    const made = makeProjection(from, to, options, this.#drawing());
    this.#projections.push(made);
    return made.projection;
  }

  connectPlastic(pre: ProjectionEnd, post: ProjectionEnd, options: PlasticProjectionOptions): PlasticProjection {
    const [before, after] = [this.#end(pre), this.#end(post)];
    const hasSpikes = options.target !== undefined || Object.keys(options.synapse.spec.onPre ?? {}).length > 0;
    const from = hasSpikes ? this.#spiking(before, after) : this.#side(before);
    const to = this.#side(after);
    refuseSilentSide({ pre: from, post: to }, options);
    const made = new PlasticBuilder(from, to, options, this.#drawing());
    const doubt = refuseUnstable(options.synapse, this.#clock.dt, 'simulation: "dt"');
    if (doubt !== undefined) this.#warn(doubt);
    // Synapses read the spikes of both sides from the executor's log.
    for (const { spikes } of [from, to]) this.#populations.log(spikes);
    this.#plastic.push(made);
    return made.projection;
  }

  #end(given: ProjectionEnd): Population {
    if (!("synapses" in given)) return given;
    const { index } = this.synapseVariable(given, "weight");
    return this.#populations.end(this.#plastic[index]!, index);
  }

  /** One line per projection, with the schemes of their equations. */
  describe(): string[] {
    const fixed = this.#projections.map(
      ({ projection }) => `${projectionName(projection.pre, projection.post)}: ${counted(projection.size, "synapse")}`,
    );
    const plastic = this.#plastic.map(({ model, projection: { pre, post, size, synapse } }) => {
      const definition = equationsOf(`plasticity/${synapse.name}`, model.kernel.schemes);
      return `${projectionName(pre, post)}: ${counted(size, "synapse")}, ${definition}`;
    });
    return [...fixed, ...plastic];
  }

  #drawing(): Drawing {
    return { clock: this.#clock, seed: this.#seed, index: this.#projections.length + this.#plastic.length };
  }

  /** Index of a plastic projection, and the unit of one of its variables. */
  synapseVariable(projection: PlasticProjection, variable: string) {
    const index = this.#plastic.findIndex((own) => own.projection === projection);
    if (index >= 0) return { index, unit: synapseVariableUnit(projection, variable) };
    throw new SpikevineError(
      `"${variable}" of synapses: this is not a plastic projection of this simulation; give the result of connect with a synapse.`,
    );
  }

  /** Gives the synapses of a projection with fixed weights other weights. */
  setWeights(projection: Projection, values: ValueOrDistribution, change: number): void {
    this.#fixed(projection).setWeights(values, change);
  }

  /** A projection with fixed weights, with its former and its present delays. */
  fixed(projection: Projection): ProjectionModel[] {
    const { model, former } = this.#fixed(projection);
    const { weights, active } = model;
    return [...former.map((past) => ({ ...past, weights, active })), model];
  }

  /**
   * Gives the spikes of a projection with fixed weights other delays.
   * @param step Index of the next step, the first one whose spikes have them.
   */
  setDelays(projection: Projection, values: ValueOrDistribution, change: number, step: number): void {
    this.#fixed(projection).setDelays(values, change, step);
  }

  /** Gives the spikes of a plastic projection, or of one of its pathways, other delays. */
  setPlasticDelays(
    projection: PlasticProjection,
    pathway: string | undefined,
    values: ValueOrDistribution,
    change: number,
    step: number,
  ): void {
    this.#plastic[this.synapseVariable(projection, "weight").index]!.setDelays(pathway, values, change, step);
  }

  /** Gives a parameter of plastic synapses other values; expressions may use further names. */
  setSynapseParameter(
    projection: PlasticProjection,
    parameter: string,
    values: ValueOrDistribution,
    names: Variables,
    counters: readonly number[],
  ): void {
    const { index } = this.synapseVariable(projection, parameter);
    const made = this.#plastic[index]!;
    made.setParameter(parameter, values, names, counters);
    const doubt = refuseUnstable(made.projection.synapse, this.#clock.dt, 'simulation: "dt"');
    if (doubt !== undefined) this.#warn(doubt);
  }

  /** Replaces a function of plastic synapses that is a timed array or a table. */
  setTable(projection: PlasticProjection, name: string, by: TimedArray | FunctionTable): void {
    this.#plastic[this.synapseVariable(projection, "weight").index]!.setTable(name, by);
  }

  /** Makes a variable of plastic synapses one that can be read; returns what `synapseVariable` does. */
  readSynapses(projection: PlasticProjection, variable: string) {
    const found = this.synapseVariable(projection, variable);
    const made = this.#plastic[found.index]!;
    const isParameter = Object.hasOwn(made.projection.synapse.parameters, variable);
    if (!isParameter || Object.hasOwn(made.model.parameters, variable)) return { ...found, changed: false };
    made.expose(variable);
    return { ...found, changed: true };
  }

  /** Histories of the delays of all projections, and of all pathways of plastic ones. */
  delayHistories(): (DelayHistory | null)[] {
    const fixed = this.#projections.map(({ model, former }) => historyOf({ present: model, former }));
    return [...fixed, ...this.#plastic.flatMap(({ model }) => pathwaysOf(model).map(historyOf))];
  }

  /** Tells if values from elsewhere may be histories of the delays. */
  areDelayHistories(values: readonly unknown[]): values is (DelayHistory | null)[] {
    const sizes = [
      ...this.#projections.map(({ model }) => model.targets.length),
      ...this.#plastic.flatMap(({ model }) => pathwaysOf(model).map(() => model.targets.length)),
    ];
    return values.length === sizes.length && values.every((value, h) => isHistory(value, sizes[h]!));
  }

  /** Replaces the histories of the delays. */
  useDelayHistories(histories: readonly (DelayHistory | null)[]): void {
    let next = 0;
    for (const made of this.#projections) {
      const { present, former } = withHistory({ present: made.model, former: made.former }, histories[next++]!);
      [made.model, made.former] = [present, former];
    }
    for (const made of this.#plastic) {
      const pathways = pathwaysOf(made.model).map((one) => withHistory(one, histories[next++]!));
      made.model = { ...made.model, pathways: joinPathways(pathways) };
    }
  }

  #fixed(projection: Projection): MadeProjection {
    const found = this.#projections.find((own) => own.projection === projection);
    if (found !== undefined) return found;
    throw new SpikevineError(FOREIGN);
  }

  /** All projections, the plastic ones last, each with true if it is on. */
  activity(): { readonly part: Projection | PlasticProjection; readonly active: boolean }[] {
    return [...this.#projections, ...this.#plastic].map(({ projection, model }) => ({
      part: projection,
      active: model.active,
    }));
  }

  /** Replaces the result of `activity` without any effect on spikes, before a saved state is restored. */
  useActivity(flags: readonly boolean[]): void {
    const fixed = this.#projections.length;
    this.#projections.forEach((made, p) => {
      made.model = { ...made.model, active: flags[p]! };
    });
    this.#plastic.forEach((made, p) => {
      made.model = { ...made.model, active: flags[fixed + p]! };
    });
  }

  /** Switches a projection with fixed weights on or off from a step on. */
  setFixedActive(projection: Projection, active: boolean, step: number): void {
    this.#fixed(projection).setActive(active, step);
  }

  /**
   * Switches a plastic projection on or off.
   * @param now The next step.
   * @param rest The end of the last rest of synapses that run from event to event.
   */
  setPlasticActive(
    part: PlasticProjection,
    active: boolean,
    now: number,
    rest: (plastic: number) => number | undefined,
  ): void {
    const plastic = this.#plastic.findIndex((own) => own.projection === part);
    if (plastic < 0) throw new SpikevineError(FOREIGN);
    const made = this.#plastic[plastic]!;
    const rested = rest(plastic) ?? 0;
    // Synapses that run from event to event know one rest, and a spike may have been sent before another one.
    const longest = made.model.pathways.reduce((most, { delays }) => Math.max(most, longestOf(delays)), 0);
    const isSecond = !active && rested > 0 && now - rested < longest;
    made.model = { ...made.model, active, ...(isSecond ? { stepwise: true } : {}) };
  }

  /** Values of a variable of all synapses of a plastic projection from an expression; see `PlasticBuilder`. */
  evaluateSynapses(
    plastic: number,
    text: string,
    variable: string,
    names: Variables,
    counters: readonly number[],
  ): Float64Array {
    return this.#plastic[plastic]!.evaluate(text, variable, names, counters);
  }

  /** Lets states of a plastic projection have values of their own for every synapse. */
  setDistinct(plastic: number, states: readonly string[]): void {
    const made = this.#plastic[plastic]!;
    made.model = { ...made.model, distinct: states };
  }

  /** The presynaptic side of a projection; warns if it cannot fire. */
  #spiking(pre: Population, post: Population): Side {
    const own = this.#populations.own(pre);
    if (own instanceof PopulationBuilder && own.neuron.output === "values") {
      this.#warn(
        `${projectionName(pre, post)}: neurons/${own.neuron.name} has a graded output and never fires, so nothing arrives; connect neurons with a spike.`,
      );
    }
    return this.#side(pre);
  }

  #side(given: Population): Side {
    const own = this.#populations.own(given);
    const whole = own instanceof EventBuilder ? own.of : own;
    return { given, whole, from: wholeOf(given).from, spikes: own.index };
  }
}

/** Refuses pathways of synapses at an end, which have no spikes. */
function refuseSilentSide(
  sides: Readonly<Record<"pre" | "post", Side>>,
  { synapse, target }: PlasticProjectionOptions,
): void {
  const where = projectionName(sides.pre.given, sides.post.given);
  for (const [side, field] of [
    ["pre", "onPre"],
    ["post", "onPost"],
  ] as const) {
    if (!(sides[side].whole instanceof SynapseEnd)) continue;
    const { name, spec } = synapse;
    const isEmpty = Object.keys(spec[field] ?? {}).length === 0;
    if (isEmpty && !(side === "pre" && target !== undefined)) continue;
    throw new SpikevineError(
      `${where}: plasticity/${name} has ${isEmpty ? "a target" : field}, and ${sides[side].given.name} are synapses, which have no spikes; use dynamics or summed instead.`,
    );
  }
}
