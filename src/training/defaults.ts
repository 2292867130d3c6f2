/** What a training does where nothing is said: the library's options and the fields of an experiment take it from here. */
export const TRAINING_DEFAULTS = {
  /** Samples per update. */
  batch: 32,
  loss: "cross-entropy",
  reduction: "mean",
  credit: "backpropagation",
  onZeroGradient: "stop",
} as const;
