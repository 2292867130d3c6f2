import {
  adam,
  arctan,
  batchNorm,
  constantCurrent,
  convolution,
  cosineDecay,
  dense,
  glorotUniform,
  integrator,
  type Layer,
  leaky,
  maxPool,
  meanSquaredError,
  momentum,
  type Network,
  network,
  neuronLayer,
  rate,
  shortForm,
  spikeCount,
  spikeRate,
  ssnu,
  type TrainingOptions,
} from "spikevine";

/** A convolutional network for images of 28 x 28 pixels, and its training. */
export interface Protocol {
  readonly build: (seed: number) => Network;
  readonly training: Pick<TrainingOptions, "batchSize" | "loss" | "optimizer" | "schedule">;
  /** Steps of a second test. */
  readonly longTest?: number;
}

const images = { inputs: [1, 28, 28] as const, encoder: constantCurrent() };
const leakyHalf = leaky({ beta: 0.5 });
const leakySlow = leaky({ beta: 0.8 });

/** 12C5-MP2-64C5-MP2-10, the network of snnTorch's tutorial 6, with fewer steps and a smaller learning rate. */
export const tutorial: Protocol = {
  build: (seed) =>
    network({
      ...images,
      steps: 25,
      seed,
      layers: [
        convolution(12, 5, { bias: true }),
        maxPool(2),
        neuronLayer(leakyHalf),
        convolution(64, 5, { bias: true }),
        maxPool(2),
        neuronLayer(leakyHalf),
        dense(10, leakyHalf, { bias: true }),
      ],
    }),
  training: {
    batchSize: 32,
    loss: "cross-entropy",
    optimizer: adam({ learningRate: 0.005 }),
    schedule: cosineDecay(),
  },
};

/** 15C5-P2-40C5-P2-300-10 of Zhang and Li (NeurIPS 2020) and Yang et al. (ICML 2021). */
export const averages: Protocol = {
  build: (seed) =>
    network({
      ...images,
      steps: 5,
      seed,
      layers: [...shortForm("15C5-AP2-40C5-AP2-300", leakySlow), dense(10, leakySlow)],
    }),
  training: { batchSize: 64, optimizer: adam({ learningRate: 0.002 }), schedule: cosineDecay() },
};

/** A convolutional network of soft SNUs on rate-coded pixels. The authors of the SNU do not describe theirs: the layers are ours. */
export const softUnits: Protocol = {
  build(seed) {
    const neuron = ssnu({ decay: 0.8, activation: "identity" });
    const map = (channels: number): Layer => convolution(channels, 5, neuron, { initializer: glorotUniform });
    return network({
      inputs: [1, 28, 28],
      encoder: rate(),
      steps: 30,
      readout: spikeCount(),
      seed,
      layers: [map(12), maxPool(2), map(32), maxPool(2), dense(10, neuron, { initializer: glorotUniform })],
    });
  },
  training: {
    batchSize: 32,
    loss: "cross-entropy",
    optimizer: adam({ learningRate: 0.002 }),
    schedule: cosineDecay(),
  },
  longTest: 300,
};

/**
 * SpikingJelly's CSNN for Fashion-MNIST (Fang et al. 2021): 4 steps, mean squared error of the rates.
 * @param channels of both convolutions; 128 in their example
 */
export const csnn = (channels: number): Protocol => {
  const fires = integrator({ surrogate: arctan() });
  const map = (): Layer[] => [convolution(channels, 3, { padding: 1 }), batchNorm(), neuronLayer(fires), maxPool(2)];
  return {
    build: (seed) =>
      network({
        ...images,
        steps: 4,
        readout: spikeRate(),
        seed,
        layers: [...map(), ...map(), dense(16 * channels, fires), dense(10, fires)],
      }),
    training: {
      batchSize: 128,
      loss: meanSquaredError(),
      optimizer: momentum({ learningRate: 0.1 }),
      schedule: cosineDecay(),
    },
  };
};
