/** Settings of a training, as they stand in a link. */
export interface TrainSettings {
  /** `digits`: the built-in synthetic digits; `own`: the files that were dropped in. */
  readonly data: "digits" | "own";
  /** Number of built-in training samples. */
  readonly samples: number;
  /** Hidden layers in the short form, such as `128` or `12C5-AP2`. */
  readonly hidden: string;
  readonly neuron: string;
  readonly encoder: string;
  readonly optimizer: string;
  /** 0: the optimizer's default. */
  readonly learningRate: number;
  readonly grapes: "off" | "propagating" | "local";
  readonly steps: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly device: string;
  /** 0: one fewer than cores. */
  readonly threads: number;
}

export const TRAIN_DEFAULTS: TrainSettings = {
  data: "digits",
  samples: 5000,
  hidden: "128",
  neuron: "snu",
  encoder: "rate",
  optimizer: "adam",
  learningRate: 0,
  grapes: "off",
  steps: 20,
  epochs: 3,
  batchSize: 32,
  seed: 1,
  device: "auto",
  threads: 0,
};

/** Built-in test samples. */
export const TEST_SAMPLES = 1000;

export const TRAIN_LIMITS = {
  samples: { least: 100, most: 50000 },
  learningRate: { least: 0, most: 100 },
  steps: { least: 1, most: 200 },
  epochs: { least: 1, most: 1000 },
  batchSize: { least: 1, most: 4096 },
  seed: { least: 0, most: 2 ** 32 - 1 },
  threads: { least: 0, most: 64 },
};
