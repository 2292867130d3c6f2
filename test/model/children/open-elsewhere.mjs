// Opens a model that this process did not build, and says what it does to one image.
import { record } from "spikevine";
import { loadModel } from "spikevine/models";

const network = await loadModel(process.argv[2]);
const image = Float32Array.from({ length: network.inputs }, (_, i) => (i % 5) / 5);
const { readout, layers } = await record(network, image, { device: "reference", steps: 7 });
console.log(JSON.stringify({ readout: [...readout], fired: layers.map(({ output }) => [...output]) }));
