import type { TrainingOptions } from "../training/index.js";
import { buildAugmentation, buildSchedule } from "./build.js";
import { buildLoss } from "./build-loss.js";
import { arraySettings, buildHardware, buildRule } from "./build-rule.js";
import type { ExperimentData } from "./load-data.js";
import type { Experiment } from "./schema.js";

/** Options of `train` for an experiment. Every epoch is measured on the validation samples if there are any, else on the test set. */
export function trainingOptions(settings: Experiment, data: ExperimentData): TrainingOptions {
  const { training } = settings;
  return {
    data: data.train,
    validation: data.validation ?? data.test,
    augment: buildAugmentation(settings),
    epochs: training.epochs,
    batchSize: training.batchSize,
    loss: buildLoss(training.loss),
    reduction: training.reduction,
    optimizer: buildRule(settings),
    ...arraySettings(training),
    keepBest: training.keepBest,
    credit: training.credit,
    hardware: buildHardware(settings),
    schedule: buildSchedule(settings),
    onZeroGradient: training.zeroGradient,
    ...(training.maxGradNorm === null ? {} : { maxGradNorm: training.maxGradNorm }),
    ...(training.truncationSteps === null ? {} : { truncationSteps: training.truncationSteps }),
    ...(training.patience === null ? {} : { patience: training.patience }),
    seed: settings.seed,
  };
}
