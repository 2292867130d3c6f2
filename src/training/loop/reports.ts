import type { WeightAlignment } from "../credit/weight-alignment.js";
import type { EvaluationResult } from "../evaluate.js";
import type { TermValues } from "../losses/index.js";
import type { FactorStatistics } from "../modulation/factor-statistics.js";

/** Figures after a batch. */
export interface BatchReport {
  /** Counts from 1. */
  readonly epoch: number;
  /** Counts from 1. */
  readonly batch: number;
  readonly batches: number;
  /** Mean over the epoch so far, regularization and penalties included. */
  readonly loss: number;
  /** The terms of the loss by name, each times its weight: they add up to it. Left out for a loss of one term. */
  readonly terms?: TermValues;
  /** NaN for targets without labels. */
  readonly accuracy: number;
  /** Training samples per second over the epoch so far. */
  readonly samplesPerSecond: number;
}

/** Figures of an epoch. */
export interface EpochReport {
  /** Counts from 1. */
  readonly epoch: number;
  /** Mean over the samples, regularization and penalties included. */
  readonly loss: number;
  /** The terms of the loss by name, each times its weight: they add up to it. Left out for a loss of one term. */
  readonly terms?: TermValues;
  /** NaN for targets without labels. */
  readonly accuracy: number;
  readonly validation?: EvaluationResult;
  /** Seconds of training and of validation. */
  readonly trainingSeconds: number;
  readonly validationSeconds: number;
  /** Statistics of the modulation factors of each layer after the epoch's last update, if the optimizer modulates. */
  readonly modulation?: Readonly<Record<string, FactorStatistics>>;
  /**
   * Alignment of forward and feedback weights of each layer, if errors propagate through feedback weights of their
   * shape.
   */
  readonly symmetry?: Readonly<Record<string, WeightAlignment>>;
}
