// training.ts
import { adamW, dense, evaluate, makeDigits, network, rate, snu, train } from "spikevine";
const { train: data, test: validation } = makeDigits({ train: 300, test: 100 });
const layers = [dense(32, snu()), dense(10, snu(), { bias: true })];
const net = network({ inputs: data.pixels, encoder: rate(), steps: 10, layers });
const { best } = await train(net, {
    data,
    validation,
    epochs: 3,
    optimizer: adamW({ learningRate: 2e-3, weightDecay: 0.01 }),
    frozen: ["layer1.threshold"],
    learningRates: { layer1: 1e-3, bias: 1e-2 },
    weightDecays: { layer2: 0 },
    keepBest: true,
});
const { accuracy } = await evaluate(net, validation);
console.log(`epoch ${best.epoch}: ${best.validation.accuracy}, given back: ${accuracy}`);
