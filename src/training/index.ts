export { type ActivityOptions, activityProblem, type LayerActivity, measureActivity } from "./activity.js";
export { type EvaluationOptions, type EvaluationResult, evaluate } from "./evaluate.js";
export type { FactorStatistics } from "./factor-statistics.js";
export { type Credit, feedbackWeights } from "./feedback.js";
export { type GradientOptions, type Gradients, gradients } from "./gradients.js";
export type { Hardware } from "./hardware/options.js";
export { lossByName, losses } from "./losses/index.js";
export type { BatchReport, EpochReport, TrainingOptions, TrainingResult } from "./options.js";
export { type LayerRecording, type Recording, type RecordOptions, record } from "./record.js";
export { constant, cosine, type Schedule, stepDecay, warmup } from "./schedules.js";
export type {
  EpochSums,
  SnapshotKeeper,
  StateTensor,
  TrainingProgress,
  TrainingSnapshot,
} from "./snapshot.js";
export { compareWeights, type Symmetry } from "./symmetry.js";
export { train } from "./train.js";
