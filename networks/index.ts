export { type DenseLayer, type DenseOptions, dense, type Training } from "./dense.js";
export { glorotUniform, heUniform, type Initialiser } from "./initialise.js";
export { type Network, type NetworkOptions, network, type Parameter } from "./network.js";
export { lastOutput, lastState, type Readout, spikeCount, spikeRate } from "./readout.js";
