import {
  dense,
  encoders,
  grapes,
  type Network,
  network,
  neurons,
  type Optimizer,
  optimizers,
  SpikevineError,
  shortForm,
} from "spikevine";
import type { ImageDataset } from "spikevine/data";
import type { TrainSettings } from "../train/settings.js";

/** Trained arrays by name. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** Builds the network of a training with its initial weights. */
export function buildNetwork(settings: TrainSettings, data: ImageDataset): Network {
  const neuron = named("neuron", neurons, settings.neuron)();
  return network({
    inputs: inputsOf(data),
    encoder: named("encoder", encoders, settings.encoder)(),
    steps: settings.steps,
    layers: [...shortForm(settings.hidden, neuron), dense(data.classes, neuron)],
    seed: settings.seed,
  });
}

/** Builds a network and gives it trained arrays. */
export function withWeights(settings: TrainSettings, data: ImageDataset, weights: Weights): Network {
  const net = buildNetwork(settings, data);
  for (const [name, values] of Object.entries(weights)) net.parameters.get(name)?.data.set(values);
  return net;
}

/** The optimizer, preceded by GRAPES if it is on. */
export function buildOptimizer({ optimizer, learningRate, grapes: version }: TrainSettings): Optimizer {
  const definition = named("optimizer", optimizers, optimizer);
  const rule = learningRate > 0 ? definition.with({ learningRate }) : definition;
  return version === "off" ? rule : [grapes({ version }), rule];
}

function inputsOf({ shape, pixels }: ImageDataset): number | [number, number, number] {
  if (shape === undefined) return pixels;
  return shape.length === 2 ? [1, shape[0], shape[1]] : [shape[0], shape[1], shape[2]];
}

function named<T>(what: string, table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw new SpikevineError(`${what}: "${name}" is unknown; give one of ${Object.keys(table).join(", ")}.`);
}
