import { isTimedArray, type TimedArray } from "../../equations/definitions/timed-array.js";
import { constant, type Expression, operation, select, symbol, ZERO } from "../../equations/language/expression.js";
import { add, multiply } from "../../equations/language/formal.js";
import { rowKey } from "../../random/counter.js";
import type { Clock } from "../clock.js";
import { read } from "../distributions.js";
import type { DriveModel, EventModel, NoiseModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import { type ExternalInput, listedSpikes } from "./external-input.js";
import { heldRows, timedRows } from "./held-rows.js";
import { dimensionOf, neuronNames, readNeuronValues } from "./neuron-values.js";
import { meanEvents, poissonEvents, poissonTail, RARE } from "./poisson-events.js";
import { type Functions, isTimed, readTimed } from "./timed-expression.js";

/** One external input as part of a population's model. */
export interface InputPart {
  readonly drives: readonly DriveModel[];
  readonly noise?: NoiseModel;
  /** Added to an input current. */
  readonly current?: { readonly input: string; readonly amount: Expression };
  /** Functions whose tables `current` looks up, kept for it. */
  readonly functions?: Functions;
  /** Added to a state at the beginning of the step. */
  readonly addition?: { readonly state: string; readonly amount: Expression };
  /** Listed events; the population and the state are those of the model. */
  readonly events?: Pick<EventModel, "weight" | "steps" | "neurons"> & { readonly state: string };
  /** The current of a neuron in the first step, for the check of the scheme's stability. */
  currentAt(neuron: number): number;
}

/** Identity and place of an input. */
export interface InputPlace {
  readonly clock: Clock;
  readonly seed: number;
  /** Number of the input among those of the simulation, for the names of its symbols. */
  readonly number: number;
  /** Number of its noise among those of the simulation; only random inputs ask for it. */
  readonly noise: () => number;
  readonly where: string;
  /** Size of the population, and the neurons that the input reaches. */
  readonly population: number;
  readonly from: number;
  readonly size: number;
  /** Name of an input current, and its unit; the first without a name. */
  readonly inputOf: (target: string | undefined) => { readonly input: string; readonly unit: string | undefined };
  readonly unitOf: (state: string) => string | undefined;
}

/** @throws SpikevineError naming the input and the field that does not fit. */
export function makeInputPart(input: ExternalInput, place: InputPlace): InputPart {
  if ("current" in input || "array" in input) return currentPart(input, place);
  const { clock, where, size, from } = place;
  const { target: state, weight } = "poisson" in input ? input.poisson : input;
  const amount = read(weight, `${where}: weight`, place.unitOf(state));
  if ("poisson" in input) return poissonPart(input.poisson.rate, state, amount, place);
  const { steps, neurons } = listedSpikes(input.spikes, size, clock, where);
  const placed = neurons.map((neuron) => neuron + from);
  return { drives: [], currentAt: () => 0, events: { state, weight: amount, steps, neurons: placed } };
}

function currentPart(
  input: Extract<ExternalInput, { current: unknown } | { array: unknown }>,
  place: InputPlace,
): InputPart {
  const { where, clock, size } = place;
  const { input: to, unit: inputUnit } = place.inputOf(input.target);
  const name = `drive__${place.number}`;
  if ("array" in input) {
    const width = input.perNeuron === true ? size : 1;
    const { values, stepsPerRow } = heldRows(input, width, clock, where);
    return drivenPart({ symbol: name, rows: values.length / width, stepsPerRow, width, values }, to, place);
  }
  if (isTimedArray(input.current)) {
    const wanted = { dimension: dimensionOf(inputUnit, where), size };
    return drivenPart({ symbol: name, ...timedRows(input.current, wanted, clock, `${where}: current`) }, to, place);
  }
  const { current, functions } = input;
  if (isTimed(current, functions)) return timedPart(current, functions ?? {}, { input: to, unit: inputUnit }, place);
  const values = valuesOf(current, inputUnit, "current", place);
  if (typeof values === "number" && size === place.population) {
    return { drives: [], current: { input: to, amount: constant(values) }, currentAt: () => values };
  }
  const one = typeof values === "number" ? Float64Array.of(values) : values;
  return drivenPart({ symbol: name, rows: 1, stepsPerRow: 1, width: one.length, values: one }, to, place);
}

/** A current as an expression of the time; 0 for neurons that it does not reach. */
function timedPart(
  text: string,
  functions: Functions,
  { input, unit }: { readonly input: string; readonly unit: string | undefined },
  place: InputPlace,
): InputPart {
  const { from, size, population } = place;
  const where = `${place.where}: current`;
  const prefix = `drive__${place.number}`;
  const { value, drives } = readTimed(text, functions, dimensionOf(unit, where), { ...place, where, prefix });
  const common = { functions, currentAt: () => 0 };
  if (size === population) return { ...common, drives, current: { input, amount: value } };
  const values = new Float64Array(population).fill(1, from, from + size);
  const mask: DriveModel = { symbol: `${prefix}__mask`, rows: 1, stepsPerRow: 1, width: population, values };
  const amount = select(symbol(mask.symbol), value, ZERO);
  return { ...common, drives: [...drives, mask], current: { input, amount } };
}

function drivenPart(drive: DriveModel, input: string, place: InputPlace): InputPart {
  const { from, size } = place;
  const { drives, factor } = spread(drive, place);
  const { values, width } = drives[0]!;
  const currentAt = (neuron: number): number =>
    neuron < from || neuron >= from + size ? 0 : values[width === 1 ? 0 : neuron]!;
  return { drives, current: { input, amount: factor(symbol(drive.symbol)) }, currentAt };
}

/** A drive of some neurons as drives of the whole population: 0 for the other neurons. */
function spread(drive: DriveModel, { from, size, population }: InputPlace) {
  if (size === population) return { drives: [drive], factor: (e: Expression): Expression => e };
  const { rows, width, values } = drive;
  if (width > 1) {
    const all = new Float64Array(rows * population);
    for (let row = 0; row < rows; row++)
      all.set(values.subarray(row * width, (row + 1) * width), row * population + from);
    return { drives: [{ ...drive, width: population, values: all }], factor: (e: Expression): Expression => e };
  }
  const mask: DriveModel = {
    symbol: `${drive.symbol}__mask`,
    rows: 1,
    stepsPerRow: 1,
    width: population,
    values: new Float64Array(population).fill(1, from, from + size),
  };
  return { drives: [drive, mask], factor: (e: Expression): Expression => multiply(symbol(mask.symbol), e) };
}

function valuesOf(
  values: ValueOrDistribution,
  unit: string | undefined,
  field: string,
  { where, size, seed, number }: InputPlace,
): number | Float64Array {
  const key = rowKey(SIMULATION_STREAM.inputs, seed, number);
  return readNeuronValues(values, { where: `${where}: ${field}`, unit, size, variables: neuronNames(size), key });
}

/** Noise of an input or a source; `fine` if some probabilities are below the resolution of 24 bits. */
export const noiseOf = (number: number, seed: number, fine?: NoiseModel["fine"]): NoiseModel => ({
  symbol: `noise__${number}`,
  counters: [SIMULATION_STREAM.noise, seed, number],
  ...(fine === undefined ? {} : { fine }),
});

function poissonPart(
  rate: ValueOrDistribution | TimedArray,
  state: string,
  weight: number,
  place: InputPlace,
): InputPart {
  const { clock, seed, where, size, number } = place;
  const table = isTimedArray(rate)
    ? timedRows(rate, { dimension: dimensionOf("Hz", where), size }, clock, `${where}: rate`)
    : undefined;
  const values = table?.values ?? valuesOf(rate as ValueOrDistribution, "Hz", "rate", place);
  const mean = (value: number): number => meanEvents(value, shownRate(rate, value), clock, where);
  const of = (noise: NoiseModel, count: Expression, drives: readonly DriveModel[]): InputPart => ({
    drives,
    noise,
    addition: { state, amount: multiply(constant(weight), count) },
    currentAt: () => 0,
  });
  if (typeof values === "number" && size === place.population) {
    const events = poissonEvents(mean(values));
    const noise = noiseOf(place.noise(), seed, "rare" in events ? "mirrored" : undefined);
    const drawn = symbol(noise.symbol);
    const conditions =
      "rare" in events
        ? events.rare.map((probability) => operation("less", drawn, constant(probability)))
        : events.thresholds.map((threshold) => operation("lessEqual", constant(threshold), drawn));
    return of(noise, conditions.reduce<Expression>(add, ZERO), []);
  }
  const means = Float64Array.from(typeof values === "number" ? [values] : values, mean);
  const most = means.reduce((a, b) => Math.max(a, b), 0);
  const isRare = means.some((value) => value > 0 && value < RARE);
  const noise = noiseOf(place.noise(), seed, isRare ? "plain" : undefined);
  const tails: { readonly drives: readonly DriveModel[]; readonly condition: Expression }[] = [];
  for (let k = 1; poissonTail(most, k) > (isRare ? 2 ** -56 : 2 ** -25); k++) {
    const drive = {
      symbol: `drive__${number}__${k}`,
      rows: table?.rows ?? 1,
      stepsPerRow: table?.stepsPerRow ?? 1,
      width: table?.width ?? means.length,
      values: means.map((value) => probabilityOf(poissonTail(value, k), isRare)),
    };
    const { drives, factor } = spread(drive, place);
    tails.push({ drives, condition: operation("less", symbol(noise.symbol), factor(symbol(drive.symbol))) });
  }
  const count = tails.reduce<Expression>((sum, { condition }) => add(sum, condition), ZERO);
  return of(
    noise,
    count,
    tails.flatMap(({ drives }) => drives),
  );
}

/** A probability that a draw is compared with, exact in single precision. */
export const probabilityOf = (probability: number, isRare: boolean): number =>
  isRare ? Math.fround(probability) : Math.round(probability * 2 ** 24) / 2 ** 24;

const shownRate = (rate: ValueOrDistribution | TimedArray, value: number): string =>
  typeof rate === "string" || typeof rate === "number" ? `${rate}` : `${1000 * value} Hz`;
