import type { TensorSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import type { TermValues } from "../losses/index.js";
import type { EpochReport } from "./reports.js";

/** Sums over the samples that an epoch has shown so far. */
export interface EpochSums {
  readonly samples: number;
  readonly loss: number;
  /** The terms of a loss of several terms. */
  readonly terms: TermValues;
  readonly correct: number;
  /** Time spent on these samples, seconds. */
  readonly seconds: number;
}

/** An epoch before its first batch. */
export const NO_SUMS: EpochSums = { samples: 0, loss: 0, terms: {}, correct: 0, seconds: 0 };

/** Fingerprints of the data of a training. */
export interface DataFingerprints {
  readonly train: string;
  readonly validation?: string;
}

/**
 * Progress of a training, besides the tensors on the device. Random numbers are counters, so there is no other state.
 */
export interface TrainingProgress {
  /** Updates made. */
  readonly updates: number;
  /** Initial distance between the forward and feedback weights of each layer that has feedback weights. */
  readonly startDifferences: Readonly<Record<string, number>>;
  /** Completed epochs. */
  readonly reports: readonly EpochReport[];
  /** The current epoch. */
  readonly sums: EpochSums;
  /** Data of the training. Other data are refused on resume; without this field, any data are accepted. */
  readonly data?: DataFingerprints;
}

/** A tensor `[rows, columns]` of the training program. */
export interface StateTensor extends TensorSpec {
  readonly data: Float32Array;
}

/** A point of training. Training that resumes from it is bit-identical to training that never stopped. */
export interface TrainingSnapshot {
  readonly progress: TrainingProgress;
  /** All tensors on the device that outlive an update: parameters, states of optimizers, factors, feedback weights. */
  readonly tensors: ReadonlyMap<string, StateTensor>;
}

/** A position in a training: updates made and completed epochs. */
export interface TrainingPosition {
  readonly updates: number;
  readonly epochs: number;
}

/** Receives snapshots. */
export type SnapshotSink = (snapshot: TrainingSnapshot) => void | Promise<void>;

/**
 * The values of one tensor of a snapshot.
 * @throws SpikevineError if it is missing or has another shape.
 */
export function stateOf({ tensors }: TrainingSnapshot, name: string, { rows, columns }: TensorSpec): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.rows === rows && tensor.columns === columns && tensor.data.length === rows * columns) return tensor.data;
  const found = tensor === undefined ? "is missing" : `is [${tensor.rows}, ${tensor.columns}] there`;
  throw new SpikevineError(
    `train: cannot resume from the snapshot: ${name} should be [${rows}, ${columns}] but ${found}; give the network and the optimizer that the snapshot was made with.`,
  );
}
