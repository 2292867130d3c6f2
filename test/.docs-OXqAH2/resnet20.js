// resnet20.ts
import { averagePool, batchNorm, constantCurrent, convolution, dense, foldNormalization, heUniform, lastOutput, network, relu, residual, } from "spikevine";
const initializer = heUniform;
const map = (channels, stride = 1) => [
    convolution(channels, 3, { stride, padding: 1, initializer }),
    batchNorm(),
];
const block = (channels, stride) => [
    residual([...map(channels, stride), relu(), ...map(channels)], stride === 1 ? [] : [convolution(channels, 1, { stride, initializer }), batchNorm()]),
    relu(),
];
const group = (channels, stride) => [stride, 1, 1].flatMap((one) => block(channels, one));
const net = network({
    inputs: [3, 32, 32],
    encoder: constantCurrent(),
    steps: 1,
    readout: lastOutput(),
    layers: [
        ...map(16),
        relu(),
        ...group(16, 1),
        ...group(32, 2),
        ...group(64, 2),
        averagePool(8),
        dense(10, { bias: true }),
    ],
});
console.log(foldNormalization(net).nodes.length);
