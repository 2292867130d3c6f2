import type { TrainingOptions } from "../training/index.js";
import { buildAugmentation, buildSchedule } from "./build.js";
import { buildHardware, buildRule } from "./build-rule.js";
import type { ExperimentData } from "./load-data.js";
import type { Experiment } from "./schema.js";

/** What an experiment says to `train`; every epoch is measured on the samples that are held out, else on the test set. */
export function trainingOptions(settings: Experiment, data: ExperimentData): TrainingOptions {
  const { training } = settings;
  return {
    data: data.train,
    validation: data.validation ?? data.test,
    augment: buildAugmentation(settings),
    epochs: training.epochs,
    batch: training.batch,
    loss: training.loss,
    reduction: training.reduction,
    rule: buildRule(settings),
    credit: training.credit,
    hardware: buildHardware(settings),
    schedule: buildSchedule(settings),
    onZeroGradient: training.zeroGradient,
    ...(training.clip === null ? {} : { clip: training.clip }),
    ...(training.truncate === null ? {} : { truncate: training.truncate }),
    ...(training.earlyStopping === null ? {} : { patience: training.earlyStopping }),
    seed: settings.seed,
  };
}
