// delta.ts
import { delta, dense, network, record, seriesDataset, snu } from "spikevine";
const values = Float32Array.of(1, 2, 0, 2, 2.9);
const data = seriesDataset({ values, inputs: 1, labels: [0] });
const net = (encoder) => network({ inputs: 1, encoder, steps: 5, layers: [dense(2, snu())] });
const { input } = await record(net(delta({ threshold: 1 })), data);
console.log(input.join(" ")); // 1 1 0 1 0
const both = await record(net(delta({ threshold: 1, offSpikes: true })), data);
console.log(both.input.join(" ")); // 1 1 -1 1 0
