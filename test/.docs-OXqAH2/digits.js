// digits.ts
import { adam, averagePool, convolution, dense, evaluate, makeDigits, maxPool, network, rate, snu, train } from "spikevine";
const { train: data, test } = makeDigits({ train: 200, test: 50 });
const net = network({
    inputs: [1, 28, 28],
    encoder: rate(),
    steps: 5,
    layers: [convolution(6, 5), maxPool(2), snu(), convolution(8, 5, snu()), averagePool(2), dense(10, snu())],
});
await train(net, { data, epochs: 1, optimizer: adam() });
console.log((await evaluate(net, test)).accuracy);
