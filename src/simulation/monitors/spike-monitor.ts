import { fields, kind, optional } from "../../arguments/index.js";
import { filled } from "../../filled.js";
import type { Population } from "../network/population.js";
import { bytesOf, doublesOf, joinSections, splitSections, wordsOf } from "../state/state-sections.js";
import { GrowingArray } from "./growing-array.js";
import { KEEPS_NOTHING, type RowWriter, SINK } from "./row-sink.js";

export interface SpikeMonitorOptions {
  /** Largest number of spikes kept; later ones are counted in `dropped`. Default: 20 million (240 MB). */
  readonly limit?: number;
  /** Receives rows of time (ms) and neuron instead; no spike is kept then. */
  readonly recordTo?: RowWriter;
}

/** Largest number of values kept. */
export const LIMIT = kind("a number of at least 0", (value) => typeof value === "number" && value >= 0);

export const SPIKE_OPTIONS = fields<SpikeMonitorOptions>(
  { limit: optional(LIMIT), recordTo: optional(SINK) },
  { root: "options", excludes: { limit: KEEPS_NOTHING } },
);

/** The spikes of a population, in order of time, then of neurons. A spike of step k has the time k dt. */
export interface SpikeMonitor {
  readonly population: Population;
  /** Number of all spikes, kept or not. */
  readonly count: number;
  /** Number of spikes after `limit` were kept. */
  readonly dropped: number;
  /** Time of every kept spike, ms. */
  readonly times: Float64Array;
  /** Neuron of every kept spike. */
  readonly indices: Uint32Array;
  /** Times of each neuron's kept spikes, ms. */
  trains(): Float64Array[];
  /** Clears the monitor. */
  clear(): void;
}

export class SpikeRecorder implements SpikeMonitor {
  readonly population: Population;
  /** Name in errors and warnings. */
  readonly where: string;
  count = 0;
  dropped = 0;
  readonly #dt: number;
  readonly #limit: number;
  readonly #to: RowWriter | undefined;
  readonly #steps = new GrowingArray(Uint32Array);
  readonly #neurons = new GrowingArray(Uint32Array);

  constructor(population: Population, dt: number, { limit = 20_000_000, recordTo: to }: SpikeMonitorOptions) {
    this.population = population;
    this.where = `monitor of spikes of population "${population.name}"`;
    this.#dt = dt;
    this.#limit = limit;
    this.#to = to;
  }

  take(steps: Uint32Array, neurons: Uint32Array): void {
    this.count += steps.length;
    if (this.#to !== undefined) {
      const rows = new Float64Array(2 * steps.length);
      steps.forEach((step, k) => {
        rows[2 * k] = this.#time(step);
        rows[2 * k + 1] = neurons[k]!;
      });
      this.#to.write(rows);
      return;
    }
    const room = Math.min(steps.length, Math.max(0, this.#limit - this.#steps.length));
    this.dropped += steps.length - room;
    this.#steps.append(steps.subarray(0, room));
    this.#neurons.append(neurons.subarray(0, room));
  }

  /** Without rounding errors of a product such as 3 * 0.1. */
  #time(step: number): number {
    return Number((step * this.#dt).toPrecision(14));
  }

  get times(): Float64Array {
    return filled(new Float64Array(this.#steps.length), this.#steps.values(), (step) => this.#time(step));
  }

  get indices(): Uint32Array {
    return this.#neurons.values().slice();
  }

  trains(): Float64Array[] {
    const neurons = this.#neurons.values();
    const counts = new Uint32Array(this.population.size);
    for (const neuron of neurons) counts[neuron]!++;
    const trains = Array.from(counts, (count) => new Float64Array(count));
    counts.fill(0);
    this.#steps.values().forEach((step, k) => {
      const neuron = neurons[k]!;
      trains[neuron]![counts[neuron]!++] = this.#time(step);
    });
    return trains;
  }

  save(): Uint8Array {
    const numbers = [Float64Array.of(this.count, this.dropped), this.#steps.values(), this.#neurons.values()];
    return joinSections(numbers.map(bytesOf));
  }

  /** Tells if bytes are a result of `save`, with neurons that exist. */
  fits(bytes: Uint8Array): boolean {
    const [counts, steps, neurons] = splitSections(bytes) ?? [];
    if (counts?.length !== 16 || steps === undefined || steps.length !== neurons?.length || steps.length % 4 !== 0)
      return false;
    return wordsOf(neurons).every((neuron) => neuron < this.population.size);
  }

  restore(bytes: Uint8Array): void {
    const [counts, steps, neurons] = splitSections(bytes)!;
    this.clear();
    [this.count, this.dropped] = doublesOf(counts!) as unknown as [number, number];
    this.#steps.append(wordsOf(steps!));
    this.#neurons.append(wordsOf(neurons!));
  }

  clear(): void {
    this.count = 0;
    this.dropped = 0;
    this.#steps.clear();
    this.#neurons.clear();
  }
}
