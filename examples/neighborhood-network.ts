import {
  arctan,
  convolution,
  defineEncoder,
  defineLoss,
  defineNeuron,
  dense,
  everyOutput,
  heUniform,
  type Layer,
  lossTerm,
  type Network,
  neighborhoodAggregation,
  network,
  neuronLayer,
  type OptimizerDefinition,
  scale,
  spikeRate,
  stepDecay,
  sumPool,
  type TrainingOptions,
} from "spikevine";

/**
 * The networks and the training of Yang, Zhang and Li (ICML 2021): 5 steps, a synaptic filter of 2 steps, a membrane of 5,
 * sums of pooled spikes times 1.1, and half the squared distance between the filtered output and the filtered train of ones
 * of the class. Dense weights are uniform here, with the deviation of the authors' normal ones.
 */

const STEPS = 5;
const TAU_M = 5;
const TAU_S = 2;
const about = { source: "Y. Yang, W. Zhang and P. Li, ICML 2021" };

const normalizedPixels = defineEncoder({
  ...about,
  name: "normalized-pixels",
  summary: "Pixels with the mean 0 and the deviation 1 of a data set, as currents.",
  parameters: {
    mean: { value: 0.1307, summary: "mean of the pixels of the data set" },
    deviation: { value: 0.3081, min: 0, exclusiveMin: true, summary: "standard deviation of its pixels" },
  },
  current: "(x - mean) / deviation",
});

const decays = {
  keepM: { value: 1 - 1 / TAU_M, summary: "decay of the potential per step" },
  keepS: { value: 1 - 1 / TAU_S, summary: "decay of the synaptic current per step" },
};

const filteredLif = defineNeuron({
  ...about,
  name: "filtered-lif",
  summary: "Integrate-and-fire neuron with a synaptic filter and a reset to 0.",
  states: { i: { summary: "synaptic current" }, v: { summary: "potential" } },
  parameters: decays,
  update: { i: `keepS * i + I / ${TAU_S}`, v: `keepM * v + keepS * i + I / ${TAU_S}` },
  spike: "v - 1",
  reset: { v: "v * (1 - y)" },
  surrogate: arctan(),
});

const trace = defineNeuron({
  ...about,
  name: "trace",
  summary: "Synaptic filter of the outputs.",
  states: { a: { summary: "filtered spikes" } },
  parameters: { keepS: decays.keepS },
  update: { a: `keepS * a + I / ${TAU_S}` },
  output: "a",
});

const spikeTrainDistance = lossTerm(
  defineLoss({
    ...about,
    name: "spike-train-distance",
    summary: "Half the squared distance from the filtered train of ones, or from silence.",
    parameters: { keep: { value: 1 - 1 / TAU_S, summary: "decay of the filter per step" } },
    loss: "(y - target * (1 - keep^(t + 1)))^2 / 2",
  }),
  { of: everyOutput() },
);

/** The default of PyTorch for convolutions. */
const narrow = (fanIn: number): number => 1 / Math.sqrt(fanIn);

const wide = (fanIn: number): number => 5 * narrow(fanIn);

const pool = (): Layer[] => [sumPool(2), scale(1.1)];
const units = (count: number, dropout = 0): Layer =>
  dense(count, filteredLif, { bias: false, initializer: heUniform, dropout });
const shared = { steps: STEPS, readout: spikeRate() };

/** 15C5-P2-40C5-P2-300-10 for MNIST. */
export const mnistNetwork = (seed: number): Network =>
  network({
    ...shared,
    inputs: [1, 28, 28],
    encoder: normalizedPixels,
    seed,
    layers: [
      convolution(15, 5, filteredLif, { initializer: narrow }),
      ...pool(),
      convolution(40, 5, filteredLif, { initializer: narrow }),
      ...pool(),
      units(300),
      units(10),
      neuronLayer(trace),
    ],
  });

/**
 * 96C3-256C3-P2-384C3-P2-384C3-256C3-1024-1024-10 for CIFAR-10, with zeros around the images of every layer. Dropout is of single
 * units; the authors drop rows of a channel. Pixels are normalized by the mean of all channels.
 * @param width share of the channels and units of every hidden layer, 1 for the authors' network
 */
export const cifarNetwork = (seed: number, width: number): Network => {
  const dropout = 0.2;
  const size = (count: number): number => Math.max(1, Math.round(count * width));
  const map = (channels: number): Layer =>
    convolution(size(channels), 3, filteredLif, { padding: 1, initializer: wide, dropout });
  return network({
    ...shared,
    inputs: [3, 32, 32],
    encoder: normalizedPixels.with({ mean: 0.4734, deviation: 0.2008 }),
    seed,
    layers: [
      map(96),
      map(256),
      ...pool(),
      map(384),
      ...pool(),
      map(384),
      map(256),
      units(size(1024), dropout),
      units(size(1024), dropout),
      units(10),
      neuronLayer(trace),
    ],
  });
};

/** Spikes by neighborhood aggregation as in the authors' code. */
export const authorsAggregation = neighborhoodAggregation({
  power: 3,
  largest: 5,
  smoothing: 1 - 1 / TAU_S,
  rescaled: true,
});

/** Training as in the authors' code; they use AdamW at 5e-4. */
export const authorsTraining = (optimizer: OptimizerDefinition) =>
  ({
    loss: spikeTrainDistance,
    reduction: "sum",
    optimizer,
    schedule: stepDecay({ every: 1, factor: 0.985 }),
    maxGradNorm: 1,
    weightLimit: 4,
  }) satisfies Partial<TrainingOptions>;
