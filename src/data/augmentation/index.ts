export {
  type AffineAugmentation,
  type Augmentation,
  affine,
  type ElasticAugmentation,
  elastic,
} from "./augmentation.js";
export { type Deformation, Deformer } from "./deformer.js";
export { WorkerDeformer } from "./worker-deformer.js";
