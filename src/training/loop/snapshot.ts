import type { TensorSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import type { EpochReport } from "../options.js";

/** Sums over the samples that an epoch has shown so far. */
export interface EpochSums {
  readonly samples: number;
  readonly loss: number;
  readonly correct: number;
  /** Time spent on them. */
  readonly seconds: number;
}

/** An epoch before its first batch. */
export const NO_SUMS: EpochSums = { samples: 0, loss: 0, correct: 0, seconds: 0 };

/** Where a training is, besides the tensors on the device. Random numbers are counters, so nothing else is left to know. */
export interface TrainingProgress {
  /** Updates made. */
  readonly updates: number;
  /** How far the forward weights of each layer were from its feedback weights at the start, where there are any. */
  readonly startDifferences: Readonly<Record<string, number>>;
  /** Whole epochs. */
  readonly reports: readonly EpochReport[];
  /** The epoch under way. */
  readonly sums: EpochSums;
}

/** A tensor `[rows, columns]` of the training program. */
export interface StateTensor extends TensorSpec {
  readonly data: Float32Array;
}

/** A point of training from which it goes on to the same bits as if it had never stopped. */
export interface TrainingSnapshot {
  readonly progress: TrainingProgress;
  /** Everything on the device that outlives an update: parameters, states of rules, factors, feedback weights. */
  readonly tensors: ReadonlyMap<string, StateTensor>;
}

/** A position in a training: updates made and whole epochs. */
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
  const found = tensor === undefined ? "is not in it" : `is [${tensor.rows}, ${tensor.columns}] in it`;
  throw new SpikevineError(
    `train: cannot go on from the snapshot: ${name} should be [${rows}, ${columns}] but ${found}; give the network and the rule that it was made of.`,
  );
}
