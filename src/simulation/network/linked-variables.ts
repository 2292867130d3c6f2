import { either, fields, named, numbers, optional, text } from "../../arguments/index.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { T } from "../../equations/definitions/neuron-scope.js";
import { isSharedVariable } from "../../equations/definitions/shared-variables.js";
import { constant, type Expression, evaluate, substitute, symbol } from "../../equations/language/expression.js";
import { describeDimension, sameDimension } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import { ownValue } from "../../own-value.js";
import { rowKey } from "../../random/counter.js";
import type { CopiedState, DriveModel } from "../model.js";
import { dimensionOf, everyNeuron, neuronNames, readNeuronValues } from "./neuron-values.js";
import { POPULATION, type Population } from "./population.js";

/** A state, a parameter or a subexpression of other neurons that a parameter reads. */
export interface LinkedVariable {
  readonly population: Population;
  /** Name of the state, the parameter or the subexpression. */
  readonly variable: string;
  /**
   * Neuron of `population` for each neuron, as a list or an expression of `i` such as "mod(i, 10)". Default: neuron i for
   * neuron i, or the only one of a population of one.
   */
  readonly neurons?: ArrayLike<number> | string;
}

/** Linked variables as an option. */
export const LINKED = named(
  fields<LinkedVariable>({
    population: POPULATION,
    variable: text("the name of a state or a parameter"),
    neurons: optional(either(numbers, text("an expression of i"))),
  }),
  'an object from parameters to states, e.g. { phase: { population: clock, variable: "x" } }',
);

/** A parameter that is a variable of other neurons. */
export interface Link {
  /** Present if the variable is a state. */
  readonly copied?: CopiedState;
  /** Present if the variable is a subexpression: its value, over the symbols of drives. */
  readonly derived?: () => LinkedFormula;
  /** The values as they are at the start of a trial, or as a parameter has them now. */
  readonly values: (trial: number) => Float64Array;
  /** Index of the population that has the variable, and the variable's name. */
  readonly population: number;
  readonly variable: string;
  /** The neuron of the whole population for each neuron. */
  readonly neurons: Uint32Array;
}

/** A subexpression in the neurons that read it. */
interface LinkedFormula {
  readonly value: Expression;
  readonly drives: readonly DriveModel[];
}

/** A subexpression of a population, over its states, its parameters and the time. */
export interface SourceFormula {
  readonly value: Expression;
  /** Indices of its states. */
  readonly states: Readonly<Record<string, number>>;
  /** Values of its parameters. */
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
}

/** The population that has the variable. */
interface Source {
  readonly index: number;
  /** Index of the state; undefined for a parameter and for a subexpression. */
  readonly state: number | undefined;
  /** Present for a subexpression. */
  readonly formula?: () => SourceFormula;
  readonly unit: string | undefined;
  /** Index of the first neuron of `population` in the whole population. */
  readonly from: number;
  /** Values of all its neurons at the start of a trial. */
  readonly values: (trial: number) => number | Float64Array;
}

/**
 * Reads a linked variable of a population of `size` neurons.
 * @throws SpikevineError for a parameter that does not exist, another unit, or a neuron that does not exist.
 */
export function linkVariable(
  parameter: string,
  { population, variable, neurons }: LinkedVariable,
  source: Source,
  to: { readonly name: string; readonly size: number; readonly neuron: NeuronDefinition },
): Link {
  const where = `population "${to.name}": linked ${parameter}`;
  const info = ownValue(to.neuron.parameters, parameter);
  if (info === undefined) {
    throw unknownName(`parameter of neurons/${to.neuron.name}`, parameter, Object.keys(to.neuron.parameters));
  }
  const dimension = dimensionOf(source.unit, where);
  if (!sameDimension(dimension, info.dimension)) {
    throw new SpikevineError(
      `${where} has ${describeDimension(info.dimension)}, and "${variable}" has ${describeDimension(dimension)}; link a variable of the same unit.`,
    );
  }
  const isOne = isSharedVariable(population.neuron ?? {}, variable);
  const found =
    isOne && neurons === undefined ? new Float64Array(to.size) : neuronsOf(neurons, population, to.size, where);
  if (info.shared === true && !isOne && found.some((neuron) => neuron !== found[0])) {
    throw new SpikevineError(
      `${where}: "${parameter}" is shared by all neurons, and this links it to different ones; link it to one neuron, or to a shared variable.`,
    );
  }
  const bad = found.findIndex((neuron) => !(Number.isInteger(neuron) && neuron >= 0 && neuron < population.size));
  if (bad >= 0) {
    throw new SpikevineError(
      `${where}: neurons[${bad}] is ${found[bad]}; the neurons of "${population.name}" are 0 to ${population.size - 1}.`,
    );
  }
  const placed = Uint32Array.from(found, (neuron) => neuron + source.from);
  const { index, state, formula } = source;
  return {
    ...(formula === undefined ? {} : { derived: () => readBy(parameter, formula(), index, placed) }),
    ...(state === undefined ? {} : { copied: { population: index, state, neurons: placed, when: "start" } }),
    values: (trial) => {
      const values = source.values(trial);
      return Float64Array.from(placed, (neuron) => (typeof values === "number" ? values : values[neuron]!));
    },
    population: index,
    variable,
    neurons: placed,
  };
}

