export { type DenseLayer, type DenseOptions, dense } from "./dense.js";
export type { Parameter } from "./initial-parameters.js";
export { glorotUniform, heUniform, type Initializer } from "./initializer.js";
export { type Network, type NetworkOptions, network } from "./network.js";
export { lastOutput, lastState, type Readout, spikeCount, spikeRate } from "./readout.js";
export type { Trainability } from "./trainable.js";
