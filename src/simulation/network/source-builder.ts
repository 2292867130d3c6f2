import { form, optional, type RequiredKind, variants } from "../../arguments/index.js";
import { FUNCTIONS } from "../../equations/definitions/argument-kinds.js";
import { INDEX, T } from "../../equations/definitions/neuron-scope.js";
import { isTimedArray, type TimedArray } from "../../equations/definitions/timed-array.js";
import { constant, multiply, operation, select, symbol, ZERO } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import { rowKey } from "../../random/counter.js";
import type { Clock } from "../clock.js";
import type { QuantityLike } from "../distributions.js";
import type { DriveModel, NoiseModel, PopulationModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import type { Variables } from "./element-expression.js";
import { listedSpikes, SPIKES, VALUES_OR_TIMED } from "./external-input.js";
import { timedRows } from "./held-rows.js";
import { noiseOf, probabilityOf } from "./input-part.js";
import { dimensionOf, neuronNames, readNeuronValues } from "./neuron-values.js";
import { RARE } from "./poisson-events.js";
import { type Population, Subgroup } from "./population.js";
import { type Functions, isTimed, readTimed } from "./timed-expression.js";

/** Firing of a source's neurons. */
export type SourceOptions =
  /**
   * Independently at random, at most once per step: one rate for all, one per neuron, a timed array, or an expression of the
   * time `t` and of `i`, which is evaluated in every step and may call `functions`. Rates above one spike per step count as
   * one.
   */
  | { readonly poisson: ValueOrDistribution | TimedArray; readonly functions?: Functions }
  /** As listed: time and neuron. */
  | { readonly spikes: readonly (readonly [time: QuantityLike, neuron: number])[] };

/** Firing of a source, as an argument. */
export const SOURCE: RequiredKind = variants(
  {
    poisson: form<Extract<SourceOptions, { poisson: unknown }>>({
      poisson: VALUES_OR_TIMED,
      functions: optional(FUNCTIONS),
    }),
    spikes: form<Extract<SourceOptions, { spikes: unknown }>>({ spikes: SPIKES }),
  },
  "options",
);

/** State of a source whose rate is an expression. */
const RATE = "rate";

type Firing =
  | { readonly probability: number | DriveModel; readonly noise: NoiseModel }
  | { readonly timed: ReturnType<typeof readTimed>; readonly rate: string; readonly noise: NoiseModel }
  | { readonly steps: Uint32Array; readonly neurons: Uint32Array };

interface Identity {
  readonly name: string;
  readonly size: number;
  readonly index: number;
}

/** Sources of spikes: each neuron fires at random, or as listed. */
export class SourceBuilder implements Population {
  readonly name: string;
  readonly size: number;
  readonly index: number;
  logged = false;
  active = true;
  readonly #seed: number;
  readonly #clock: Clock;
  /** Number of the source's noise among those of the simulation. */
  readonly #number: number;
  #firing: Firing;

  constructor(identity: Identity, options: SourceOptions, clock: Clock, seed: number, number: number) {
    this.name = identity.name;
    this.size = identity.size;
    this.index = identity.index;
    this.#seed = seed;
    this.#clock = clock;
    this.#number = number;
    this.#firing = this.#read(options);
  }

  slice(from: number, to: number = this.size): Population {
    return new Subgroup(this, from, to);
  }

  /** A source has no parameters or states. */
  variables(): Variables {
    return new Map();
  }

  /** Lets the neurons fire otherwise from the next step on. */
  fire(options: SourceOptions): void {
    this.#firing = this.#read(options);
  }

  #read(options: SourceOptions): Firing {
    const where = `source "${this.name}"`;
    if ("poisson" in options) {
      const { poisson, functions } = options;
      return isTimed(poisson, functions) ? this.#timed(poisson, functions ?? {}, where) : this.#random(poisson, where);
    }
    return this.#distinct(listedSpikes(options.spikes, this.size, this.#clock, where), where);
  }

  #timed(rate: string, functions: Functions, where: string): Firing {
    const place = { clock: this.#clock, from: 0, size: this.size, population: this.size };
    const prefix = `drive__${this.#number}`;
    const timed = readTimed(rate, functions, dimensionOf("Hz", where), { ...place, where: `${where}: rate`, prefix });
    return { timed, rate, noise: noiseOf(this.#number, this.#seed, "plain") };
  }

  #random(rate: ValueOrDistribution | TimedArray, where: string): Firing {
    const { size } = this;
    const table = isTimedArray(rate)
      ? timedRows(rate, { dimension: dimensionOf("Hz", where), size }, this.#clock, `${where}: rate`)
      : undefined;
    const key = rowKey(SIMULATION_STREAM.inputs, this.#seed, this.#number);
    const reading = { where: `${where}: rate`, unit: "Hz", size, variables: neuronNames(size), key };
    const values = table?.values ?? readNeuronValues(rate as ValueOrDistribution, reading);
    const probability = (value: number): number => {
      const found = value * this.#clock.dt;
      if (found >= 0 && found <= 1) return found;
      const shown = typeof rate === "object" ? `${1000 * value} Hz` : rate;
      throw new SpikevineError(
        `${where}: a rate of ${shown} is ${found} spikes per step; give a rate from 0 to ${1000 / this.#clock.dt} Hz.`,
      );
    };
    const found = Float64Array.from(typeof values === "number" ? [values] : values, probability);
    const isRare = found.some((one) => one > 0 && one < RARE) || (found.length === 1 && found[0] === 0);
    const noise = noiseOf(this.#number, this.#seed, isRare ? "plain" : undefined);
    const drawn = found.map((one) => probabilityOf(one, isRare));
    if (typeof values === "number") return { probability: drawn[0]!, noise };
    const { rows, stepsPerRow, width } = table ?? { rows: 1, stepsPerRow: 1, width: size };
    const drive = { symbol: `drive__${this.#number}`, rows, stepsPerRow, width, values: drawn };
    return { probability: drive, noise };
  }

  /** A neuron is in the list of a step at most once. */
  #distinct(listed: { steps: Uint32Array; neurons: Uint32Array }, where: string) {
    const { steps, neurons } = listed;
    const twice = steps.findIndex((step, k) => k > 0 && step === steps[k - 1] && neurons[k] === neurons[k - 1]);
    if (twice < 0) return listed;
    throw new SpikevineError(
      `${where}: neuron ${neurons[twice]} spikes twice in the step at ${steps[twice]! * this.#clock.dt} ms; give its spikes in different steps.`,
    );
  }

  model(): PopulationModel {
    const { name, size, logged, active } = this;
    const common = { name, size, states: [], next: {}, drives: [], logged, active, equations: "a source of spikes" };
    if (!("noise" in this.#firing)) return { ...common, noise: [], given: this.#firing };
    if ("timed" in this.#firing) {
      const { timed, rate, noise } = this.#firing;
      const { dt } = this.#clock;
      const spike = operation("less", symbol(noise.symbol), multiply(timed.value, constant(dt)));
      const indices = Float64Array.from({ length: size }, (_, i) => i);
      const index: DriveModel = { symbol: INDEX.name, rows: 1, stepsPerRow: 1, width: size, values: indices };
      return {
        ...common,
        // The state is 0, and infinite from the first step on in which the expression is no rate.
        states: [RATE],
        next: { [RATE]: select(operation("lessEqual", ZERO, timed.value), symbol(RATE), constant(Infinity)) },
        rate,
        spike,
        noise: [noise],
        drives: [...timed.drives, ...(timed.usesIndex ? [index] : [])],
        ...(timed.usesTime ? { time: { symbol: T.name, dt } } : {}),
      };
    }
    const { probability, noise } = this.#firing;
    const limit = typeof probability === "number" ? constant(probability) : symbol(probability.symbol);
    const spike = operation("less", symbol(noise.symbol), limit);
    return { ...common, spike, noise: [noise], drives: typeof probability === "number" ? [] : [probability] };
  }
}
