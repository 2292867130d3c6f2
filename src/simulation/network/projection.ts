import { flag, made, optional, type Schema, text } from "../../arguments/index.js";
import { TIME } from "../../equations/definitions/neuron-scope.js";
import { DIMENSIONLESS } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { filled } from "../../filled.js";
import { rowKey } from "../../random/counter.js";
import type { Clock } from "../clock.js";
import type { ProjectionModel, SynapsesModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import { isList, sameForAll, sampler, VALUES, type ValueOrDistribution } from "../values.js";
import { changeDelays } from "./changed-delays.js";
import { type ConnectionPattern, drawSynapses, PATTERN } from "./connection-patterns.js";
import { compileElements, isExpression, type Variable, type Variables } from "./element-expression.js";
import { dimensionOf } from "./neuron-values.js";
import type { Population } from "./population.js";
import type { PopulationBuilder } from "./population-builder.js";
import type { SourceBuilder } from "./source-builder.js";
import { usesCounts, withCountNames } from "./synapse-counts.js";
import type { SynapseEnd } from "./synapse-end.js";
import { placeRows, type SynapseRows } from "./synapse-rows.js";

export interface ProjectionOptions {
  readonly pattern: ConnectionPattern;
  /** State of the postsynaptic neuron that an event adds the weight to, e.g. "ge". */
  readonly target: string;
  /**
   * In the unit of the target. A list requires `{ pairs }` and has one value per pair. An expression may use the names of
   * a condition and `rand()` and `randn()`.
   */
  readonly weight: ValueOrDistribution;
  /** At least dt; rounded to whole steps, in the same forms as the weight. Default: dt. */
  readonly delay?: ValueOrDistribution;
  /** Allows a synapse from a neuron to itself. Default: true. */
  readonly autapses?: boolean;
  /**
   * Place of an event in the step in which a neuron fires: after the reset, which it survives (the default), or before it, as in
   * Brian2.
   */
  readonly when?: "after reset" | "before reset";
}

/** Kinds of the options that every projection is drawn from. */
export const DRAWN: Schema<Omit<ProjectionOptions, "target" | "when">> = {
  pattern: PATTERN,
  weight: VALUES,
  delay: optional(VALUES),
  autapses: optional(flag),
};

/** A state that events are added to. */
export const TARGET = text('the state that an event is added to, e.g. "ge"');

/** Synapses from one population to another. */
export interface Projection {
  readonly pre: Population;
  readonly post: Population;
  readonly target: string;
  /** Number of synapses. */
  readonly size: number;
  /** Presynaptic neuron, postsynaptic neuron, weight (internal units) and delay (ms) of every synapse, row by row. */
  synapses(): IterableIterator<{ pre: number; post: number; weight: number; delay: number }>;
}

/** A projection as an argument. */
export const PROJECTION = made("a projection of this simulation, the result of connect", "pre", "post", "synapses");

/** Input of drawing a projection; `index` is its index among those of the simulation. */
export interface Drawing {
  readonly clock: Clock;
  readonly seed: number;
  readonly index: number;
}

/** One side of a projection: some neurons of a population, or all; or the synapses of another projection. */
export interface Side<B = PopulationBuilder | SourceBuilder | SynapseEnd> {
  /** Index of the population whose spikes count: the same one, or its events. */
  readonly spikes: number;
  /** The population or the part of one that was connected. */
  readonly given: Population;
  readonly whole: B;
  /** Index of the first neuron in the whole population. */
  readonly from: number;
}

export const projectionName = (pre: Population, post: Population): string =>
  `projection "${pre.name}" to "${post.name}"`;

/**
 * Draws a projection's synapses, weights and delays.
 * @throws SpikevineError naming the projection and the field that does not fit.
 */
export function makeProjection(
  pre: Side,
  post: Side<PopulationBuilder>,
  options: ProjectionOptions,
  drawing: Drawing,
): MadeProjection {
  const where = projectionName(pre.given, post.given);
  const { neuron } = post.whole;
  const target = post.whole.target(options.target, `target of ${where}`);
  const { unit } = neuron.states[target]!;
  const { weights, draw: _, ...synapses } = drawProjection(pre, post, options, unit, drawing);
  const model: ProjectionModel = {
    ...synapses,
    pre: pre.spikes,
    state:
      options.when === "before reset"
        ? post.whole.held.take(neuron, target, drawing.clock.dt, where)
        : Object.keys(neuron.states).indexOf(target),
    weights: typeof weights === "number" ? weights : inSingle(weights, where),
    active: true,
  };
  const size = model.targets.length;
  const made: MadeProjection = {
    model,
    former: [],
    projection: {
      pre: pre.given,
      post: post.given,
      target,
      size,
      synapses: () => synapsesOf(made.model, drawing.clock.dt, pre.from, post.from),
    },
    setWeights(values, change) {
      const weight: Variable = { dimension: dimensionOf(unit, where), values: made.model.weights, per: "synapse" };
      const found = ofSynapses(values, {
        where: `${where}: weight`,
        unit,
        rows: rowsOf(made.model, pre, post),
        variables: () => new Map([...pairNames(pre, post), ["weight", weight]]),
        counters: (row) => [SIMULATION_STREAM.changes, drawing.seed, drawing.index, row, change],
      });
      made.model = { ...made.model, weights: typeof found === "number" ? found : inSingle(found, where) };
    },
    setActive(active, step) {
      // Spikes of a rest are not sent, so a rest ends earlier spikes as a change of delays does.
      if (active !== made.model.active && step > 0) {
        const { delays } = made.model;
        if (!active) made.former = changeDelays({ present: made.model, former: made.former }, delays, step).former;
        made.model = { ...made.model, sent: { from: step } };
      }
      made.model = { ...made.model, active };
    },
    setDelays(values, change, step) {
      const delays = drawDelays(values, made.model.delays, {
        ...{ model: made.model, pre, post, clock: drawing.clock, least: 1, where: `${where}: delay` },
        // The last counter distinguishes delays from weights.
        counters: (row) => [SIMULATION_STREAM.changes, drawing.seed, drawing.index, row, change, 1],
      });
      const { former } = made;
      const changed = changeDelays({ present: made.model, former }, delays, step);
      // Nothing is sent during a rest.
      [made.model, made.former] = [changed.present, made.model.active ? changed.former : former];
    },
  };
  return made;
}

/** A projection and its model, whose weights and delays may change. */
export interface MadeProjection {
  model: ProjectionModel;
  /** The model with former delays of spikes that may be on the way. */
  former: readonly ProjectionModel[];
  readonly projection: Projection;
  /**
   * Gives all synapses other weights; a list is in the order of `synapses()`.
   * @param change Distinguishes the draws of changes.
   */
  readonly setWeights: (values: ValueOrDistribution, change: number) => void;
  readonly setActive: (active: boolean, step: number) => void;
  /** Gives all synapses other delays for the spikes from a step on. */
  readonly setDelays: (values: ValueOrDistribution, change: number, step: number) => void;
}

/** The synapses of a projection as rows of the neurons that were connected; a list has one value per synapse in order. */
export function rowsOf({ rowStart, targets }: SynapsesModel, pre: Side, post: Side): SynapseRows {
  return {
    rowStart: rowStart.subarray(pre.from, pre.from + pre.given.size + 1),
    targets: post.from === 0 ? targets : targets.map((target) => target - post.from),
    order: Uint32Array.from({ length: targets.length }, (_, k) => k),
  };
}

/** Lists of weights are kept in single precision, which ends at 3.4e38. */
function inSingle(weights: Float64Array, where: string): Float32Array {
  const singles = new Float32Array(weights);
  const bad = singles.findIndex((weight) => !Number.isFinite(weight));
  if (bad < 0) return singles;
  throw new SpikevineError(`${where}: weight ${weights[bad]} is beyond single precision; give weights below 3.4e38.`);
}

/** Synapses with weights in double precision, and a function that draws further values for each of them. */
interface DrawnSynapses extends SynapsesModel {
  readonly weights: number | Float64Array;
  /**
   * One number for all synapses or one per synapse.
   * @param counters The stream of the draws, and numbers that distinguish values of that stream.
   */
  readonly draw: (
    values: ValueOrDistribution,
    field: string,
    unit: string | undefined,
    counters: readonly number[],
  ) => number | Float64Array;
}

/**
 * Synapses, delays, and weights in double precision.
 * @param unit That of the weight.
 * @param leastDelay In steps.
 */
export function drawProjection(
  pre: Side,
  post: Side,
  options: Omit<ProjectionOptions, "target" | "when">,
  unit: string | undefined,
  { clock, seed, index }: Drawing,
  leastDelay: 0 | 1 = 1,
): DrawnSynapses {
  const where = projectionName(pre.given, post.given);
  const { autapses = true } = options;
  const self = autapses || pre.whole !== post.whole ? undefined : post.from - pre.from;
  let names: Variables | undefined;
  const variables = (): Variables => {
    names ??= pairNames(pre, post);
    return names;
  };
  const sides = { pre: pre.given, post: post.given, self, variables };
  const rows = drawSynapses(options.pattern, sides, [seed, index], where);
  const draw: DrawnSynapses["draw"] = (values, field, ofUnit, [stream, ...further]) =>
    ofSynapses(values, {
      where: `${where}: ${field}`,
      unit: ofUnit,
      rows,
      variables,
      counters: (row) => [stream!, seed, index, row, ...further],
    });
  const weights = draw(options.weight, "weight", unit, [SIMULATION_STREAM.weights]);
  const delays =
    options.delay === undefined ? clock.dt : draw(options.delay, "delay", "ms", [SIMULATION_STREAM.delays]);
  const { rowStart, targets } = placeRows(
    rows,
    { pre: pre.from, post: post.from },
    { pre: pre.whole.size, post: post.whole.size },
  );
  return {
    name: where,
    pre: pre.whole.index,
    post: post.whole.index,
    rowStart,
    targets,
    weights,
    delays: inSteps(delays, clock, `${where}: delay`, leastDelay),
    draw,
  };
}

/** Delays in steps: at least one, or also none. */
export function inSteps(
  delays: number | Float64Array,
  clock: Clock,
  field: string,
  least: 0 | 1,
): number | Uint16Array {
  const steps = (delay: number): number => (delay === 0 && least === 0 ? 0 : clock.delay(delay, field));
  return typeof delays === "number" ? steps(delays) : filled(new Uint16Array(delays.length), delays, steps);
}

/** Draws other delays for all synapses, in steps. Expressions may use the present ones as `delay`. */
export function drawDelays(
  values: ValueOrDistribution,
  present: number | Uint16Array,
  given: {
    readonly model: SynapsesModel;
    readonly pre: Side;
    readonly post: Side;
    readonly clock: Clock;
    readonly where: string;
    readonly least: 0 | 1;
    /** Of the draws of a row. */
    readonly counters: (row: number) => readonly number[];
  },
): number | Uint16Array {
  const { model, pre, post, clock, where, least, counters } = given;
  const inTime = typeof present === "number" ? present * clock.dt : Float64Array.from(present, (d) => d * clock.dt);
  const delay: Variable = { dimension: TIME, values: inTime, per: "synapse" };
  const variables = () => new Map([...pairNames(pre, post), ["delay", delay] as const]);
  const drawn = ofSynapses(values, { where, unit: "ms", rows: rowsOf(model, pre, post), variables, counters });
  return inSteps(drawn, clock, where, least);
}

/**
 * Names of an expression over pairs: `i`, `j`, `N_pre`, `N_post`, and the positions, parameters and initial states of
 * both neurons, with `_pre` and `_post`.
 */
export function pairNames(pre: Side, post: Side): Variables {
  const names = new Map<string, Variable>();
  const indices = (size: number): Float64Array => Float64Array.from({ length: size }, (_, k) => k);
  names.set("i", { dimension: DIMENSIONLESS, values: indices(pre.given.size), per: "row" });
  names.set("j", { dimension: DIMENSIONLESS, values: indices(post.given.size), per: "column" });
  for (const [side, suffix, per] of [
    [pre, "_pre", "row"],
    [post, "_post", "column"],
  ] as const) {
    names.set(`N${suffix}`, { dimension: DIMENSIONLESS, values: side.given.size, per });
    for (const [name, { dimension, values }] of side.whole.variables()) {
      const own = typeof values === "number" ? values : sliced(values, side.from, side.given.size);
      names.set(`${name}${suffix}`, { dimension, values: own, per });
    }
  }
  return names;
}

const sliced = (values: ArrayLike<number>, from: number, size: number): ArrayLike<number> =>
  from === 0 && size === values.length ? values : Float64Array.from({ length: size }, (_, k) => values[from + k]!);

interface SynapseValues {
  readonly where: string;
  readonly unit: string | undefined;
  readonly rows: SynapseRows;
  readonly variables: () => Variables;
  /** Counters of the draws of a row. */
  readonly counters: (row: number) => readonly number[];
}

/** One number if it is the same for all synapses, else one per synapse in the order of the rows. */
export function ofSynapses(values: ValueOrDistribution, given: SynapseValues): number | Float64Array {
  const { where, unit, rows, counters } = given;
  const { rowStart, targets, order } = rows;
  if (typeof values === "string") {
    const variables = usesCounts(values) ? withCountNames(given.variables(), rows) : given.variables();
    if (isExpression(values, variables)) return byExpression(values, { ...given, variables: () => variables });
  }
  if (!isList(values)) {
    const same = sameForAll(values, where, unit);
    if (same !== undefined) return same;
  } else if (order === undefined) {
    throw new SpikevineError(
      `${where} is a list, which requires the pattern { pairs }; give one value, a distribution or an expression.`,
    );
  }
  const draw = sampler(values, where, unit, targets.length);
  const result = new Float64Array(targets.length);
  for (let pre = 0; pre + 1 < rowStart.length; pre++) {
    const from = rowStart[pre]!;
    const key = rowKey(...counters(pre));
    for (let k = from; k < rowStart[pre + 1]!; k++) result[k] = draw(key, isList(values) ? order![k]! : k - from);
  }
  return result;
}

function byExpression(text: string, { where, unit, rows, variables, counters }: SynapseValues): Float64Array {
  const { rowStart, targets } = rows;
  const { evaluate } = compileElements(text, variables(), dimensionOf(unit, where), where);
  const result = new Float64Array(targets.length);
  for (let pre = 0; pre + 1 < rowStart.length; pre++) {
    const [from, to] = [rowStart[pre]!, rowStart[pre + 1]!];
    if (from === to) continue;
    const row = result.subarray(from, to);
    evaluate(pre, targets, from, to, rowKey(...counters(pre)), row);
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) continue;
    throw new SpikevineError(
      `${where}: "${text}" is ${row[bad]} for i = ${pre} and j = ${targets[from + bad]}; give an expression that is finite.`,
    );
  }
  return result;
}

/** Iterates over the synapses row by row; indices count from the first neuron of each side. */
export function* synapsesOf(
  { rowStart, targets, weights, delays }: SynapsesModel & { readonly weights: number | ArrayLike<number> },
  dt: number,
  firstPre: number,
  firstPost: number,
) {
  for (let pre = 0; pre + 1 < rowStart.length; pre++) {
    for (let k = rowStart[pre]!; k < rowStart[pre + 1]!; k++) {
      yield {
        pre: pre - firstPre,
        post: targets[k]! - firstPost,
        weight: typeof weights === "number" ? weights : weights[k]!,
        delay: (typeof delays === "number" ? delays : delays[k]!) * dt,
      };
    }
  }
}
