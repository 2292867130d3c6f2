export { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.js";
export { type Credit, feedbackWeights } from "./credit/credit-assignment.js";
export { type WeightAlignment, weightAlignment } from "./credit/weight-alignment.js";
export { type EvaluationOptions, type EvaluationResult, evaluate } from "./evaluate.js";
export { type ActivityOptions, diagnoseActivity, type LayerActivity, measureActivity } from "./firing-activity.js";
export { type GradientOptions, type Gradients, gradients } from "./gradients.js";
export type { Hardware } from "./hardware/options.js";
export type { BatchReport, EpochReport } from "./loop/reports.js";
export { constantSchedule, cosineDecay, linearWarmup, type Schedule, stepDecay } from "./loop/schedules.js";
export type {
  EpochSums,
  SnapshotSink,
  StateTensor,
  TrainingPosition,
  TrainingProgress,
  TrainingSnapshot,
} from "./loop/snapshot.js";
export type { LossOption, Reduction, TermValues } from "./losses/index.js";
export type { FactorStatistics } from "./modulation/factor-statistics.js";
export {
  type NeighborhoodAggregation,
  type NeighborhoodOptions,
  neighborhoodAggregation,
} from "./neighborhood/neighborhood-aggregation.js";
export type { TrainingOptions, TrainingResult } from "./options.js";
export { type EvaluatedPredictions, type Predictions, predict } from "./predict.js";
export { type LayerRecording, type Recording, type RecordOptions, record } from "./record-activity.js";
export { type NetworkStream, openStream, type StepResult, type StreamOptions } from "./stream.js";
export { train } from "./train.js";
export { diagnoseProgress, type EpochFigures } from "./training-progress.js";
