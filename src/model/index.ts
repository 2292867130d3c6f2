export { buildModel } from "./build-model.js";
export { describeModel } from "./describe-model.js";
export type { ModelDescription } from "./description.js";
export { checkWeightShapes, loadWeights, openModel, savedDefinitions, saveModel } from "./file.js";
export { changedDefinitions, fingerprints } from "./fingerprint.js";
