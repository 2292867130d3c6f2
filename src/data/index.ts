export {
  type AffineAugmentation,
  type Augmentation,
  type AugmentationConfig,
  Augmenter,
  type ElasticAugmentation,
  elasticTransform,
  randomAffine,
} from "./augmentation/index.js";
export type { ArchiveEntry, CatalogueEntry, CatalogueFile, MnistName } from "./catalogue.js";
export { type Cifar10Options, loadCifar10, parseCifar10 } from "./cifar10.js";
export { type Dataset, dataset, type ImageDataset } from "./dataset.js";
export { describeDataset } from "./describe.js";
export { makeDigits } from "./digits.js";
export type { DownloadOptions, DownloadProgress } from "./download-options.js";
export { parseAedat } from "./events/aedat.js";
export type { Sensor } from "./events/changes.js";
export { type EventFileOptions, readEventFiles, streamEventFiles } from "./events/event-files.js";
export {
  decimateEvents,
  denoise,
  dropEvents,
  dropPixels,
  refractoryPeriod,
} from "./events/filters.js";
export { type EventFrames, eventFrames, type FrameOptions } from "./events/frames.js";
export { parseNpyEvents } from "./events/npy-events.js";
export {
  centerCrop,
  downsampleEvents,
  flipLeftRight,
  flipPolarity,
  flipUpDown,
  mergePolarities,
  randomCrop,
  spatialJitter,
} from "./events/space.js";
export { parseSpikingHeidelberg, type SpikingHeidelbergOptions } from "./events/spiking-heidelberg.js";
export { alignTime, cropTime, timeJitter, timeSkew } from "./events/time.js";
export { type FormatOptions, type ParseOptions, parseDataset } from "./formats/parse-dataset.js";
export { type IdxArray, parseIdx, serializeIdx } from "./idx.js";
export { readIdx, readImages, readImagesAndLabels, readLabels, streamImagesAndLabels, writeIdx } from "./idx-file.js";
export { loadMnist, type MnistOptions } from "./mnist.js";
export { type NmnistOptions, parseNmnist, readNmnist, streamNmnist } from "./nmnist.js";
export { normalize } from "./normalize.js";
export { permutePixels, pixelSwaps } from "./pixel-swaps.js";
export { readDataset } from "./read-dataset.js";
export { balanceClasses, selectClasses, selectSamples, shuffleSamples, splitSamples } from "./selection.js";
export { type Binning, eventDataset } from "./series/event-dataset.js";
export type { Events } from "./series/events.js";
export type { EventSeries, Series, SeriesForm, SpikeSeries, ValueSeries } from "./series/series.js";
export { seriesDataset } from "./series/series-dataset.js";
export { spikeDataset } from "./series/spike-dataset.js";
export { type DataOptions, datasetNames, loadDataset, type Splits } from "./sources.js";
export { type StreamedDataset, streamedDataset } from "./streamed/streamed-dataset.js";
export { subset } from "./subset.js";