/**
 * The present values of parameters that are linked to states and subexpressions.
 * @param part The neurons: their number, and the index of the first one in the whole population.
 * @param live The present values of a state of the population of an index.
 * @param time Of the model, ms.
 */
export function linkedNow(
  links: ReadonlyMap<string, Link>,
  { from, size }: { readonly from: number; readonly size: number },
  live: (population: number, state: number) => ArrayLike<number>,
  time: number,
): Map<string, Float64Array> {
  const found = new Map<string, Float64Array>();
  const copy = ({ population, state, neurons }: CopiedState): Float64Array => {
    const all = live(population, state);
    return Float64Array.from({ length: size }, (_, i) => all[neurons![from + i]!]!);
  };
  for (const [name, { copied, derived }] of links) {
    if (copied !== undefined) found.set(name, copy(copied));
    if (derived === undefined) continue;
    const { value, drives } = derived();
    const given = drives.map(({ symbol, copied: state, values }) => {
      return [symbol, state === undefined ? values.subarray(from, from + size) : copy(state)] as const;
    });
    const at = (neuron: number): Record<string, number> =>
      Object.fromEntries(given.map(([symbol, of]) => [symbol, of[neuron]!]));
    const one = (neuron: number): number => evaluate({ value }, { [T.name]: time, ...at(neuron) }).value!;
    found.set(
      name,
      Float64Array.from({ length: size }, (_, neuron) => one(neuron)),
    );
  }
  return found;
}

/** A subexpression of the neurons with these indices, one for each reader. */
function readBy(
  parameter: string,
  { value, states, parameters }: SourceFormula,
  population: number,
  neurons: Uint32Array,
): LinkedFormula {
  const named = (name: string): string => `link__${parameter}__${name}`;
  const meanings = new Map<Expression, Expression>();
  const row = { rows: 1, stepsPerRow: 1, width: neurons.length };
  const drives: DriveModel[] = [];
  for (const [name, state] of Object.entries(states)) {
    meanings.set(symbol(name), symbol(named(name)));
    const copied: CopiedState = { population, state, neurons, when: "start" };
    drives.push({ symbol: named(name), ...row, values: new Float64Array(neurons.length), copied });
  }
  for (const [name, values] of Object.entries(parameters)) {
    if (typeof values === "number") meanings.set(symbol(name), constant(values));
    else {
      meanings.set(symbol(name), symbol(named(name)));
      drives.push({ symbol: named(name), ...row, values: Float64Array.from(neurons, (neuron) => values[neuron]!) });
    }
  }
  return { value: substitute(value, meanings), drives };
}

function neuronsOf(
  neurons: LinkedVariable["neurons"],
  population: Population,
  size: number,
  where: string,
): Float64Array {
  if (neurons === undefined) {
    if (population.size === size) return Float64Array.from({ length: size }, (_, i) => i);
    if (population.size === 1) return new Float64Array(size);
    throw new SpikevineError(
      `${where}: "${population.name}" has ${population.size} neurons and this population ${size}; give neurons, the index of one for each.`,
    );
  }
  if (typeof neurons === "string") {
    const variables = neuronNames(size);
    const reading = { where: `${where}: neurons`, unit: undefined, size, variables, key: rowKey(0) };
    return everyNeuron(readNeuronValues(neurons, reading), size);
  }
  if (neurons.length === size) return Float64Array.from(neurons);
  throw new SpikevineError(`${where}: neurons has ${neurons.length} entries; give ${size}, one for each neuron.`);
}
