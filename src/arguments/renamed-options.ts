/** Options of public functions that had another name in version 0.1.0: the old name, and the one it has now. */
export const RENAMED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ["rule", "optimizer"],
  ["optimiser", "optimizer"],
  ["batch", "batchSize"],
  ["clip", "maxGradNorm"],
  ["truncate", "truncationSteps"],
  ["redraw", "resampleEachEpoch"],
  ["earlyStopping", "patience"],
  ["snapshots", "onSnapshot"],
  ["train", "trainable"],
  ["initialise", "initializer"],
  ["units", "indices"],
  ["to", "recordTo"],
  ["perUnit", "perNeuron"],
  ["travel", "pathLength"],
]);
