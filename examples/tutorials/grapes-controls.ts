import { writeFile } from "node:fs/promises";
import { dense, grapes, makeDigits, network, type Optimizer, rate, sgd, snu, train } from "spikevine";
import { linePlot } from "spikevine/plots";

const { train: data, test } = makeDigits({ train: 2000, test: 1000 });
const learningRate = 0.05;
const methods: [string, Optimizer][] = [
  ["SGD", sgd({ learningRate })],
  ["SGD, rate x 1.8", sgd({ learningRate: 1.8 * learningRate })],
  ["GRAPES", [grapes(), sgd({ learningRate })]],
  ["uniform", [grapes({ control: "uniform" }), sgd({ learningRate })]],
  ["shuffled", [grapes({ control: "shuffled" }), sgd({ learningRate })]],
];

const seeds = [1, 2, 3, 4, 5];
const epochs = [1, 2, 3, 4];
const lines = [];
console.log("method           accuracy after epoch 1   after epoch 4");
for (const [name, optimizer] of methods) {
  const curves: number[][] = [];
  for (const seed of seeds) {
    const layers = [dense(64, snu()), dense(64, snu()), dense(10, snu())];
    const net = network({ inputs: 784, encoder: rate(), steps: 10, layers, seed });
    const curve: number[] = [];
    const onEpoch = ({ validation }: { validation?: { accuracy: number } }) =>
      void curve.push(100 * validation!.accuracy);
    await train(net, { data, validation: test, epochs: epochs.length, optimizer, onEpoch });
    curves.push(curve);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = (epoch: number) => curves.map((curve) => curve[epoch]!);
  const spread = (values: number[]) =>
    Math.sqrt(mean(values.map((x) => (x - mean(values)) ** 2)) * (seeds.length / (seeds.length - 1)));
  const cell = (values: number[]) => `${mean(values).toFixed(1)} ± ${spread(values).toFixed(1)} %`;
  console.log(name.padEnd(17) + cell(at(0)).padEnd(25) + cell(at(3)));
  lines.push({ name, x: epochs, y: epochs.map((_, epoch) => mean(at(epoch))), dashed: name.startsWith("SGD") });
}

const panel = { title: "Test accuracy (%)", xLabel: "epoch", lines };
await writeFile("grapes-controls.svg", linePlot({ title: "GRAPES and its controls", panels: [panel] }));
