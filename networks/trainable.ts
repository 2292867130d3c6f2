import { choice, named, type RequiredKind } from "../src/arguments/index.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
import { nearestName } from "../src/nearest-name.js";

/**
 * Trainability of a neuron's parameter: one value per layer, one per channel of an image (per unit of a dense layer), one per
 * unit, or fixed.
 */
export type Trainability = "layer" | "channel" | "unit" | "fixed";

const TRAINING: readonly Trainability[] = ["layer", "channel", "unit", "fixed"];

/** Trainability by parameter, as an argument. */
export const TRAINABLE: RequiredKind = named(choice(TRAINING));

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
 * Trainability of every parameter of a neuron.
 * @param where start of messages: the function that makes the layer
 * @param perUnit trainability of parameters that a definition trains per unit
 * @throws SpikevineError for an unknown parameter, or one with the name of an array of the layer.
 */
export function trainability(
  where: string,
  neuron: NeuronDefinition,
  given: Readonly<Record<string, Trainability>>,
  perUnit: "unit" | "channel",
): Record<string, Trainability> {
  const train: Record<string, Trainability> = {};
  for (const [name, parameter] of Object.entries(neuron.parameters)) {
    train[name] = parameter.train === "unit" ? perUnit : (parameter.train ?? "fixed");
  }
  for (const [name, how] of Object.entries(given)) {
    if (!Object.hasOwn(neuron.parameters, name)) {
      const near = nearestName(name, Object.keys(neuron.parameters));
      throw new SpikevineError(
        `${where}: ${neuron.name} has no parameter "${name}" to train${near ? `; did you mean "${near}"?` : "."}`,
      );
    }
    train[name] = how;
  }
  const taken = Object.keys(train).find((name) => train[name] !== "fixed" && OWN_ARRAYS.includes(name));
  if (taken !== undefined) {
    throw new SpikevineError(
      `${where}: the parameter "${taken}" of ${neuron.name} cannot be trained, since a layer has an array of that name; rename it.`,
    );
  }
  return train;
}
