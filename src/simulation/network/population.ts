import { made, signature, whole } from "../../arguments/index.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { SpikevineError } from "../../errors.js";

/** Neurons of one kind, or a source of spikes. Made by a simulation. */
export interface Population {
  readonly name: string;
  readonly size: number;
  /** Absent for a source of spikes. */
  readonly neuron?: NeuronDefinition | undefined;
  /**
   * Name of the scheme of every state with a differential equation: with `automatic`, the one that it chose. Absent for a source
   * of spikes.
   */
  readonly schemes?: Readonly<Record<string, string>> | undefined;
  /**
   * Neurons `from` .. `to` - 1, to be used wherever a population is. Their indices start at 0. Default of `to`: the
   * size.
   * @throws SpikevineError for a range that is empty or not within the population.
   */
  slice(from: number, to?: number): Population;
}

/** A population as an argument. */
export const POPULATION = made("a population of this simulation", "name", "size");

/** Number of neurons, limited by their indices in WebAssembly. */
export const SIZE = whole(1, 2 ** 24);

const checkSlice = signature("slice of a population", { from: whole(0), to: whole(0) });

/** Some neurons of a population that follow each other. */
export class Subgroup implements Population {
  readonly name: string;
  readonly size: number;
  readonly of: Population;
  /** Index of the first neuron in the population. */
  readonly from: number;

  constructor(of: Population, from: number, to: number) {
    checkSlice([from, to]);
    if (from >= to || to > of.size) {
      throw new SpikevineError(
        `population "${of.name}": slice(${from}, ${to}) is empty or goes beyond its ${of.size} neurons; give 0 <= from < to <= ${of.size}.`,
      );
    }
    this.name = `${of.name}[${from}:${to}]`;
    this.size = to - from;
    this.of = of;
    this.from = from;
  }

  get neuron(): NeuronDefinition | undefined {
    return this.of.neuron;
  }

  get schemes(): Readonly<Record<string, string>> | undefined {
    return this.of.schemes;
  }

  slice(from: number, to: number = this.size): Population {
    const { size } = new Subgroup(this, from, to);
    return new Subgroup(this.of, this.from + from, this.from + from + size);
  }
}

/** The whole population that neurons belong to, and the index of the first of them in it. */
export const wholeOf = (population: Population): { readonly whole: Population; readonly from: number } =>
  population instanceof Subgroup ? { whole: population.of, from: population.from } : { whole: population, from: 0 };
