import { writeFile } from "node:fs/promises";
import { adam, dense, evaluate, makeDigits, network, rate, snu, train } from "spikevine";
import { learningCurves } from "spikevine/plots";

const { train: data, test } = makeDigits({ train: 2000, test: 500 });
const net = network({
  inputs: 784,
  encoder: rate(),
  steps: 10,
  layers: [dense(64, snu()), dense(10, snu())],
  seed: 1,
});
const untrained = await evaluate(net, test);

const epochs: number[] = [];
const losses: number[] = [];
const accuracies: number[] = [];
await train(net, {
  data,
  validation: test,
  epochs: 5,
  optimizer: adam(),
  onEpoch: ({ epoch, loss, validation }) => {
    epochs.push(epoch);
    losses.push(loss);
    accuracies.push(validation!.accuracy);
    console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, test accuracy ${(100 * validation!.accuracy).toFixed(1)} %`);
  },
});
console.log(`before training: ${(100 * untrained.accuracy).toFixed(1)} %`);

const curves = [
  { name: "training", epochs, loss: losses },
  { name: "test", epochs, accuracy: accuracies },
];
await writeFile("training-digits.svg", learningCurves({ title: "784-64-10 on synthetic digits", curves }));
