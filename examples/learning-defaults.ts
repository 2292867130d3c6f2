// Networks with nothing set but inputs, steps and layers, trained with nothing set but data, epochs and a rule: every neuron, depth
// and width of docs/defaults.md, then every optimizer on the first of them. `--grid --train 10000 --test 2000 --seeds 3` is what
// that page reports; with --data fashion-mnist the same on clothes.
import {
  adam,
  bioAdam,
  dense,
  lif,
  momentum,
  type NeuronDefinition,
  nesterov,
  network,
  type Optimizer,
  rate,
  rmsprop,
  sgd,
  snu,
  ssnu,
  train,
} from "spikevine";
import { percent, settings } from "./settings.js";

const { data, epochs, seeds, device, flags } = await settings({
  epochs: 3,
  seeds: 1,
  train: 2000,
  test: 1000,
  flags: { grid: "1 to 4 hidden layers of 64, 128, 256 and 512 units; default: 1 and 2 of 64" },
});
const [depths, widths] = flags.has("grid")
  ? [
      [1, 2, 3, 4],
      [64, 128, 256, 512],
    ]
  : [[1, 2], [64]];
const neurons: Record<string, () => NeuronDefinition> = { snu, lif, ssnu };
const optimizers: Record<string, () => Optimizer> = { sgd, momentum, nesterov, rmsprop, adam, bioAdam };

async function accuracies(neuron: NeuronDefinition, depth: number, width: number, optimizer: Optimizer) {
  const reached: number[] = [];
  for (const seed of seeds) {
    const hidden = Array.from({ length: depth }, () => dense(width, neuron));
    const layers = [...hidden, dense(data.train.classes, neuron)];
    const net = network({ inputs: data.train.pixels, encoder: rate(), steps: 20, layers, seed });
    const result = await train(net, { data: data.train, validation: data.test, epochs, optimizer, device });
    reached.push(result.epochs.at(-1)!.validation!.accuracy);
  }
  return percent(reached);
}

console.log(`${data.train.count} samples of ${data.train.name}, ${epochs} epochs, test %\n`);
console.log("| neuron | hidden layers | units | adam |\n|---|---|---|---|");
for (const [name, neuron] of Object.entries(neurons)) {
  for (const depth of depths!) {
    for (const width of widths!)
      console.log(`| ${name} | ${depth} | ${width} | ${await accuracies(neuron(), depth, width, adam())} |`);
  }
}
console.log(
  `\n| optimizer | ${Object.keys(neurons).join(" | ")} |\n|---|${"---|".repeat(Object.keys(neurons).length)}`,
);
for (const [name, optimizer] of Object.entries(optimizers)) {
  const row: string[] = [];
  for (const neuron of Object.values(neurons)) row.push(await accuracies(neuron(), 1, widths![0]!, optimizer()));
  console.log(`| ${name} | ${row.join(" | ")} |`);
}
