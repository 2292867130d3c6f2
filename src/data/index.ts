export {
  type AffineAugmentation,
  type Augmentation,
  affine,
  type Deformation,
  Deformer,
  type ElasticAugmentation,
  elastic,
} from "./augmentation/index.js";
export { CATALOGUE, type CatalogueEntry, type CatalogueFile, type MnistName } from "./catalogue.js";
export { type Dataset, dataset } from "./dataset.js";
export { makeDigits } from "./digits.js";
export type { DownloadOptions, DownloadProgress } from "./download.js";
export { exchangedOrder, reorderPixels } from "./exchanged-pixels.js";
export { encodeIdx, type IdxArray, parseIdx } from "./idx.js";
export { readIdx, readImages, readLabels, readPair, writeIdx } from "./idx-file.js";
export { loadMnist, type MnistOptions } from "./mnist.js";
export { DATASETS, type DataOptions, loadDataset, type Splits } from "./sources.js";
export { subset } from "./subset.js";
