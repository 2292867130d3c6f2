import { flag, optional, type Schema, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { filled } from "../../filled.js";
import { rowKey } from "../../random/counter.js";
import type { Clock } from "../clock.js";
import type { ProjectionModel, SynapsesModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import { isList, sameForAll, sampler, VALUES, type ValueOrDistribution } from "../values.js";
import { type ConnectionPattern, drawSynapses, PATTERN } from "./connection-patterns.js";
import type { Population, PopulationBuilder } from "./population.js";
import type { SynapseRows } from "./synapse-rows.js";

export interface ProjectionOptions {
  readonly pattern: ConnectionPattern;
  /** State of the postsynaptic neuron that an event adds the weight to, e.g. "ge". */
  readonly target: string;
  /** In the unit of the target. A list requires `{ pairs }` and has one value per pair. */
  readonly weight: ValueOrDistribution;
  /** At least dt; rounded to whole steps. Default: dt. A list requires `{ pairs }`. */
  readonly delay?: ValueOrDistribution;
  /** Allows a synapse from a neuron to itself. Default: true. */
  readonly autapses?: boolean;
}

/** Kinds of the options that every projection is drawn from. */
export const DRAWN: Schema<Omit<ProjectionOptions, "target">> = {
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

/** Input of drawing a projection; `index` is its index among those of the simulation. */
export interface Drawing {
  readonly clock: Clock;
  readonly seed: number;
  readonly index: number;
}

/** A population with its index in the model. */
export type Indexed = Population & { readonly index: number };

export const projectionName = (pre: Population, post: Population): string =>
  `projection "${pre.name}" to "${post.name}"`;

/**
 * Draws a projection's synapses, weights and delays.
 * @throws SpikevineError naming the projection and the field that does not fit.
 */
export function makeProjection(
  pre: Indexed,
  post: PopulationBuilder,
  options: ProjectionOptions,
  drawing: Drawing,
): { readonly model: ProjectionModel; readonly projection: Projection } {
  const target = post.state(options.target, `target of ${projectionName(pre, post)}`);
  const { weights, ...synapses } = drawProjection(pre, post, options, post.neuron.states[target]!.unit, drawing);
  const model: ProjectionModel = {
    ...synapses,
    state: Object.keys(post.neuron.states).indexOf(target),
    weights: typeof weights === "number" ? weights : inSingle(weights, projectionName(pre, post)),
  };
  const size = model.targets.length;
  return {
    model,
    projection: { pre, post, target, size, synapses: () => synapsesOf(model, drawing.clock.dt) },
  };
}

/** Lists of weights are kept in single precision, which ends at 3.4e38. */
function inSingle(weights: Float64Array, where: string): Float32Array {
  const singles = new Float32Array(weights);
  const bad = singles.findIndex((weight) => !Number.isFinite(weight));
  if (bad < 0) return singles;
  throw new SpikevineError(`${where}: weight ${weights[bad]} is beyond single precision; give weights below 3.4e38.`);
}

/** Synapses, delays, and weights in double precision; `unit` is that of the weight. */
export function drawProjection(
  pre: Indexed,
  post: Indexed,
  options: Omit<ProjectionOptions, "target">,
  unit: string | undefined,
  { clock, seed, index }: Drawing,
): SynapsesModel & { readonly weights: number | Float64Array } {
  const where = projectionName(pre, post);
  const { autapses = true } = options;
  const rows = drawSynapses(options.pattern, { pre, post, autapses }, [seed, index], where);
  const counters = (stream: number) => (row: number) => [stream, seed, index, row];
  const weights = ofSynapses(options.weight, `${where}: weight`, unit, rows, counters(SIMULATION_STREAM.weights));
  const delays =
    options.delay === undefined
      ? clock.dt
      : ofSynapses(options.delay, `${where}: delay`, "ms", rows, counters(SIMULATION_STREAM.delays));
  const inSteps = (delay: number): number => clock.delay(delay, `${where}: delay`);
  return {
    name: where,
    pre: pre.index,
    post: post.index,
    rowStart: rows.rowStart,
    targets: rows.targets,
    weights,
    delays: typeof delays === "number" ? inSteps(delays) : filled(new Uint16Array(delays.length), delays, inSteps),
  };
}

/** One number if it is the same for all synapses, else one per synapse in the order of the rows. */
function ofSynapses(
  values: ValueOrDistribution,
  where: string,
  unit: string | undefined,
  { rowStart, targets, order }: SynapseRows,
  counters: (pre: number) => readonly number[],
): number | Float64Array {
  const same = sameForAll(values, where, unit);
  if (same !== undefined) return same;
  if (isList(values) && order === undefined) {
    throw new SpikevineError(
      `${where} is a list, which requires the pattern { pairs }; give one value or a distribution.`,
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

/** Iterates over the synapses row by row. */
export function* synapsesOf(
  { rowStart, targets, weights, delays }: SynapsesModel & { readonly weights: number | ArrayLike<number> },
  dt: number,
) {
  for (let pre = 0; pre + 1 < rowStart.length; pre++) {
    for (let k = rowStart[pre]!; k < rowStart[pre + 1]!; k++) {
      yield {
        pre,
        post: targets[k]!,
        weight: typeof weights === "number" ? weights : weights[k]!,
        delay: (typeof delays === "number" ? delays : delays[k]!) * dt,
      };
    }
  }
}
