export { defaultLoss } from "./default-loss.js";
export { EvaluationLoss } from "./evaluation-loss.js";
export { type NetworkLoss, networkLoss } from "./network-loss.js";
export { LOSS, type LossOption, termsOf } from "./option.js";
export { type Reduction, rowsOfTargets } from "./placed-terms.js";
export { addedTerms, dividedValues, namedValues, type TermValues, termsField } from "./term-values.js";
