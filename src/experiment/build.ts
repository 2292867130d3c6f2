import { type EncoderDefinition, encoders } from "../../encoders/index.js";
import { asLayer } from "../../networks/as-layer.js";
import type { GraphNode } from "../../networks/graph.js";
import {
  type DenseOptions,
  dense,
  glorotUniform,
  heUniform,
  type Layer,
  lastOutput,
  lastState,
  type Network,
  type NetworkOptions,
  network,
  type Readout,
  shortForm,
  spikeCount,
  spikeRate,
} from "../../networks/index.js";
import { layersAsGraph } from "../../networks/layers.js";
import { type NeuronDefinition, neurons, surrogates } from "../../neurons/index.js";
import { type Augmentation, elasticTransform, randomAffine } from "../data/augmentation/index.js";
import { imageShape } from "../data/channels-last.js";
import type { Dataset } from "../data/dataset.js";
import { SpikevineError } from "../errors.js";
import { constantSchedule, cosineDecay, type Schedule, stepDecay } from "../training/index.js";
import { ownParts } from "./own-module.js";
import { type Experiment, MAX_RATE } from "./schema.js";

/**
 * Builds the network of an experiment with its initial weights, for samples of `inputs` values in `outputs` classes. The input
 * of a network with layers in short form is an image.
 * @param data Training samples. Initial weights are scaled for them if they are samples in time, which may be sparse.
 * @throws SpikevineError if a value does not fit the neuron, the encoder or the layers.
 */
export function buildNetwork(
  experiment: Experiment,
  inputs: NetworkOptions["inputs"],
  outputs: number,
  data?: Dataset,
): Network {
  const { steps, dt } = experiment.network;
  const { layers, last } = layersOf(experiment, outputs);
  return network({
    inputs,
    encoder: buildEncoder(experiment),
    steps,
    dt: `${dt} ms`,
    layers,
    readout: buildReadout(experiment, last, outputs),
    seed: experiment.seed,
    ...(data?.series === undefined ? {} : { data }),
  });
}

/**
 * The graph of that network, for which no memory is allocated.
 * @throws SpikevineError as `buildNetwork`.
 */
export function buildGraph(
  experiment: Experiment,
  inputs: NetworkOptions["inputs"],
  outputs: number,
): readonly GraphNode[] {
  const [channels, height, width] = typeof inputs === "number" ? [inputs, 1, 1] : inputs;
  const { layers } = layersOf(experiment, outputs);
  const names = layers.map((_, i) => `layer${i + 1}`);
  return layersAsGraph({ channels, height, width }, layers, names);
}

/** Layers of an experiment, and the neuron of its output layer. */
function layersOf(experiment: Experiment, outputs: number): { layers: Layer[]; last: NeuronDefinition } {
  const { network: wanted } = experiment;
  const own = ownParts(experiment);
  if (own.layers !== undefined) {
    const layers = (typeof own.layers === "function" ? own.layers(outputs) : own.layers).map(asLayer);
    const last = lastNeuron(layers);
    if (last === undefined)
      throw new SpikevineError("network: the layers of the module have no neurons; give one some.");
    return { layers, last };
  }
  const neuron = own.neuron ?? buildNeuron(experiment);
  const { outputNeuron, bias, recurrent, dropout } = wanted;
  const distribution = { firing: undefined, glorot: glorotUniform, he: heUniform }[wanted.initializer];
  const initializer = distribution === undefined ? {} : { initializer: distribution };
  const trained: DenseOptions =
    wanted.trainableThreshold === null ? {} : { trainable: { threshold: wanted.trainableThreshold } };
  const options = { ...trained, bias, ...initializer, recurrent, dropout };
  const hidden =
    wanted.layers === null
      ? wanted.hidden.map((units) => dense(units, neuron, options))
      : shortForm(wanted.layers, neuron, options);
  const last = own.outputNeuron ?? (outputNeuron === null ? neuron : neurons[outputNeuron]!());
  const output = dense(outputs * wanted.unitsPerClass, last, {
    ...(last === neuron ? trained : {}),
    bias,
    ...initializer,
  });
  return { layers: [...hidden, output], last };
}

