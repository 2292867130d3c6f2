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
  show,
  text,
  variants,
} from "../../arguments/index.js";
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
      throw new SpikevineError(`${where}: spike ${k} names neuron ${show(neuron)}; the neurons are 0 to ${size - 1}.`);
    }
    if (typeof time !== "number" && typeof time !== "string") {
      throw new SpikevineError(`${where}: time of spike ${k} is ${show(time)}; give a time, e.g. "20 ms".`);
    }
    return { step: clock.step(time, `${where}: time of spike ${k}`), neuron };
  });
  events.sort((a, b) => a.step - b.step || a.neuron - b.neuron);
  return {
    steps: Uint32Array.from(events, ({ step }) => step),
    neurons: Uint32Array.from(events, ({ neuron }) => neuron),
  };
}
