export {
  type AffineAugmentation,
  type Augmentation,
  type ElasticAugmentation,
  elasticTransform,
  randomAffine,
} from "./augmentation.js";
export { type AugmentationConfig, Augmenter } from "./augmenter.js";
export { WorkerAugmenter } from "./worker-augmenter.js";
