/** A field of an experiment that had another name in version 0.1.0. */
export interface RenamedField {
  /** Path in an experiment file. */
  readonly from: string;
  readonly to: string;
  /** Name on the command line, without dashes. */
  readonly flag: string;
  readonly newFlag: string;
}

const renamed = (from: string, flag: string, to: string, newFlag: string): RenamedField => ({
  from,
  flag,
  to,
  newFlag,
});

export const RENAMED_FIELDS: readonly RenamedField[] = [
  renamed("training.batch", "batch", "training.batchSize", "batch-size"),
  renamed("training.optimiser", "optimiser", "training.optimizer", "optimizer"),
  renamed("training.clip", "clip", "training.maxGradNorm", "max-grad-norm"),
  renamed("training.truncate", "truncate", "training.truncationSteps", "truncation-steps"),
  renamed("training.earlyStopping", "early-stopping", "training.patience", "patience"),
  renamed("network.initialise", "initialise", "network.initializer", "initializer"),
  renamed("network.trainThreshold", "train-threshold", "network.trainableThreshold", "trainable-threshold"),
];
