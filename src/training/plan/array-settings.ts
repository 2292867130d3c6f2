import type { Network } from "../../../networks/network.js";
import { type Optimizer, optimizerChain } from "../../../plasticity/optimizer.js";
import { list, named, number, type RequiredKind, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { nearestName } from "../../nearest-name.js";
import { trainedArrays } from "./parameters.js";

/**
 * Settings of single layers and arrays, in place of those of the whole training (the parameter groups of PyTorch). A name
 * is that of an array (`layer1.bias`), of a layer (`layer1`, all of its arrays) or of a kind of array (`bias`, in every
 * layer). If several fit an array, its own name counts before its layer's, and the layer's before that of its kind.
 */
export interface ArraySettings {
  /**
   * Layers and arrays that training does not change. No gradient is computed for them, and the backward pass stops where
   * only frozen layers are left. A frozen normalization keeps its running statistics; in training, batches are normalized by
   * their own. `["layer1", "layer2.threshold"]`
   */
  frozen?: readonly string[];
  /** Learning rates, at least 0; the schedule multiplies them like the optimizer's. `{ layer1: 0.01, threshold: 0.1 }` */
  learningRates?: Readonly<Record<string, number>>;
  /**
   * Weight decays, at least 0, of an optimizer that decays weights: `adamW`, or a chain with `weightDecay`. The name of a
   * layer stands for its weights and recurrent weights; other arrays decay only if they or their kind are named.
   * `{ layer2: 0, bias: 1e-4 }`
   */
  weightDecays?: Readonly<Record<string, number>>;
}

const NAMES = "names of layers, arrays or kinds of arrays";

/** The kinds of these settings, for the arguments of `train`. */
export const ARRAY_SETTINGS = {
  frozen: list(text("the name of a layer or an array"), 0),
  learningRates: named(number({ least: 0 }, "a learning rate of at least 0")),
  weightDecays: named(number({ least: 0 }, "a weight decay of at least 0")),
} satisfies Record<keyof ArraySettings, RequiredKind>;

/** The settings of one array. */
export interface ArrayChoice {
  readonly frozen: boolean;
  /** Undefined: the optimizer's. */
  readonly learningRate: number | undefined;
  /** Undefined: the optimizer's, for weights and recurrent weights. */
  readonly weightDecay: number | undefined;
}

/** True for arrays of synapses, which weight decay and hardware constraints concern. */
export const isMatrix = (name: string): boolean => ["weights", "recurrent", "feedback"].includes(name.split(".")[1]!);

/**
 * Reads the settings of every array of a network.
 * @throws SpikevineError for a name that is no array's, and if nothing is left to train.
 */
export function arrayChoices(network: Network, settings: ArraySettings): (array: string) => ArrayChoice {
  const arrays = trainedArrays(network);
  const known = [...new Set(arrays.flatMap((name) => [name, ...name.split(".")]))];
  for (const [option, names] of Object.entries({
    frozen: settings.frozen ?? [],
    learningRates: Object.keys(settings.learningRates ?? {}),
    weightDecays: Object.keys(settings.weightDecays ?? {}),
  })) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const near = nearestName(unknown, known);
    throw new SpikevineError(
      `train: ${option} names "${unknown}", which the network does not train; ${near ? `did you mean "${near}"?` : `give ${NAMES}: ${known.join(", ")}.`}`,
    );
  }
  const frozen = new Set(settings.frozen);
  const choices = new Map<string, ArrayChoice>(
    arrays.map((array) => {
      const [layer, kind] = array.split(".") as [string, string];
      const of = (values: Readonly<Record<string, number>> = {}, byLayer = true): number | undefined =>
        [array, ...(byLayer ? [layer] : []), kind].flatMap((name) =>
          Object.hasOwn(values, name) ? [values[name]!] : [],
        )[0];
      return [
        array,
        {
          frozen: [array, layer, kind].some((name) => frozen.has(name)),
          learningRate: of(settings.learningRates),
          weightDecay: of(settings.weightDecays, isMatrix(array)),
        },
      ];
    }),
  );
  if (choices.size === 0) {
    throw new SpikevineError(
      "train: the network has no weights and no trained parameters; add a layer such as dense(10).",
    );
  }
  if ([...choices.values()].every((choice) => choice.frozen)) {
    throw new SpikevineError("train: frozen names every trained array, so nothing is left to train; leave one out.");
  }
  return (array) => choices.get(array)!;
}

/**
 * Checks that an optimizer has what the settings of its arrays change.
 * @throws SpikevineError naming the setting.
 */
export function checkArraySettings({
  optimizer,
  learningRates,
  weightDecays,
}: ArraySettings & { optimizer: Optimizer }): void {
  const { optimizer: base, transforms } = optimizerChain(optimizer);
  if (learningRates !== undefined && !Object.hasOwn(base.parameters, "learningRate")) {
    throw new SpikevineError(
      `train: learningRates is given, but ${base.name} has no parameter "learningRate"; leave learningRates out.`,
    );
  }
  const decays = [base.parameters, ...transforms.map(({ extras }) => extras)];
  if (weightDecays !== undefined && !decays.some((values) => Object.hasOwn(values, "weightDecay"))) {
    throw new SpikevineError(
      `train: weightDecays is given, but no weight decays with ${base.name}; use adamW(), or a chain with a decay of the others, e.g. [weightDecay(0), ${base.name}].`,
    );
  }
}
