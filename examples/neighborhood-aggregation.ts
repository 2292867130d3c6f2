// Neighborhood aggregation (Yang, Zhang and Li, ICML 2021) on MNIST with the network and the training of its authors:
// 15C5-P2-40C5-P2-300-10, 5 steps, a synaptic filter of 2 steps, a membrane of 5, sums of pooled spikes times 1.1, and half the
// squared distance between the filtered output and the filtered train of ones of the class. They report 99.69 % for the best of
// 200 epochs with augmentation; TSSL-BP, a sister method, 99.50 ± 0.02 % without.
//   --surrogate   arctan in place of neighborhood aggregation, everything else alike
//   --paper       the method of the paper in place of the authors' code
//   --augment     rotations of up to 15 degrees and shifts of up to 4 pixels, as the authors
// Dense weights are uniform here, with the deviation of the authors' normal ones.
import {
  adamW,
  arctan,
  convolution,
  defineEncoder,
  defineLoss,
  defineNeuron,
  dense,
  evaluate,
  everyOutput,
  heUniform,
  lossTerm,
  neighborhoodAggregation,
  network,
  neuronLayer,
  randomAffine,
  scale,
  spikeRate,
  stepDecay,
  sumPool,
  train,
} from "spikevine";
import { percent, settings } from "./settings.js";

const STEPS = 5;
const TAU_M = 5;
const TAU_S = 2;
const about = { source: "Y. Yang, W. Zhang and P. Li, ICML 2021" };

const normalizedPixels = defineEncoder({
  ...about,
  name: "normalized-pixels",
  summary: "Pixels with the mean 0 and the deviation 1 of MNIST, as currents.",
  current: "(x - 0.1307) / 0.3081",
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

const { data, epochs, seeds, device, flags } = await settings({
  epochs: 2,
  seeds: 1,
  train: 2000,
  test: 1000,
  full: { epochs: 200, seeds: 1 },
  flags: {
    surrogate: "surrogate gradients instead of neighborhood aggregation",
    paper: "neighborhood aggregation as in the paper instead of the authors' code",
    augment: "rotate and shift the images",
  },
});
const aggregation = flags.has("paper")
  ? neighborhoodAggregation()
  : neighborhoodAggregation({ power: 3, largest: 5, smoothing: 1 - 1 / TAU_S, rescaled: true });

/** The default of PyTorch for convolutions. */
const narrow = (fanIn: number): number => 1 / Math.sqrt(fanIn);

const accuracies: number[] = [];
for (const seed of seeds) {
  const net = network({
    inputs: [1, 28, 28],
    encoder: normalizedPixels,
    steps: STEPS,
    seed,
    readout: spikeRate(),
    layers: [
      convolution(15, 5, filteredLif, { initializer: narrow }),
      sumPool(2),
      scale(1.1),
      convolution(40, 5, filteredLif, { initializer: narrow }),
      sumPool(2),
      scale(1.1),
      dense(300, filteredLif, { bias: false, initializer: heUniform }),
      dense(10, filteredLif, { bias: false, initializer: heUniform }),
      neuronLayer(trace),
    ],
  });
  await train(net, {
    data: data.train,
    validation: data.test,
    epochs,
    batchSize: 64,
    loss: spikeTrainDistance,
    reduction: "sum",
    optimizer: adamW({ learningRate: 5e-4, weightDecay: 0.01 }),
    schedule: stepDecay({ every: 1, factor: 0.985 }),
    maxGradNorm: 1,
    weightLimit: 4,
    device,
    ...(flags.has("surrogate") ? {} : { spikeGradient: aggregation }),
    ...(flags.has("augment") ? { augment: [randomAffine({ rotation: 15, scale: 0, shear: 0, translation: 4 })] } : {}),
    onEpoch: ({ epoch, loss, accuracy, validation, trainingSeconds }) =>
      console.log(
        `seed ${seed} epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, test ${percent([validation!.accuracy])} %, ${trainingSeconds.toFixed(1)} s`,
      ),
  });
  accuracies.push((await evaluate(net, data.test, { device })).accuracy);
}
console.log(`\ntest accuracy (${data.train.name}, ${seeds.length} seeds): ${percent(accuracies)} %`);
