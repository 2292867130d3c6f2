import { choice, fields, numbers, optional } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { Population } from "../network/population.js";
import { KEEPS_NOTHING } from "./row-sink.js";
import { TRACE_OPTIONS, type Trace, type TraceOptions, TraceRecorder } from "./trace-recorder.js";

export interface StateMonitorOptions extends TraceOptions {
  /** Indices of the neurons. Default: all. */
  readonly indices?: readonly number[];
  /**
   * Moment of step k at which a state is recorded: at its start, after the events that arrive at k dt; or after the neuron's
   * update and before the reset of a spike, so that a potential is seen above its threshold. Default: "start".
   */
  readonly when?: "start" | "before reset";
}

export const STATE_OPTIONS = fields<StateMonitorOptions>(
  { ...TRACE_OPTIONS, indices: optional(numbers), when: optional(choice(["start", "before reset"])) },
  { root: "options", excludes: { limit: KEEPS_NOTHING } },
);

/** A state variable of some neurons over time, as it is at the times k dt, or before the reset in the steps from k dt on. */
export interface StateMonitor extends Trace {
  readonly population: Population;
  readonly indices: readonly number[];
  /** `[times, neurons]`, row-major. */
  readonly values: Float64Array;
  /** The values of one neuron over time. */
  trace(neuron: number): Float64Array;
}

export class StateRecorder extends TraceRecorder implements StateMonitor {
  readonly population: Population;
  readonly variable: string;
  readonly unit: string | undefined;
  readonly indices: readonly number[];

  constructor(
    population: Population,
    variable: string,
    unit: string | undefined,
    dt: number,
    options: StateMonitorOptions,
  ) {
    const { indices, when = "start" } = options;
    const where = `monitor of "${variable}"${when === "start" ? "" : ` ${when}`} of population "${population.name}"`;
    const missing = indices?.find((u) => !(Number.isInteger(u) && u >= 0 && u < population.size));
    if (missing !== undefined) {
      throw new SpikevineError(`${where}: there is no neuron ${missing}; the neurons are 0 to ${population.size - 1}.`);
    }
    if (indices?.length === 0) throw new SpikevineError(`${where}: indices is empty; name at least one.`);
    super(where, indices?.length ?? population.size, dt, options);
    this.population = population;
    this.variable = variable;
    this.unit = unit;
    this.indices = indices ?? Array.from({ length: population.size }, (_, i) => i);
  }

  trace(neuron: number): Float64Array {
    const column = this.indices.indexOf(neuron);
    if (column >= 0) return this.column(column);
    throw new SpikevineError(
      `${this.where} has no neuron ${neuron}; it has ${this.indices.slice(0, 10).join(", ")}${this.indices.length > 10 ? ", ..." : ""}.`,
    );
  }
}
