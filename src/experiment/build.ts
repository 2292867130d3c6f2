import { type EncoderDefinition, encoders } from "../../encoders/index.js";
import {
  type DenseLayer,
  type DenseOptions,
  dense,
  glorotUniform,
  heUniform,
  lastOutput,
  lastState,
  type Network,
  network,
  type Readout,
  spikeCount,
  spikeRate,
} from "../../networks/index.js";
import { type NeuronDefinition, neurons, surrogates } from "../../neurons/index.js";
import { type Augmentation, elasticTransform, randomAffine } from "../data/augmentation/index.js";
import { constantSchedule, cosineDecay, type Schedule, stepDecay } from "../training/index.js";
import { type Experiment, MAX_RATE } from "./schema.js";

/**
 * Builds the network of an experiment with its initial weights, for samples of `inputs` values in `outputs` classes.
 * @throws SpikevineError if a value does not fit the neuron, the encoder or the layers.
 */
export function buildNetwork(experiment: Experiment, inputs: number, outputs: number): Network {
  const { network: wanted } = experiment;
  const neuron = buildNeuron(experiment);
  const { outputNeuron, bias, recurrent, dropout } = wanted;
  const distribution = { firing: undefined, glorot: glorotUniform, he: heUniform }[wanted.initializer];
  const initializer = distribution === undefined ? {} : { initializer: distribution };
  const trained: DenseOptions =
    wanted.trainableThreshold === null ? {} : { trainable: { threshold: wanted.trainableThreshold } };
  const hidden = (units: number): DenseLayer =>
    dense(units, neuron, { ...trained, bias, ...initializer, recurrent, dropout });
  const last = outputNeuron === null ? neuron : neurons[outputNeuron]!();
  const output = dense(outputs, last, { ...(outputNeuron === null ? trained : {}), bias, ...initializer });
  return network({
    inputs,
    encoder: buildEncoder(experiment),
    steps: wanted.steps,
    dt: `${wanted.dt} ms`,
    layers: [...wanted.hidden.map(hidden), output],
    readout: buildReadout(experiment, last),
    seed: experiment.seed,
  });
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
function buildEncoder({ encoder: { name, maxRate, ...others } }: Experiment): EncoderDefinition {
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

function buildReadout({ network: wanted }: Experiment, neuron: NeuronDefinition): Readout {
  switch (wanted.readout) {
    case "rate":
      return spikeRate();
    case "count":
      return spikeCount();
    case "last-output":
      return lastOutput();
    case "last-state":
      return lastState(Object.keys(neuron.states)[0] ?? "");
  }
}
