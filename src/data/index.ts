export {
  type AffineAugmentation,
  type Augmentation,
  type AugmentationConfig,
  Augmenter,
  type ElasticAugmentation,
  elasticTransform,
  randomAffine,
} from "./augmentation/index.js";
export type { CatalogueEntry, CatalogueFile, MnistName } from "./catalogue.js";
export { type Dataset, dataset } from "./dataset.js";
export { makeDigits } from "./digits.js";
export type { DownloadOptions, DownloadProgress } from "./download-options.js";
export { type IdxArray, parseIdx, serializeIdx } from "./idx.js";
export { readIdx, readImages, readImagesAndLabels, readLabels, writeIdx } from "./idx-file.js";
export { loadMnist, type MnistOptions } from "./mnist.js";
export { permutePixels, pixelSwaps } from "./pixel-swaps.js";
export { type DataOptions, datasetNames, loadDataset, type Splits } from "./sources.js";
export { subset } from "./subset.js";
