// Neighborhood aggregation (Yang, Zhang and Li, ICML 2021) on MNIST with the network and the training of its authors:
// 15C5-P2-40C5-P2-300-10, 5 steps, a synaptic filter of 2 steps, a membrane of 5, sums of pooled spikes times 1.1, and half the
// squared distance between the filtered output and the filtered train of ones of the class. They report 99.69 % for the best of
// 200 epochs with augmentation; TSSL-BP, a sister method, 99.50 ± 0.02 % without.
//   --surrogate   arctan in place of neighborhood aggregation, everything else alike
//   --paper       the method of the paper in place of the authors' code
//   --augment     rotations of up to 15 degrees and shifts of up to 4 pixels, as the authors
// Dense weights are uniform here, with the deviation of the authors' normal ones.
import { adamW, evaluate, neighborhoodAggregation, randomAffine, train } from "spikevine";
import { authorsAggregation, authorsTraining, mnistNetwork } from "./neighborhood-network.js";
import { percent, settings } from "./settings.js";

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
const aggregation = flags.has("paper") ? neighborhoodAggregation() : authorsAggregation;

const accuracies: number[] = [];
for (const seed of seeds) {
  const net = mnistNetwork(seed);
  await train(net, {
    ...authorsTraining(adamW({ learningRate: 5e-4, weightDecay: 0.01 })),
    data: data.train,
    validation: data.test,
    epochs,
    batchSize: 64,
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
