// augmented.ts
import { dense, elasticTransform, makeDigits, network, randomAffine, rate, sgd, snu, train } from "spikevine";
const data = makeDigits({ train: 500, test: 100 });
const layers = [64, 10].map((units) => dense(units, snu()));
const net = network({ inputs: 784, encoder: rate(), steps: 10, layers });
const { final } = await train(net, {
    data: data.train,
    validation: data.test,
    epochs: 2,
    optimizer: sgd({ learningRate: 0.5 }),
    augment: [randomAffine({ rotation: 15, scale: 0.15 }), elasticTransform({ sigma: 4, alpha: 34 })],
});
console.log("test accuracy", final?.validation?.accuracy);
