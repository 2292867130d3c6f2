// short-form.ts
import { dense, lif, network, rate, shortForm } from "spikevine";
const neuron = lif();
const net = network({
    inputs: [1, 28, 28],
    encoder: rate(),
    steps: 5,
    layers: [...shortForm("15C5-AP2-40C5-AP2-300", neuron), dense(10, neuron)],
});
console.log([...net.parameters.keys()].join(" "));
