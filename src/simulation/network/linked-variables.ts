import { either, fields, named, numbers, optional, text } from "../../arguments/index.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { isSharedVariable } from "../../equations/definitions/shared-variables.js";
import { describeDimension, sameDimension } from "../../equations/language/units.js";
import { SpikevineError, unknownName } from "../../errors.js";
import { ownValue } from "../../own-value.js";
import { rowKey } from "../../random/counter.js";
import type { CopiedState } from "../model.js";
import { dimensionOf, everyNeuron, neuronNames, readNeuronValues } from "./neuron-values.js";
import { POPULATION, type Population } from "./population.js";

/** A state or a parameter of other neurons that a parameter reads. */
export interface LinkedVariable {
  readonly population: Population;
  /** Name of the state or the parameter. */
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
  /** The values as they are at the start of a trial, or as a parameter has them now. */
  readonly values: (trial: number) => Float64Array;
  /** Index of the population that has the variable, and the variable's name. */
  readonly population: number;
  readonly variable: string;
  /** The neuron of the whole population for each neuron. */
  readonly neurons: Uint32Array;
}

/** The population that has the variable. */
interface Source {
  readonly index: number;
  /** Index of the state; undefined for a parameter. */
  readonly state: number | undefined;
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
  const { index, state } = source;
  return {
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
