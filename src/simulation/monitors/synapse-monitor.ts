import { either, fields, list, number, optional, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { pairOf } from "../network/connection-patterns.js";
import type { PlasticProjection } from "../network/plastic-projection.js";
import { KEEPS_NOTHING } from "./row-sink.js";
import { TRACE_OPTIONS, type Trace, type TraceOptions, TraceRecorder } from "./trace-recorder.js";

/**
 * A synapse by its index in the order of `projection.synapses()`, or by the neurons that it connects (the first of
 * several).
 */
export type SynapseIndex = number | readonly [pre: number, post: number];

export interface SynapseMonitorOptions extends TraceOptions {
  /** The synapses to record. Default: all. */
  readonly synapses?: readonly SynapseIndex[];
}

const SYNAPSE_NAME = either(number({}, "an index"), pairOf("[pre, post]"));

export const SYNAPSE_OPTIONS = fields<SynapseMonitorOptions>(
  { ...TRACE_OPTIONS, synapses: optional(list(SYNAPSE_NAME)) },
  { root: "options", excludes: { limit: KEEPS_NOTHING } },
);

const checkTrace = signature("monitor of synapses", { synapse: SYNAPSE_NAME });

/** A variable of some synapses over time, as it is at the times k dt: after the spikes of both sides at that time. */
export interface SynapseMonitor extends Trace {
  readonly projection: PlasticProjection;
  /** Indices of the synapses in the order of `projection.synapses()`. */
  readonly synapses: readonly number[];
  /** `[times, synapses]`, row-major. */
  readonly values: Float64Array;
  /** The values of one synapse over time. */
  trace(synapse: SynapseIndex): Float64Array;
}

export class SynapseRecorder extends TraceRecorder implements SynapseMonitor {
  readonly projection: PlasticProjection;
  readonly variable: string;
  readonly unit: string | undefined;
  readonly synapses: readonly number[];

  constructor(
    projection: PlasticProjection,
    variable: string,
    unit: string | undefined,
    dt: number,
    options: SynapseMonitorOptions,
  ) {
    const { pre, post, size } = projection;
    const where = `monitor of "${variable}" of projection "${pre.name}" to "${post.name}"`;
    const synapses =
      options.synapses === undefined
        ? Array.from({ length: size }, (_, s) => s)
        : find(projection, options.synapses, where);
    if (synapses.length === 0) throw new SpikevineError(`${where}: there is no synapse to watch; name at least one.`);
    super(where, synapses.length, dt, options);
    this.projection = projection;
    this.variable = variable;
    this.unit = unit;
    this.synapses = synapses;
  }

  trace(synapse: SynapseIndex): Float64Array {
    checkTrace([synapse], this.where);
    const [index] = find(this.projection, [synapse], this.where);
    const column = this.synapses.indexOf(index!);
    if (column >= 0) return this.column(column);
    throw new SpikevineError(`${this.where} does not watch synapse ${shown(synapse)}; add it to its synapses.`);
  }
}

const shown = (name: SynapseIndex): string => (typeof name === "number" ? `${name}` : `[${name.join(", ")}]`);

/** Indices of the named synapses. */
function find(projection: PlasticProjection, names: readonly SynapseIndex[], where: string): number[] {
  const indices = new Map<string, number>();
  if (names.some((name) => typeof name !== "number")) {
    let index = 0;
    for (const { pre, post } of projection.synapses()) {
      const key = `${pre},${post}`;
      if (!indices.has(key)) indices.set(key, index);
      index++;
    }
  }
  return names.map((name) => {
    const index = typeof name === "number" ? name : (indices.get(name.join(",")) ?? -1);
    if (Number.isInteger(index) && index >= 0 && index < projection.size) return index;
    throw new SpikevineError(
      `${where}: there is no synapse ${shown(name)}; give an index from 0 to ${projection.size - 1} or [pre, post] of one.`,
    );
  });
}
