import { SpikevineError } from "../errors.js";
import { neighborhoodAggregation, type TrainingOptions } from "../training/index.js";
import { buildAugmentation, buildSchedule } from "./build.js";
import { lossOption } from "./build-loss.js";
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
    ...(training.microBatchSize === null ? {} : { microBatchSize: training.microBatchSize }),
    ...lossOption(settings),
    reduction: training.reduction,
    optimizer: buildRule(settings),
    ...arraySettings(training),
    keepBest: training.keepBest,
    credit: training.credit,
    ...spikeGradient(training),
    hardware: buildHardware(settings),
    schedule: buildSchedule(settings),
    onZeroGradient: training.zeroGradient,
    ...(training.maxGradNorm === null ? {} : { maxGradNorm: training.maxGradNorm }),
    ...(training.weightLimit === null ? {} : { weightLimit: training.weightLimit }),
    ...(training.truncationSteps === null ? {} : { truncationSteps: training.truncationSteps }),
    ...(training.patience === null ? {} : { patience: training.patience }),
    seed: settings.seed,
  };
}

function spikeGradient(training: Experiment["training"]): Pick<TrainingOptions, "spikeGradient"> {
  const { neighborPower: power, neighborLargest: largest, neighborSmoothing: smoothing, neighborRescaled } = training;
  const aggregation = neighborhoodAggregation({ power, largest, smoothing, rescaled: neighborRescaled });
  if (training.spikeGradient === "neighborhood-aggregation") return { spikeGradient: aggregation };
  const defaults = neighborhoodAggregation();
  if (Object.entries(aggregation).some(([name, value]) => value !== defaults[name as keyof typeof defaults])) {
    throw new SpikevineError(
      'training: spikeGradient is "surrogate", but options of neighborhood aggregation are set; leave them out, or give "neighborhood-aggregation".',
    );
  }
  return {};
}
