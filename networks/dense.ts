import {
  callback,
  choice,
  fields,
  flag,
  list,
  made,
  named,
  number,
  optional,
  type RequiredKind,
  signature,
  whole,
} from "../src/arguments/index.js";
import { NEURON, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { nearestName, SpikevineError } from "../src/errors.js";
import type { Initializer } from "./initializer.js";

/** Trainability of a neuron's parameter: one value per layer, one per unit, or fixed. */
export type Trainability = "layer" | "unit" | "fixed";

/** A fully connected layer: current = x W (+ bias) (+ y[t-1] H). */
export interface DenseLayer {
  readonly kind: "dense";
  readonly units: number;
  readonly neuron: NeuronDefinition;
  readonly bias: boolean;
  readonly recurrent: boolean;
  /** Probability of dropping a unit's output in training; the others are scaled by 1 / (1 - dropout). */
  readonly dropout: number;
  /** Distribution of the initial weights; undefined: the network chooses one that makes the layer fire. */
  readonly initializer: Initializer | undefined;
  readonly trainable: Readonly<Record<string, Trainability>>;
}

export interface DenseOptions {
  /** A trained constant current into every unit. Default: false (a spiking unit has its threshold). */
  bias?: boolean;
  /** Trained weights from the layer's own outputs one step earlier. Default: false. */
  recurrent?: boolean;
  /** Probability of dropping, in [0, 1); for units with graded output. Default: 0. */
  dropout?: number;
  /**
   * Distribution of the initial weights. Default: one that makes the layer fire, derived from the neuron's equations when the
   * network is built (see docs/defaults.md); for neurons without memory, `glorotUniform`.
   */
  initializer?: Initializer;
  /** Trainability of the neuron's parameters; those not given keep the trainability in the neuron's definition. */
  trainable?: Record<string, Trainability>;
}

const TRAINING: readonly Trainability[] = ["layer", "unit", "fixed"];

const check = signature("dense", {
  units: whole(1),
  neuron: NEURON,
  options: fields<DenseOptions>(
    {
      bias: optional(flag),
      recurrent: optional(flag),
      dropout: optional(number({ least: 0, below: 1 }, "the probability of dropping, from 0 to below 1")),
      initializer: optional(callback("an initializer, e.g. glorotUniform")),
      trainable: optional(named(choice(TRAINING))),
    },
    { root: "options" },
  ),
});

/** Layers as an argument. */
export const LAYERS: RequiredKind = list(made("a layer, e.g. dense(10, snu())", "units", "neuron", "trainable"));

/** Reserved names: the arrays of a layer, which has its trained parameters under their own names. */
const OWN_ARRAYS: readonly string[] = [
  "weights",
  "recurrent",
  "bias",
  "feedback",
  "importance",
  "factor",
  "presynapticFactor",
];

/**
 * A dense layer of `units` neurons.
 * @throws SpikevineError if a size, a probability or a parameter's name is invalid.
 */
export function dense(units: number, neuron: NeuronDefinition, options: DenseOptions = {}): DenseLayer {
  check([units, neuron, options]);
  const dropout = options.dropout ?? 0;
  if (dropout > 0 && neuron.output === "spikes") {
    throw new SpikevineError(
      `dense: dropout is ${dropout}, but ${neuron.name} fires spikes; use dropout on layers with graded output (relu, tanh, ssnu).`,
    );
  }
  const train: Record<string, Trainability> = {};
  for (const [name, parameter] of Object.entries(neuron.parameters)) train[name] = parameter.train ?? "fixed";
  for (const [name, how] of Object.entries(options.trainable ?? {})) {
    if (!Object.hasOwn(neuron.parameters, name)) {
      const near = nearestName(name, Object.keys(neuron.parameters));
      throw new SpikevineError(
        `dense: ${neuron.name} has no parameter "${name}" to train${near ? `; did you mean "${near}"?` : ""}.`,
      );
    }
    train[name] = how;
  }
  const taken = Object.keys(train).find((name) => train[name] !== "fixed" && OWN_ARRAYS.includes(name));
  if (taken !== undefined) {
    throw new SpikevineError(
      `dense: the parameter "${taken}" of ${neuron.name} cannot be trained, since a layer has an array of that name; rename it.`,
    );
  }
  return {
    kind: "dense",
    units,
    neuron,
    bias: options.bias ?? false,
    recurrent: options.recurrent ?? false,
    dropout,
    initializer: options.initializer,
    trainable: train,
  };
}
