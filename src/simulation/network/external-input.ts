import {
  either,
  fields,
  flag,
  form,
  list,
  numbers,
  optional,
  quantity,
  type RequiredKind,
  text,
  variants,
} from "../../arguments/index.js";
import { parseQuantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import type { DriveModel } from "../model.js";
import { LIST, type QuantityLike, read, sameForAll, sampler, type ValueOrDistribution } from "../values.js";
import { pairOf } from "./connection-patterns.js";
import type { PopulationBuilder } from "./population.js";

/** External input of a population. */
export type ExternalInput =
  /** Held current, in the unit of the neuron's input: one for all neurons, or a list with one per neuron. */
  | { readonly current: QuantityLike | ArrayLike<QuantityLike> }
  /**
   * A current over time, in the internal unit of the neuron's input (pA, or plain numbers), each row held for `dt`; 0
   * after the last. `[rows]` for all neurons alike, or with `perNeuron` `[rows, size]`, row-major.
   */
  | { readonly array: ArrayLike<number>; readonly dt: QuantityLike; readonly perNeuron?: boolean }
  /** Independent Poisson events for every neuron, each adding `weight` to the state `target`. */
  | { readonly poisson: { readonly rate: QuantityLike; readonly weight: QuantityLike; readonly target: string } }
  /** Listed events, each adding `weight` to the state `target` of one neuron. */
  | {
      readonly spikes: readonly (readonly [time: QuantityLike, neuron: number])[];
      readonly weight: QuantityLike;
      readonly target: string;
    };

type Form<K extends string> = Extract<ExternalInput, { readonly [key in K]: unknown }>;

/** Listed spikes: time and neuron of each. */
export const SPIKES: RequiredKind = list(pairOf("[time, neuron]"));

const TARGET = text('the name of a state, e.g. "ge"');

/** Rows of numbers that are each held for some time, as an option. */
export const HELD = { array: numbers, dt: quantity };

/** An input as an argument. */
export const INPUT: RequiredKind = variants(
  {
    current: form<Form<"current">>({ current: either(quantity, LIST) }),
    array: form<Form<"array">>({ ...HELD, perNeuron: optional(flag) }),
    poisson: form<Form<"poisson">>({
      poisson: fields<Form<"poisson">["poisson"]>({ rate: quantity, weight: quantity, target: TARGET }),
    }),
    spikes: form<Form<"spikes">>({ spikes: SPIKES, weight: quantity, target: TARGET }),
  },
  "input",
);

/** Largest mean number of Poisson events per step; for more, the step should be shorter. */
const MOST_EVENTS = 20;

/** Adds a held current, or returns the table of a current that differs between neurons or changes over time. */
export function currentInput(
  population: PopulationBuilder,
  input: Extract<ExternalInput, { current: unknown } | { array: unknown }>,
  clock: Clock,
): number | DriveModel {
  const { unit } = population.neuron.input;
  const symbol = `drive__${population.drives.length}`;
  const where = `input of population "${population.name}"`;
  if ("current" in input) {
    const same = sameForAll(input.current as ValueOrDistribution, `${where}: current`, unit);
    if (same !== undefined) return same;
    const draw = sampler(input.current as ValueOrDistribution, `${where}: current`, unit, population.size);
    const values = Float64Array.from({ length: population.size }, (_, i) => draw({ k0: 0, k1: 0 }, i));
    return { symbol, rows: 1, stepsPerRow: 1, width: population.size, values };
  }
  const width = input.perNeuron === true ? population.size : 1;
  const { values, stepsPerRow } = heldRows(input, width, clock, where);
  return { symbol, rows: values.length / width, stepsPerRow, width, values };
}

/**
 * Rows of numbers that are each held for some time, as a table with one more row, of zeros, for the time after the
 * last.
 * @throws SpikevineError for a `dt` that is not a multiple of the simulation's, incomplete rows, or values that are not
 * finite.
 */
export function heldRows(
  { array, dt }: { readonly array: ArrayLike<number>; readonly dt: QuantityLike },
  width: number,
  clock: Clock,
  where: string,
): { readonly values: Float64Array; readonly stepsPerRow: number } {
  const length = read(dt, `${where}: dt`, "ms");
  const stepsPerRow = Math.round(length / clock.dt);
  if (!(stepsPerRow >= 1) || Math.abs(stepsPerRow * clock.dt - length) > 1e-6 * length) {
    throw new SpikevineError(`${where}: dt is ${dt}; give a whole multiple of the simulation's ${clock.dt} ms.`);
  }
  if (array.length === 0 || array.length % width !== 0) {
    throw new SpikevineError(`${where}: the array has ${array.length} values; give rows of ${width}.`);
  }
  const values = new Float64Array(array.length + width);
  values.set(array);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikevineError(`${where}: array[${bad}] is ${values[bad]}; give finite numbers.`);
  return { values, stepsPerRow };
}

/** Probabilities below this are drawn with more than 24 bits, which would round them by more than one part in 8,000. */
export const RARE = 2 ** -12;

/**
 * The Poisson distribution from one uniform draw u: either the numbers in [0, 1) from which on u means at least 1, 2, 3
 * ... events, rounded to the 24 bits of a draw; or, for rare events, the corresponding probabilities, which are
 * compared with 1 - u.
 */
export type PoissonEvents = { readonly thresholds: readonly number[] } | { readonly rare: readonly number[] };

export function poissonEvents(rate: QuantityLike, clock: Clock, where: string): PoissonEvents {
  const mean = parseQuantity(rate, `${where}: rate`, parseQuantity("1 Hz", where).dimension).value * clock.dt;
  if (!(mean >= 0 && mean <= MOST_EVENTS)) {
    throw new SpikevineError(
      `${where}: a rate of ${rate} is ${mean} events per step; give a rate from 0 to ${(1000 * MOST_EVENTS) / clock.dt} Hz.`,
    );
  }
  if (mean < RARE) {
    // 1 - exp(-m), 1 - exp(-m) (1 + m), ...: the first terms of their series are exact to the last bit or two here.
    const rare = [mean - mean ** 2 / 2 + mean ** 3 / 6, mean ** 2 / 2 - mean ** 3 / 3, mean ** 3 / 6];
    return { rare: rare.filter((probability) => probability > 2 ** -56).map(Math.fround) };
  }
  const thresholds: number[] = [];
  let probability = Math.exp(-mean);
  let sum = probability;
  for (let k = 1; sum < 1 - 2 ** -25; k++) {
    thresholds.push(Math.round(sum * 2 ** 24) / 2 ** 24);
    probability *= mean / k;
    sum += probability;
    if (probability < 2 ** -30 && k > mean) break;
  }
  return { thresholds: thresholds.filter((threshold) => threshold < 1) };
}

/**
 * Listed times and neurons as sorted steps and neurons.
 * @throws SpikevineError for a time before 0 or a neuron that does not exist.
 */
export function listedSpikes(
  spikes: readonly (readonly [time: QuantityLike, neuron: number])[],
  size: number,
  clock: Clock,
  where: string,
): { readonly steps: Uint32Array; readonly neurons: Uint32Array } {
  const events = spikes.map(([time, neuron], k) => {
    if (!(Number.isInteger(neuron) && neuron >= 0 && neuron < size)) {
      throw new SpikevineError(`${where}: spike ${k} names neuron ${neuron}; the neurons are 0 to ${size - 1}.`);
    }
    return { step: clock.step(time, `${where}: time of spike ${k}`), neuron };
  });
  events.sort((a, b) => a.step - b.step || a.neuron - b.neuron);
  return {
    steps: Uint32Array.from(events, ({ step }) => step),
    neurons: Uint32Array.from(events, ({ neuron }) => neuron),
  };
}
