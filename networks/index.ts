export { type DenseLayer, type DenseOptions, dense, type Trainability } from "./dense.js";
export { glorotUniform, heUniform, type Initializer } from "./initializer.js";
export { type Network, type NetworkOptions, network, type Parameter } from "./network.js";
export { lastOutput, lastState, type Readout, spikeCount, spikeRate } from "./readout.js";
