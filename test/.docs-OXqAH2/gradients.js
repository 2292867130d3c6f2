// gradients.ts
import { constantCurrent, dataset, dense, gradients, lastState, li, network, snu } from "spikevine";
const layers = [dense(8, snu()), dense(2, li(), { trainable: { rest: "unit" } })];
const net = network({ inputs: 4, encoder: constantCurrent(), steps: 10, layers, readout: lastState("v") });
const data = dataset({ images: Float32Array.from({ length: 12 }, (_, i) => i / 12), labels: [0, 1, 1] });
const { loss, gradients: byName } = await gradients(net, data, { loss: "cross-entropy", device: "simd" });
console.log(loss, byName.get("layer1.weights"), byName.get("layer2.rest"));
