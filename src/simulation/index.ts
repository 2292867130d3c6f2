export { type BalancedNetwork, type BalancedNetworkOptions, balancedNetwork } from "./balanced-network.js";
export type { RateMonitor, RateMonitorOptions } from "./monitors/rate.js";
export type { RowSink } from "./monitors/rows.js";
export type { SpikeMonitor, SpikeMonitorOptions } from "./monitors/spikes.js";
export type { StateMonitor, StateMonitorOptions } from "./monitors/state.js";
export type { SynapseMonitor, SynapseMonitorOptions, SynapseName } from "./monitors/synapses.js";
export type { Input } from "./network/input.js";
export type { SourceOptions } from "./network/network.js";
export type { Pattern } from "./network/patterns.js";
export type { PlasticProjection, PlasticProjectionOptions } from "./network/plastic-projection.js";
export type { Population } from "./network/population.js";
export type { Projection, ProjectionOptions } from "./network/projection.js";
export {
  type PopulationOptions,
  type Progress,
  type RunOptions,
  type RunReport,
  type Simulation,
  type SimulationOptions,
  simulation,
} from "./simulation.js";
export { binnedRate, intervalCv, intervals, meanIntervalCv } from "./statistics.js";
export { type Given, type Normal, normal, type Uniform, uniform, type Values } from "./values.js";
