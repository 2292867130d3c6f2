// losses.ts
import { crossEntropy, dense, leaky, makeDigits, network, predict, rate, rateBounds, spikeCount, adam, train } from "spikevine";
const { train: data, test } = makeDigits({ train: 300, test: 20 });
const layers = [dense(32, leaky()), dense(50, leaky())];
const net = network({ inputs: 784, encoder: rate(), steps: 10, layers, readout: spikeCount({ classes: 10 }) });
await train(net, { data, epochs: 2, optimizer: adam(), loss: [crossEntropy(), rateBounds({ upper: 0.3 })] });
const { outputs, scores } = await predict(net, test);
console.log(`${outputs} scores per sample, the first ${scores[0]} spikes of 5 units`);
