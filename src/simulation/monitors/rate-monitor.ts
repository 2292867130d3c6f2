import { fields, optional, quantity as quantityKind } from "../../arguments/index.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { nearestStep, wholeSteps } from "../checks/whole-steps.js";
import type { Population } from "../network/population.js";
import { bytesOf, doublesOf, joinSections, splitSections, wordsOf } from "../state/state-sections.js";
import { binnedRate } from "../statistics.js";
import { GrowingArray } from "./growing-array.js";

export interface RateMonitorOptions {
  /** Width of a bin, a whole number of steps. Default: the whole number of steps nearest to 1 ms, at least one. */
  readonly bin?: number | string;
}

export const RATE_OPTIONS = fields<RateMonitorOptions>({ bin: optional(quantityKind) }, { root: "options" });

/** Mean firing rate of the neurons of a population, in bins that start at 0. */
export interface RateMonitor {
  readonly population: Population;
  /** Width of a bin, ms. */
  readonly bin: number;
  /** Middle of every bin that has started, ms. */
  readonly times: Float64Array;
  /** Spikes per neuron and second in every bin, Hz. The last bin may still be filling. */
  readonly rates: Float64Array;
  /** Mean rate over the whole recorded time, Hz. */
  readonly mean: number;
  clear(): void;
}

function binSteps(bin: number | string, dt: number): number {
  const where = "monitor of the rate: bin";
  const width = quantity(where, bin, "ms");
  if (!(width >= dt)) throw new SpikevineError(`${where} is ${bin}, below dt; give at least ${dt} ms.`);
  return wholeSteps(width, dt, where, bin);
}

export class RateRecorder implements RateMonitor {
  readonly population: Population;
  readonly bin: number;
  /** Name in errors. */
  readonly where: string;
  readonly #dt: number;
  readonly #binSteps: number;
  readonly #counts = new GrowingArray(Uint32Array);
  #from: number | undefined;
  #to = 0;

  constructor(population: Population, dt: number, { bin }: RateMonitorOptions) {
    const steps = bin === undefined ? Math.max(1, nearestStep(1, dt)) : binSteps(bin, dt);
    this.population = population;
    this.where = `monitor of the rate of population "${population.name}"`;
    this.#dt = dt;
    this.#binSteps = steps;
    this.bin = steps * dt;
  }

  take(from: number, to: number, steps: Uint32Array): void {
    this.#from ??= from;
    this.#to = to;
    this.#counts.grow(Math.ceil(to / this.#binSteps) - this.#firstBin);
    const counts = this.#counts.values();
    for (const step of steps) counts[Math.floor(step / this.#binSteps) - this.#firstBin]!++;
  }

  get #firstBin(): number {
    return Math.floor((this.#from ?? 0) / this.#binSteps);
  }

  get times(): Float64Array {
    return Float64Array.from(this.#counts.values(), (_, k) => (this.#firstBin + k + 0.5) * this.bin);
  }

  get rates(): Float64Array {
    return binnedRate(this.#counts.values(), this.population.size, this.bin);
  }

  get mean(): number {
    const spikes = this.#counts.values().reduce((sum, count) => sum + count, 0);
    const time = (this.#to - (this.#from ?? 0)) * this.#dt;
    return time === 0 ? 0 : (1000 * spikes) / (time * this.population.size);
  }

  save(): Uint8Array {
    return joinSections([Float64Array.of(this.#from ?? -1, this.#to), this.#counts.values()].map(bytesOf));
  }

  /** Tells if bytes are a result of `save`, with a count for every bin that has started. */
  fits(bytes: Uint8Array): boolean {
    const [span, counts] = splitSections(bytes) ?? [];
    if (span?.length !== 16 || counts === undefined) return false;
    const [from, to] = doublesOf(span) as unknown as [number, number];
    const bins = Math.ceil(to / this.#binSteps) - Math.floor(Math.max(from, 0) / this.#binSteps);
    return counts.length === 4 * bins;
  }

  restore(bytes: Uint8Array): void {
    const [span, counts] = splitSections(bytes)!;
    const [from, to] = doublesOf(span!) as unknown as [number, number];
    this.clear();
    this.#from = from < 0 ? undefined : from;
    this.#to = to;
    this.#counts.append(wordsOf(counts!));
  }

  clear(): void {
    this.#counts.clear();
    this.#from = undefined;
    this.#to = 0;
  }
}
