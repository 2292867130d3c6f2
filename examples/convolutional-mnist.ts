// Two convolutional networks on MNIST with surrogate gradients and the same image at every step.
// - 12C5-MP2-64C5-MP2-10, the network of snnTorch's tutorial 6: maxima of currents, `leaky` units with beta 0.5 and reset by
//   subtraction, one epoch. The tutorial has 50 steps, a fast sigmoid with slope 25, Adam at 0.01 and batch 128, and prints
//   95.70 % on a batch at iteration 150 of 468; here 25 steps, arctan, Adam from 0.005 along half a cosine, and batch 32.
// - 15C5-P2-40C5-P2-300-10, the network of Zhang and Li (NeurIPS 2020) and Yang et al. (ICML 2021), who report 99.69 % for the
//   best of 200 epochs with augmentation and their own gradients; here 5 steps, `leaky` units with beta 0.8, 10 epochs, no
//   augmentation.
import {
  adam,
  constantCurrent,
  convolution,
  cosineDecay,
  dense,
  evaluate,
  type Layer,
  leaky,
  maxPool,
  network,
  neuronLayer,
  shortForm,
  type TrainingOptions,
  train,
} from "spikevine";
import { percent, settings } from "./settings.js";

interface Protocol {
  readonly layers: readonly Layer[];
  readonly steps: number;
  readonly training: Pick<TrainingOptions, "batchSize" | "optimizer" | "schedule">;
}

const leakyHalf = leaky({ beta: 0.5 });
const leakySlow = leaky({ beta: 0.8 });
const TUTORIAL: Protocol = {
  layers: [
    convolution(12, 5, { bias: true }),
    maxPool(2),
    neuronLayer(leakyHalf),
    convolution(64, 5, { bias: true }),
    maxPool(2),
    neuronLayer(leakyHalf),
    dense(10, leakyHalf, { bias: true }),
  ],
  steps: 25,
  training: { batchSize: 32, optimizer: adam({ learningRate: 0.005 }), schedule: cosineDecay() },
};
const AVERAGES: Protocol = {
  layers: [...shortForm("15C5-AP2-40C5-AP2-300", leakySlow), dense(10, leakySlow)],
  steps: 5,
  training: { batchSize: 64, optimizer: adam({ learningRate: 0.002 }), schedule: cosineDecay() },
};

const { data, epochs, seeds, device, flags } = await settings({
  epochs: 1,
  seeds: 1,
  flags: { averages: "15C5-P2-40C5-P2-300-10 instead of 12C5-MP2-64C5-MP2-10" },
});
const { layers, steps, training } = flags.has("averages") ? AVERAGES : TUTORIAL;
const accuracies: number[] = [];
for (const seed of seeds) {
  const net = network({ inputs: [1, 28, 28], encoder: constantCurrent(), steps, layers, seed });
  await train(net, {
    data: data.train,
    epochs,
    ...training,
    device,
    onEpoch: ({ epoch, loss, accuracy, trainingSeconds }) =>
      console.log(
        `seed ${seed} epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, ${trainingSeconds.toFixed(1)} s`,
      ),
  });
  accuracies.push((await evaluate(net, data.test, { device })).accuracy);
  console.log(`seed ${seed}: test ${percent(accuracies.slice(-1))} % after ${epochs} epochs`);
}
console.log(`\ntest accuracy (${data.train.name}, ${seeds.length} seeds): ${percent(accuracies)} %`);
