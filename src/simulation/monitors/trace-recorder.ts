import { optional, type Schema, whole } from "../../arguments/index.js";
import { bytesOf, doublesOf, joinSections, splitSections } from "../state/state-sections.js";
import { GrowingArray } from "./growing-array.js";
import { type RowWriter, SINK } from "./row-sink.js";
import { LIMIT } from "./spike-monitor.js";

export interface TraceOptions {
  /** Records every n-th step, counted from step 0. Default: 1. */
  readonly every?: number;
  /** Largest number of values kept; later rows are counted in `dropped`. Default: 50 million (400 MB). */
  readonly limit?: number;
  /** Receives rows of time (ms) and one value per column instead; no row is kept then. */
  readonly recordTo?: RowWriter;
}

/** Kinds of these options. */
export const TRACE_OPTIONS: Schema<TraceOptions> = {
  every: optional(whole(1, undefined, "a whole number of steps of at least 1")),
  limit: optional(LIMIT),
  recordTo: optional(SINK),
};

/** One variable over time, in columns: one per recorded neuron or synapse. */
export interface Trace {
  readonly variable: string;
  /** Unit of the variable; the values are in internal units (mV, pA, nS, ms). */
  readonly unit: string | undefined;
  /** Number of rows after `limit` values were kept. */
  readonly dropped: number;
  /** Time of every kept row, ms. */
  readonly times: Float64Array;
  /** `[times, columns]`, row-major. */
  readonly values: Float64Array;
  clear(): void;
}

/** Keeps the rows of a trace, or passes them on. */
export class TraceRecorder {
  readonly every: number;
  dropped = 0;
  /** Name in errors and warnings. */
  readonly where: string;
  protected readonly width: number;
  readonly #dt: number;
  readonly #limit: number;
  readonly #to: RowWriter | undefined;
  readonly #times = new GrowingArray(Float64Array);
  readonly #values = new GrowingArray(Float64Array);

  constructor(where: string, width: number, dt: number, options: TraceOptions) {
    const { every = 1, limit = 50_000_000, recordTo: to } = options;
    this.where = where;
    this.width = width;
    this.every = every;
    this.#dt = dt;
    this.#limit = limit;
    this.#to = to;
  }

  /** Number of rows recorded in the steps from `from` on. */
  take(from: number, values: Float32Array | Float64Array): void {
    const { width } = this;
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

  /** The values of one column over time. */
  protected column(column: number): Float64Array {
    const values = this.#values.values();
    return Float64Array.from({ length: this.#times.length }, (_, row) => values[row * this.width + column]!);
  }

  save(): Uint8Array {
    return joinSections([Float64Array.of(this.dropped), this.#times.values(), this.#values.values()].map(bytesOf));
  }

  /** Tells if bytes are a result of `save`, with as many columns. */
  fits(bytes: Uint8Array): boolean {
    const [dropped, times, values] = splitSections(bytes) ?? [];
    return (
      dropped?.length === 8 &&
      times !== undefined &&
      times.length % 8 === 0 &&
      values?.length === times.length * this.width
    );
  }

  restore(bytes: Uint8Array): void {
    const [dropped, times, values] = splitSections(bytes)!;
    this.clear();
    this.dropped = doublesOf(dropped!)[0]!;
    this.#times.append(doublesOf(times!));
    this.#values.append(doublesOf(values!));
  }

  clear(): void {
    this.dropped = 0;
    this.#times.clear();
    this.#values.clear();
  }
}
