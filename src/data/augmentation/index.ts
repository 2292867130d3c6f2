export {
  type AffineAugmentation,
  type Augmentation,
  type ElasticAugmentation,
  elasticTransform,
  randomAffine,
} from "./augmentation.js";
export { type AugmentationConfig, Augmenter } from "./augmenter.js";
export { WorkerDeformer } from "./worker-augmenter.js";
