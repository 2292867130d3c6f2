export { buildModel } from "./build-model.js";
export { describeModel } from "./describe-model.js";
export type { ModelDescription } from "./description.js";
export { checkWeightShapes, definitionHashes, loadModel, loadWeights, saveModel, serializeModel } from "./file.js";
export { diffDefinitions, fingerprints } from "./fingerprint.js";
