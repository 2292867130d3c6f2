export * from "../encoders/index.js";
export * from "../losses/index.js";
export * from "../networks/index.js";
export * from "../neurons/index.js";
export * from "../plasticity/index.js";
export {
  type AffineAugmentation,
  type Augmentation,
  type ElasticAugmentation,
  elasticTransform,
  randomAffine,
} from "./data/augmentation/index.js";
export { type Dataset, dataset, type ImageDataset } from "./data/dataset.js";
export { makeDigits } from "./data/digits.js";
export { type Binning, eventDataset } from "./data/series/event-dataset.js";
export type { Events } from "./data/series/events.js";
export { seriesDataset } from "./data/series/series-dataset.js";
export { spikeDataset } from "./data/series/spike-dataset.js";
export { type StreamedDataset, streamedDataset } from "./data/streamed/streamed-dataset.js";
export { type DeviceReport, deviceNames, listDevices, type OpenedDevice, openDevice } from "./device/index.js";
export { DivergenceError, SpikevineError } from "./errors.js";
export { type SynapseRun, type SynapseRunOptions, simulateSynapses } from "./simulation/run-synapses.js";
export { type SynapseSweepOptions, type SynapseSweepPoint, sweepSynapses } from "./simulation/synapse-sweep.js";
export * from "./statistics/index.js";
export * from "./training/index.js";
