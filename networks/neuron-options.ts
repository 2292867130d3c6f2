import { arctan } from "../neurons/surrogates/index.js";
import { number, type OptionalKind, optional } from "../src/arguments/index.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
import { TRAINABLE, type Trainability, trainability } from "./trainable.js";

/** Options of the neurons of a layer. */
export interface NeuronOptions {
  /**
   * Probability of dropping a unit for a whole presentation in training, in [0, 1). The others count 1 / (1 - dropout) times:
   * graded outputs are multiplied by it, spikes by the weights that read them. Default: 0.
   */
  dropout?: number;
  /**
   * Trainability of the neuron's parameters; those not given keep the trainability in the neuron's definition, where "unit"
   * means one value per channel in an image.
   */
  trainable?: Record<string, Trainability>;
}

/** Kinds of these options. */
export const NEURON_OPTIONS: { readonly dropout: OptionalKind; readonly trainable: OptionalKind } = {
  dropout: optional(number({ least: 0, below: 1 }, "the probability of dropping, from 0 to below 1")),
  trainable: optional(TRAINABLE),
};

/** The neurons of a layer as data. */
export interface LayerNeurons {
  readonly neuron: NeuronDefinition;
  readonly dropout: number;
  readonly trainable: Readonly<Record<string, Trainability>>;
}

/**
 * Reads the options of a layer's neurons. A spiking neuron without a surrogate gets `arctan()`, whose derivative is 0 nowhere,
 * since the potentials of a neuron of one's own may be any number of mV from its threshold.
 * @throws SpikevineError if a probability or a parameter's name does not fit the neuron, or the neuron is only for
 * simulation.
 */
export function neuronsWith(
  where: string,
  neuron: NeuronDefinition,
  { dropout = 0, trainable = {} }: NeuronOptions,
  perUnit: "unit" | "channel",
): LayerNeurons {
  requireTrainable(where, neuron);
  const isComplete = neuron.output !== "spikes" || neuron.surrogate !== undefined;
  return {
    neuron: isComplete ? neuron : neuron.with({ surrogate: arctan() }),
    dropout,
    trainable: trainability(where, neuron, trainable, perUnit),
  };
}

/** Simulations accept equations that training cannot differentiate or that need a clock. */
function requireTrainable(where: string, { name, simulatedOnly }: NeuronDefinition): void {
  if (simulatedOnly === undefined) return;
  throw new SpikevineError(
    `${where}: neurons/${name} uses ${simulatedOnly}, which only simulations have; write its equations without it, or use the neuron in a simulation.`,
  );
}

/** Options that need a neuron, in a layer without one. */
export function refuseNeuronOptions(where: string, options: object, names: readonly string[]): void {
  const given = names.find((name) => (options as Readonly<Record<string, unknown>>)[name] !== undefined);
  if (given === undefined) return;
  throw new SpikevineError(
    `${where}: ${given} belongs to a neuron, but none is given; give one, e.g. lif(), or leave ${given} out.`,
  );
}

/**
 * Tells a layer's neuron from its options, since the neuron may be left out: an object without a kernel is the options.
 */
export function neuronAndOptions<O extends object>(
  second: unknown,
  third: O | undefined,
): readonly [neuron: NeuronDefinition | undefined, options: O] {
  const isOptions = third === undefined && typeof second === "object" && second !== null && !("kernel" in second);
  return isOptions
    ? [undefined, second as O]
    : [second as NeuronDefinition | undefined, third === undefined ? ({} as O) : third];
}
