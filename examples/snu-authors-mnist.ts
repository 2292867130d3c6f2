// The example of the SNU's authors (Wozniak et al. 2020, public toolkit): 784-250-250-10 on rate-coded MNIST.
// 20 steps, P(spike) = 0.3 * pixel per step, leaky ReLU 0.1, decay 0.9, threshold trained from 1, Glorot weights,
// spike trains drawn once for all epochs, mean squared error of the mean output rate against one-hot, SGD 0.5, batch 15,
// 3 epochs. They report 94.84 % of one run, tested at 20 steps; a test at 300 steps (as in their paper) is shown too.
import { dense, evaluate, glorotUniform, network, rate, sgd, snu, spikeRate, train } from "spikevine";
import { percent, settings } from "./settings.js";

const PAPER = 94.84;
const { data, epochs, seeds, device } = await settings({ epochs: 3, seeds: 3 });
const at20: number[] = [];
const at300: number[] = [];
for (const seed of seeds) {
  const unit = snu({ decay: 0.9, threshold: 1, activation: "leakyRelu" });
  const net = network({
    inputs: data.train.pixels,
    encoder: rate({ maxRate: 0.3 }),
    steps: 20,
    layers: [250, 250, 10].map((units) => dense(units, unit, { initializer: glorotUniform })),
    readout: spikeRate(),
    seed,
  });
  await train(net, {
    data: data.train,
    epochs,
    batchSize: 15,
    loss: "mean-squared-error",
    reduction: "mean",
    optimizer: sgd({ learningRate: 0.5 }),
    resampleEachEpoch: false,
    device,
    onEpoch: ({ epoch, loss, accuracy, trainingSeconds }) =>
      console.log(
        `seed ${seed} epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, ${trainingSeconds.toFixed(1)} s`,
      ),
  });
  at20.push((await evaluate(net, data.test, { device })).accuracy);
  at300.push((await evaluate(net, data.test, { device, steps: 300 })).accuracy);
  console.log(`seed ${seed}: test ${percent(at20.slice(-1))} % at 20 steps, ${percent(at300.slice(-1))} % at 300`);
}
console.log(
  `\n| SNU 784-250-250-10, ${epochs} epochs, test % | paper | here (${data.train.name}, ${seeds.length} seeds) |`,
);
console.log(`|---|---|---|\n| 20 steps | ${PAPER} | ${percent(at20)} |\n| 300 steps | | ${percent(at300)} |`);