/** The neuron of the last layer that has neurons. */
function lastNeuron(layers: readonly Layer[]): NeuronDefinition | undefined {
  for (const layer of [...layers].reverse()) {
    const found = "neuron" in layer ? layer.neuron : layer.kind === "residual" ? lastNeuron(layer.body) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The part of a data set that the inputs of a network depend on. */
export type SampleShape = Pick<Dataset, "name" | "pixels" | "shape">;

/** Inputs of the network of an experiment: the shape of an image if its layers need one, else the number of values. */
export function inputsOf(experiment: Experiment, data: SampleShape): NetworkOptions["inputs"] {
  const { network: wanted } = experiment;
  const hasOwnLayers = ownParts(experiment).layers !== undefined;
  if (wanted.layers === null && !(hasOwnLayers && data.shape !== undefined)) return data.pixels;
  if (data.shape === undefined) {
    throw new SpikevineError(
      `network: layers is "${wanted.layers}", but the samples of "${data.name}" have no shape; give data of images, or the units of dense layers as hidden (--hidden) in place of layers (--layers).`,
    );
  }
  const { channels, height, width } = imageShape(data.shape);
  return [channels, height, width];
}

/** Augmentation of training images; undefined if all of it is off. */
export function buildAugmentation({ augmentation }: Experiment): Augmentation[] {
  const { alpha, sigma, ...changes } = augmentation;
  return [
    ...(Object.values(changes).some((change) => change > 0) ? [randomAffine(changes)] : []),
    ...(alpha > 0 ? [elasticTransform({ alpha, sigma })] : []),
  ];
}

/** Learning-rate schedule. */
export function buildSchedule({ training }: Experiment): Schedule {
  switch (training.schedule) {
    case "constant":
      return constantSchedule();
    case "cosine":
      return cosineDecay();
    case "step":
      // Three reductions per run, for any number of epochs.
      return stepDecay({ every: training.epochs / 4, factor: 0.5 });
  }
}

/** Encoder of an experiment; parameters that are left out have the encoder's defaults. */
function buildEncoder(experiment: Experiment): EncoderDefinition {
  const own = ownParts(experiment).encoder;
  if (own !== undefined) return own;
  const { name, maxRate, ...others } = experiment.encoder;
  const encoder = encoders[name]!;
  // A value other than the default was given on purpose; an encoder without a maximal rate refuses it.
  const isMeant = maxRate !== MAX_RATE || Object.hasOwn(encoder().parameters, "maxRate");
  return encoder({ ...given(others), ...(isMeant ? { maxRate } : {}) });
}

/** Options of a neuron; those that are left out have the neuron's defaults. */
function buildNeuron({ network: wanted }: Experiment): NeuronDefinition {
  const { neuron, decay, tau, alpha, beta, threshold, activation, reset, detachReset, surrogate } = wanted;
  const options = {
    decay,
    tau,
    alpha,
    beta,
    threshold,
    activation,
    reset,
    detachReset,
    surrogate: surrogate === null ? null : surrogates[surrogate]!(),
  };
  return neurons[neuron]!(given(options));
}

/** Entries that are not null. */
function given<T>(values: Readonly<Record<string, T | null>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== null));
}

function buildReadout(
  { network: { readout, unitsPerClass } }: Experiment,
  neuron: NeuronDefinition,
  classes: number,
): Readout {
  const population = unitsPerClass === 1 ? {} : { classes };
  if (unitsPerClass > 1 && (readout === "last-output" || readout === "last-state")) {
    throw new SpikevineError(
      `network: unitsPerClass is ${unitsPerClass}, but the read-out ${readout} is not summed; give the read-out count or rate, or leave unitsPerClass out.`,
    );
  }
  switch (readout) {
    case "rate":
      return spikeRate(population);
    case "count":
      return spikeCount(population);
    case "last-output":
      return lastOutput();
    case "last-state":
      return lastState(Object.keys(neuron.states)[0] ?? "");
  }
}
