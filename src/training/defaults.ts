/** Defaults of a training, shared by the library's options and the fields of an experiment. */
export const TRAINING_DEFAULTS = {
  /** Samples per update. */
  batch: 32,
  reduction: "mean",
  credit: "backpropagation",
  onZeroGradient: "stop",
} as const;
