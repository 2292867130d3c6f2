import { writeFile } from "node:fs/promises";
import { adam, bioAdam, dense, makeDigits, network, rate, sgd, snu, train } from "spikevine";
import { linePlot } from "spikevine/plots";

const { train: data, test } = makeDigits({ train: 2000, test: 1000 });
const optimizers = { sgd: sgd(), adam: adam(), "bio-adam": bioAdam({ learningRate: 3e-4 }) };
const lines = [];
for (const [name, optimizer] of Object.entries(optimizers)) {
  const net = network({
    inputs: 784,
    encoder: rate(),
    steps: 10,
    layers: [dense(64, snu()), dense(10, snu())],
    seed: 1,
  });
  const accuracies: number[] = [];
  await train(net, {
    data,
    validation: test,
    epochs: 5,
    optimizer,
    onEpoch: ({ validation }) => void accuracies.push(100 * validation!.accuracy),
  });
  console.log(`${name.padEnd(9)} ${accuracies.map((accuracy) => accuracy.toFixed(1)).join("  ")} %`);
  lines.push({ name, x: [1, 2, 3, 4, 5], y: accuracies });
}
const panel = { title: "Test accuracy (%)", xLabel: "epoch", lines };
await writeFile("bio-adam-training.svg", linePlot({ title: "Three optimizers", panels: [panel] }));
