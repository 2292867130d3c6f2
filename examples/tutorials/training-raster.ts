import { writeFile } from "node:fs/promises";
import { adam, dense, evaluate, makeDigits, network, rate, record, snu, train } from "spikevine";
import { rasterFromArray } from "spikevine/plots";

const { train: data, test } = makeDigits({ train: 2000, test: 500 });
const net = network({ inputs: 784, encoder: rate(), steps: 10, layers: [dense(64, snu()), dense(10, snu())], seed: 1 });
await train(net, { data, epochs: 3, optimizer: adam() });

for (const steps of [2, 5, 10, 50]) {
  const { accuracy } = await evaluate(net, test, { steps });
  console.log(`${steps} steps: ${(100 * accuracy).toFixed(1)} %`);
}

const pixels = (test.images as Uint8Array).subarray(0, 784);
const { layers } = await record(net, pixels, { steps: 50 });
const output = layers.at(-1)!.output;
const counts = Array.from({ length: 10 }, (_, digit) =>
  output.filter((_, i) => i % 10 === digit).reduce((a, b) => a + b, 0),
);
console.log(`a ${test.labels[0]}; spikes of the output units 0 to 9: ${counts.join(" ")}`);

const rows = layers.map(({ name, units, output }) => ({ name, units, spikes: output }));
await writeFile("training-raster.svg", rasterFromArray({ title: "One digit", steps: 50, layers: rows }));
