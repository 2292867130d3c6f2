export { type FunctionTable, functionTable } from "../equations/definitions/function-table.js";
export { type TimedArray, timedArray } from "../equations/definitions/timed-array.js";
export { type BalancedNetwork, type BalancedNetworkOptions, balancedNetwork } from "./balanced-network.js";
export {
  type Distribution,
  type Exponential,
  exponential,
  type Gamma,
  gamma,
  type Lognormal,
  lognormal,
  type Normal,
  normal,
  type QuantityLike,
  type Uniform,
  uniform,
} from "./distributions.js";
export type { RateMonitor, RateMonitorOptions } from "./monitors/rate-monitor.js";
export type { RowWriter } from "./monitors/row-sink.js";
export type { SpikeMonitor, SpikeMonitorOptions } from "./monitors/spike-monitor.js";
export type { StateMonitor, StateMonitorOptions } from "./monitors/state-monitor.js";
export type { SynapseIndex, SynapseMonitor, SynapseMonitorOptions } from "./monitors/synapse-monitor.js";
export type { ConnectionPattern } from "./network/connection-patterns.js";
export type { ExternalInput } from "./network/external-input.js";
export type { Input } from "./network/inputs.js";
export type { ConnectionOptions, PlasticProjection, PlasticProjectionOptions } from "./network/plastic-projection.js";
export type { Population } from "./network/population.js";
export type { Projection, ProjectionOptions } from "./network/projection.js";
export type { SourceOptions } from "./network/source-builder.js";
export type { PopulationOptions, SimulationOptions } from "./options.js";
export type { Progress, RunOptions, RunReport } from "./running/run-loop.js";
export { type Simulation, simulation } from "./simulation.js";
export { binnedRate, isi, isiCv, meanIsiCv } from "./statistics.js";
export type { Numbers, ValueOrDistribution } from "./values.js";
