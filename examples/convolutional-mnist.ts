// Convolutional spiking networks on MNIST with surrogate gradients.
// - 12C5-MP2-64C5-MP2-10, the network of snnTorch's tutorial 6: maxima of currents, `leaky` units with beta 0.5 and reset by
//   subtraction, one epoch. The tutorial has 50 steps, a fast sigmoid with slope 25, Adam at 0.01 and batch 128, and prints
//   95.70 % on a batch at iteration 150 of 468; here 25 steps, arctan, Adam from 0.005 along half a cosine, and batch 32.
// - `--averages`: 15C5-P2-40C5-P2-300-10, the network of Zhang and Li (NeurIPS 2020) and Yang et al. (ICML 2021), who report
//   99.69 % for the best of 200 epochs with augmentation and their own gradients; here 5 steps, `leaky` units with beta 0.8.
// - `--soft-units`: soft SNUs on rate-coded pixels. Wozniak et al. (2020) report 99.21 ± 0.07 % for 30 steps in training and
//   300 in testing, and 99.53 ± 0.03 % with elastic deformations (`--deform`), with a network whose layers they do not
//   give: 12C5-MP2-32C5-MP2-10 is ours.
// - `--csnn --data fashion-mnist`: SpikingJelly's network for Fashion-MNIST, which reaches 93.3 % at its best of 64 epochs.
//   Here it has 32 channels; `--csnn-wide` has 128, as theirs.
import { elasticTransform, evaluate, randomAffine, train } from "spikevine";
import { averages, csnn, softUnits, tutorial } from "./convolutional-protocols.js";
import { percent, settings } from "./settings.js";

const { data, epochs, seeds, device, flags } = await settings({
  epochs: 1,
  seeds: 1,
  flags: {
    averages: "15C5-P2-40C5-P2-300-10 instead of 12C5-MP2-64C5-MP2-10",
    "soft-units": "a network of soft SNUs, tested at 300 steps, too",
    csnn: "SpikingJelly's network for Fashion-MNIST, with 32 channels",
    "csnn-wide": "the same with 128 channels",
    deform: "deform the images elastically",
  },
});
const protocols = { averages, "soft-units": softUnits, csnn: csnn(32), "csnn-wide": csnn(128) };
const [chosen, other] = Object.entries(protocols).filter(([flag]) => flags.has(flag));
if (chosen !== undefined && other !== undefined) {
  console.error(`--${chosen[0]} and --${other[0]} are two networks; give one of them.`);
  process.exit(2);
}
const { build, training, longTest } = chosen?.[1] ?? tutorial;
const deformation = [
  randomAffine({ rotation: 10, translation: 2, shear: 0.15, scale: 0.15 }),
  elasticTransform({ alpha: 34, sigma: 6 }),
];
const accuracies: number[] = [];
for (const seed of seeds) {
  const net = build(seed);
  await train(net, {
    data: data.train,
    epochs,
    ...training,
    device,
    ...(flags.has("deform") ? { augment: deformation } : {}),
    onEpoch: ({ epoch, loss, accuracy, trainingSeconds }) =>
      console.log(
        `seed ${seed} epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, ${trainingSeconds.toFixed(1)} s`,
      ),
  });
  accuracies.push((await evaluate(net, data.test, { device })).accuracy);
  console.log(`seed ${seed}: test ${percent(accuracies.slice(-1))} % after ${epochs} epochs`);
  if (longTest === undefined) continue;
  const { accuracy } = await evaluate(net, data.test, { device, steps: longTest });
  console.log(`seed ${seed}: test ${percent([accuracy])} % at ${longTest} steps`);
}
console.log(`\ntest accuracy (${data.train.name}, ${seeds.length} seeds): ${percent(accuracies)} %`);
