import { SpikevineError } from "../../errors.js";
import type { Population } from "../network/population.js";
import { GrowingArray } from "./growing-array.js";
import type { RowSink } from "./rows.js";

export interface StateMonitorOptions {
  /** Which units. Default: all. */
  readonly units?: readonly number[];
  /** Takes every n-th step, counted from step 0. Default: 1. */
  readonly every?: number;
  /** Most values that are kept; later rows are counted in `dropped`. Default: 50 million (400 MB). */
  readonly limit?: number;
  /** Gets rows of time (ms) and one value for each unit instead; then none is kept. */
  readonly to?: RowSink;
}

/** A state variable of some units over time, as it is at the times k dt: after the events that arrive then. */
export interface StateMonitor {
  readonly population: Population;
  readonly variable: string;
  /** Unit of the variable; the values are in internal units (mV, pA, nS, ms). */
  readonly unit: string | undefined;
  readonly units: readonly number[];
  /** Rows that were seen after `limit` values were kept. */
  readonly dropped: number;
  /** Time of every kept row, ms. */
  readonly times: Float64Array;
  /** `[times, units]`, row-major. */
  readonly values: Float64Array;
  /** The values of one of the units over time. */
  trace(unit: number): Float64Array;
  clear(): void;
}

export class StateRecorder implements StateMonitor {
  readonly population: Population;
  readonly variable: string;
  readonly unit: string | undefined;
  readonly units: readonly number[];
  readonly every: number;
  dropped = 0;
  readonly #dt: number;
  readonly #limit: number;
  readonly #to: RowSink | undefined;
  readonly #times = new GrowingArray(Float64Array);
  readonly #values = new GrowingArray(Float64Array);

  constructor(
    population: Population,
    variable: string,
    unit: string | undefined,
    dt: number,
    options: StateMonitorOptions,
  ) {
    const { units, every = 1, limit = 50_000_000, to } = options;
    const where = `monitor of "${variable}" of population "${population.name}"`;
    if (!Number.isInteger(every) || every < 1) {
      throw new SpikevineError(`${where}: every is ${every}; give a whole number of steps of at least 1.`);
    }
    const missing = units?.find((u) => !(Number.isInteger(u) && u >= 0 && u < population.size));
    if (missing !== undefined) {
      throw new SpikevineError(`${where}: there is no unit ${missing}; the units are 0 to ${population.size - 1}.`);
    }
    if (units?.length === 0) throw new SpikevineError(`${where}: units is empty; name at least one.`);
    this.population = population;
    this.variable = variable;
    this.unit = unit;
    this.units = units ?? Array.from({ length: population.size }, (_, i) => i);
    this.every = every;
    this.#dt = dt;
    this.#limit = limit;
    this.#to = to;
  }

  /** Rows taken in the steps from `from` on. */
  take(from: number, values: Float32Array | Float64Array): void {
    const width = this.units.length;
    const rows = values.length / width;
    const first = Math.ceil(from / this.every) * this.every;
    const time = (row: number): number => Number(((first + row * this.every) * this.#dt).toPrecision(14));
    if (this.#to !== undefined) {
      const out = new Float64Array(rows * (width + 1));
      for (let row = 0; row < rows; row++) {
        out[row * (width + 1)] = time(row);
        for (let k = 0; k < width; k++) out[row * (width + 1) + 1 + k] = values[row * width + k]!;
      }
      if (rows > 0) this.#to.write(out);
      return;
    }
    const kept = Math.min(rows, Math.max(0, Math.floor((this.#limit - this.#values.length) / width)));
    this.dropped += rows - kept;
    this.#times.append(Array.from({ length: kept }, (_, row) => time(row)));
    this.#values.append(values.subarray(0, kept * width));
  }

  get times(): Float64Array {
    return this.#times.values().slice();
  }

  get values(): Float64Array {
    return this.#values.values().slice();
  }

  trace(unit: number): Float64Array {
    const column = this.units.indexOf(unit);
    if (column < 0) {
      throw new SpikevineError(
        `monitor of "${this.variable}" of population "${this.population.name}" has no unit ${unit}; it has ${this.units.slice(0, 10).join(", ")}${this.units.length > 10 ? ", ..." : ""}.`,
      );
    }
    const values = this.#values.values();
    return Float64Array.from({ length: this.#times.length }, (_, row) => values[row * this.units.length + column]!);
  }

  clear(): void {
    this.dropped = 0;
    this.#times.clear();
    this.#values.clear();
  }
}
