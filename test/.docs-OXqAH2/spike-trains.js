// spike-trains.ts
import { adam, dense, direct, evaluate, network, snu, spikeDataset, train } from "spikevine";
// 60 samples of 20 steps with 30 inputs. In class 0 the first 15 inputs fire more often, in class 1 the others.
const [count, steps, inputs] = [60, 20, 30];
const spikes = new Uint8Array(count * steps * inputs);
for (let i = 0; i < spikes.length; i++) {
    const sample = Math.floor(i / (steps * inputs));
    const isFirst = i % inputs < inputs / 2;
    spikes[i] = Math.random() < (isFirst === (sample % 2 === 0) ? 0.3 : 0.1) ? 1 : 0;
}
const labels = Array.from({ length: count }, (_, sample) => sample % 2);
const data = spikeDataset({ spikes, inputs, labels });
const net = network({ inputs, encoder: direct(), steps, layers: [dense(32, snu()), dense(2, snu())], data });
await train(net, { data, epochs: 10, optimizer: adam() });
console.log("accuracy", (await evaluate(net, data)).accuracy);
